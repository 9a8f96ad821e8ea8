"""Says why a filter may have found nothing, and which names of an order or a column no trial has ever had: most often
one was mistyped."""

from __future__ import annotations

from kleio.cli.guessing import nearest
from kleio.dataclass import replace
from kleio.spool.shipping.summary import LONGEST_NAME, MORE_NAMES, MOST_NAMES
from kleio.trial.clauses import Among, Compare, Empty, Not, leaves
from kleio.trial.facts import configuration_facts
from kleio.trial.fields import field_of, spelled, value_of
from kleio.trial.numbers import is_number, reading
from kleio.trial.quoting import escaped
from kleio.trial.statement import parse, parse_order
from kleio.trial.table import FIGURES
from kleio.trial.words import in_quotes, quoted_name, shortened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

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


def reasons(trials: Trials, where: str, project: str | None) -> Iterator[str]:
    """Why the filter may have found nothing among the trials of the project."""
    yield from unheard_of(trials, filtered_by(where), project)
    for leaf in leaves(parse(where)) if where else ():
        if isinstance(leaf, (Among, Compare)):
            values = leaf.values if isinstance(leaf, Among) else (leaf.value,)
            if all(map(is_number, values)):
                yield from _never_numbers(trials, leaf.field, project)


def _never_numbers(trials: Trials, field: Field, project: str | None) -> Iterator[str]:
    """That what is compared with a number is text wherever it is known: a version such as 3.11.7."""
    known = trials.find(Not(Empty(field)), limit=NAMES_FROM, project=project)
    values = [value_of(field, trial.document) for trial in known]
    if values and all(isinstance(value, str) and reading(value) is None for value in values):
        yield f"{escaped(field.name)} is text, such as {shortened(escaped(in_quotes(values[0])))}, and no number"


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
        newest = list(trials.find(limit=NAMES_FROM, project=project))
        if field.root == "stats" and (reason := _not_summed_up(field.key, newest)):
            yield reason
            continue
        names = _names(newest, field.root)
        if field.key not in names:  # it is an option that is null wherever it is given, otherwise
            yield f"none has the {WHAT[field.root]} {_called(field.key)}{_advice(field, names)}"


def _not_summed_up(name: str, newest: Iterable[Trial]) -> str | None:
    """Why filters may not know a statistic that was logged."""
    if len(name) > LONGEST_NAME:
        return f"filters know no statistic whose name has more than {LONGEST_NAME} characters"
    for trial in newest:
        if trial.summary.get(MORE_NAMES) and len(trial.summary.get("statistics") or ()) >= MOST_NAMES:
            return f"filters know the first {MOST_NAMES} statistics of a trial, and {_called(name)} is not among them"
    return None


def _called(name: str) -> str:
    """A name in a sentence: one that is no plain word stands in quotation marks, or it would not be seen as a name."""
    return shortened(escaped(name if name and quoted_name(name) == name else in_quotes(name)))


def _advice(field: Field, names: Collection[str]) -> str:
    """What was probably meant."""
    if field.root == "stats":
        whole = f"{field.key}.{field.aspect}"
        if whole in names and field.name.endswith(f".{field.aspect}"):
            return f", did you mean stats.{escaped(in_quotes(whole))}?"
        name, dot, _ = field.key.rpartition(".")
        if dot and name in names:
            return f"; of {_called(name)} there are {', '.join(FIGURES[:-1])} and {FIGURES[-1]}"
    close = nearest(field.key, names)
    return f", did you mean {escaped(spelled(field.root, close))}?" if close else ""


def _names(newest: Iterable[Trial], root: str) -> list[str]:
    names: dict[str, None] = {}
    for trial in newest:
        if root == "stats":
            names.update(dict.fromkeys(trial.summary.get("statistics") or ()))
        else:
            names.update(dict.fromkeys(name for name, _ in configuration_facts(trial.configuration)))
            names.update(dict.fromkeys(trial.configuration))  # those that are null are no facts
    return list(names)
