"""Says which names of a filter that found nothing, of an order or a column no trial has ever had: most often one was
mistyped."""

from __future__ import annotations

from kleio.cli.guessing import nearest
from kleio.dataclass import replace
from kleio.trial.clauses import Empty, Not, leaves
from kleio.trial.facts import configuration_facts
from kleio.trial.fields import field_of
from kleio.trial.quoting import escaped
from kleio.trial.statement import parse, parse_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kleio.analysis.query import Trials
    from kleio.analysis.trial import Trial
    from kleio.trial.clauses import Field

NAMES_FROM = 200
"""The newest trials, whose names one of which may have been meant."""
WHAT = {"config": "option", "stats": "statistic"}


def filtered_by(where: str) -> Iterator[Field]:
    """The fields of a filter."""
    for leaf in leaves(parse(where)) if where else ():
        field = getattr(leaf, "field", None)
        if field is not None:
            yield field


def shown_by(sort: str | None, columns: Iterable[str]) -> Iterator[Field]:
    """The fields of an order, and those columns that are fields with a name of somebody's own."""
    if sort is not None:
        yield parse_order(sort).field
    for name in (one.strip().removeprefix("+") for one in columns):
        root, dot, _ = name.partition(".")
        if dot and root in WHAT:
            yield field_of(name, name, 0)


def unheard_of(trials: Trials, fields: Iterable[Field], project: str | None) -> Iterator[str]:
    """A remark for each option and statistic among the fields that no trial of the project has."""
    asked: dict[tuple[str, str], Field] = {}
    for field in fields:
        if field.root in WHAT:
            asked.setdefault((field.root, field.key), field)
    for field in asked.values():
        any_of_it = replace(field, aspect="count") if field.root == "stats" else field
        if next(trials.find(Not(Empty(any_of_it)), limit=1, project=project), None) is not None:
            continue
        if field.root == "stats" and any(trial.summary.get("more_names") for trial in _newest(trials, project)):
            yield f"filters know the first 500 statistics of a trial, and {escaped(field.key)} is not among them"
            continue
        names = _names(trials, field.root, project)
        if field.key in names:  # an option that is null wherever it is given
            continue
        close = nearest(field.key, names)
        meant = f", did you mean {field.root}.{escaped(close)}?" if close else ""
        yield f"none has the {WHAT[field.root]} {escaped(field.key)}{meant}"


def _newest(trials: Trials, project: str | None) -> Iterator[Trial]:
    return trials.find(limit=NAMES_FROM, project=project)


def _names(trials: Trials, root: str, project: str | None) -> list[str]:
    names: dict[str, None] = {}
    for trial in _newest(trials, project):
        if root == "stats":
            names.update(dict.fromkeys(trial.summary.get("statistics") or ()))
        else:
            names.update(dict.fromkeys(name for name, _ in configuration_facts(trial.configuration)))
            names.update(dict.fromkeys(trial.configuration))  # those that are null are no facts
    return list(names)
