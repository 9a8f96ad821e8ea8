"""Trials as columns: what their documents say, flat and typed, by the names that filters use too.

``config.lr``, ``stats.loss.last``, ``code.commit``: one column each. Nothing but the documents is read, one at a
time, and none is kept: only the cells are.
"""

from __future__ import annotations

from kleio.analysis.frames import SUMMARY, arrays_of, typed_frame
from kleio.trial.quoting import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kleio.analysis.trial import Trial

MOMENTS = ("created", "started", "ended")
FACTS = (
    "id", "status", "command", "name", "tags", "project", "directory", *MOMENTS, "duration", "exit", "attempts",
    "parent", "code.commit", "code.dirty", "env.host", "artifacts",
)  # fmt: skip
PLAIN = ("last", "min", "max")
"""What is shown of each statistic unless asked otherwise."""


def trials_frame(trials: Iterable[Trial], figures: Sequence[str] = PLAIN) -> Any:
    """A ``pandas.DataFrame`` (needs ``kleio[pandas]``), one row a trial in the order given.

    ``created``, ``started`` and ``ended`` are ``datetime64`` in UTC. ``figures`` says what to show of each statistic:
    of ``first``, ``last``, ``min``, ``max`` and ``count``.
    """
    return Table.of(trials, figures).to_frame()


def trials_arrays(trials: Iterable[Trial], figures: Sequence[str] = PLAIN) -> dict[str, Any]:
    """The same without pandas: name → values, ``None`` where a trial lacks it; numbers as NumPy arrays, if it is there.

    Moments are seconds since the epoch.
    """
    from kleio.analysis.columns import packed

    return arrays_of({name: packed(cells) for name, cells in Table.of(trials, figures).columns().items()})


class Table:
    """Columns that grow trial by trial; what a trial lacks is ``None``."""

    def __init__(self, figures: Sequence[str] = PLAIN) -> None:
        unknown = [each for each in figures if each not in SUMMARY]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no figure of a statistic; there are {', '.join(SUMMARY)}")
        self._figures = tuple(figures)
        self._rows = 0
        self._facts: list[tuple[Any, ...]] = []
        self._options: dict[str, list[Any]] = {}
        self._statistics: dict[str, list[list[Any]]] = {}

    @staticmethod
    def of(trials: Iterable[Trial], figures: Sequence[str] = PLAIN) -> Table:
        """The table of these trials."""
        table = Table(figures)
        for trial in trials:
            table.add(trial.document, trial.status)
        return table

    def add(self, document: Mapping[str, Any], status: str) -> None:
        """Put one trial behind the others."""
        row = self._rows
        self._facts.append(_facts(document, status))
        for name, value in _options(document.get("configuration") or {}):
            cells = self._options.setdefault(name, [])
            if len(cells) < row:
                cells.extend([None] * (row - len(cells)))
            cells.append(value)
        figures = self._figures
        for name, summary in ((document.get("summary") or {}).get("statistics") or {}).items():
            columns = self._statistics.get(name)
            if columns is None:
                columns = self._statistics[name] = [[] for _ in figures]
            if figures and len(columns[0]) < row:
                for cells in columns:
                    cells.extend([None] * (row - len(cells)))
            for cells, figure in zip(columns, figures):  # noqa: B905  (by far the most often executed line)
                cells.append(summary.get(figure))
        self._rows += 1

    def columns(self) -> dict[str, list[Any]]:
        """Name → cells, all equally long."""
        found = {name: list(cells) for name, *cells in zip(FACTS, *self._facts, strict=True)} if self._rows else {}
        found.update((f"config.{name}", cells) for name, cells in self._options.items())
        for name, columns in self._statistics.items():
            found.update((f"stats.{name}.{each}", cells) for each, cells in zip(self._figures, columns, strict=True))
        for cells in found.values():
            cells.extend([None] * (self._rows - len(cells)))
        return found

    def to_frame(self) -> Any:
        """The same as a ``pandas.DataFrame``."""
        return typed_frame(self.columns(), MOMENTS)


def _facts(document: Mapping[str, Any], status: str) -> tuple[Any, ...]:
    """What every trial has, in the order of ``FACTS``."""
    get = document.get
    code, project, summary = get("code") or {}, get("project") or {}, get("summary") or {}
    recorded = (get("environment") or {}).get("recorded") or {}
    created, started, ended = get("created") or {}, get("started") or {}, get("ended") or {}
    return (
        document["_id"], status, quoted(document["argv"]), get("name"), "; ".join(get("tags") or ()),
        project.get("name"), get("directory") or "", created.get("time"), started.get("time"), ended.get("time"),
        float(get("duration") or 0), (get("outcome") or {}).get("code"), int(get("fence") or 0),
        (get("refers") or {}).get("parent"), code.get("commit"), code.get("dirty"), recorded.get("host"),
        summary.get("artifacts") or 0,
    )  # fmt: skip


def _options(configuration: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Configuration; what a file says is named like the option that names it."""
    for name, value in configuration.items():
        if isinstance(value, dict) and value.keys() == {"file", "content"}:
            yield name, value["file"]
            if isinstance(value["content"], dict):
                yield from ((f"{name}.{key}", each) for key, each in value["content"].items())
        else:
            yield name, value
