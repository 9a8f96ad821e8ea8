"""Trials as columns: what their documents say, flat, by the names that filters use too.

``config.lr``, ``stats.loss.last``, ``code.commit``: one column each. This file says what a cell holds; a journal that
keeps such values apart from its documents (``journal/sqlite/table.py``) gives the same without reading them.
"""

from __future__ import annotations

from array import array

from kleio.trial.facts import command_line, environment_fact, named_configuration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Any

FIGURES = ("first", "last", "min", "max", "count")
"""What a trial's document says of each statistic."""
MOMENTS = ("created", "started", "ended")
"""Seconds since the epoch."""
FACTS = (
    "id", "status", "command", "name", "tags", "project", "directory", *MOMENTS, "duration", "exit", "attempts",
    "parent", "code.commit", "code.dirty", "env.host", "artifacts",
)  # fmt: skip
"""What every trial has; behind them come ``config.NAME`` and ``stats.NAME.FIGURE``."""


class Table:
    """Columns that grow trial by trial; what a trial lacks is ``None``."""

    def __init__(self, figures: Sequence[str]) -> None:
        """``ValueError`` for a figure of statistics that there is not."""
        refuse_unknown(figures)
        self._figures = tuple(figures)
        self._facts: list[tuple[Any, ...]] = []
        self._options: dict[str, list[Any]] = {}
        self._statistics: dict[str, list[list[Any]]] = {}

    @staticmethod
    def of(documents: Iterable[Mapping[str, Any]], figures: Sequence[str]) -> Table:
        """The table of these documents, with the statuses that stand in them."""
        table = Table(figures)
        for document in documents:
            table.add(document, document["status"])
        return table

    def add(self, document: Mapping[str, Any], status: str) -> None:
        """Put one trial behind the others."""
        row = len(self._facts)
        self._facts.append(_facts(document, status))
        for name, value in named_configuration(document.get("configuration")).items():
            cells = self._options.get(name)
            if cells is None:
                cells = self._options[name] = []
            if len(cells) < row:
                _fill(cells, row)
            cells.append(value)
        figures = self._figures
        for name, summary in ((document.get("summary") or {}).get("statistics") or {}).items():
            columns = self._statistics.get(name)
            if columns is None:
                columns = self._statistics[name] = [[] for _ in figures]
            for cells, figure in zip(columns, figures):  # noqa: B905  (by far the most often executed line)
                if len(cells) < row:
                    _fill(cells, row)
                cells.append(summary.get(figure))

    def columns(self) -> dict[str, list[Any]]:
        """Name → cells, all equally long; none if there are no trials."""
        found = {name: list(cells) for name, *cells in zip(FACTS, *self._facts, strict=True)} if self._facts else {}
        found.update((f"config.{name}", cells) for name, cells in self._options.items())
        for name, columns in self._statistics.items():
            found.update((f"stats.{name}.{each}", cells) for each, cells in zip(self._figures, columns, strict=True))
        for cells in found.values():
            _fill(cells, len(self._facts))
        return found


def refuse_unknown(figures: Collection[str]) -> None:
    """``ValueError`` that names a figure which no statistic has."""
    for each in figures:
        if each not in FIGURES:
            raise ValueError(f"{each!r} is no figure of a statistic; there are {', '.join(FIGURES)}")


def listed(cells: Sequence[Any]) -> list[Any]:
    """A column as :class:`Table` has it, of one that may be an array, in which NaN stands for what a trial lacks."""
    if isinstance(cells, array) and cells.typecode == "d":
        return [cell if cell == cell else None for cell in cells]
    return list(cells)


def among(column: Sequence[Any] | None, places: Sequence[int], cells: Sequence[Any], length: int) -> Sequence[Any]:
    """The column of so many trials with the cells of those at these places put in. The places rise."""
    if len(places) == length:
        return cells
    are_floats = isinstance(cells, array) and cells.typecode == "d"
    if column is None:
        column = array("d", (float("nan"),)) * length if are_floats else [None] * length
    elif not (are_floats and isinstance(column, array) and column.typecode == "d") and not isinstance(column, list):
        column = listed(column)
    for place, cell in zip(places, listed(cells) if isinstance(column, list) else cells, strict=True):
        column[place] = cell
    return column


def joined_tags(tags: Iterable[Any]) -> str:
    """Tags as one cell, in an order of their own: a trial has them or not, and in no order."""
    return "; ".join(sorted({tag for tag in tags if isinstance(tag, str)}))


def _fill(cells: list[Any], length: int) -> None:
    cells.extend([None] * (length - len(cells)))


def _facts(document: Mapping[str, Any], status: str) -> tuple[Any, ...]:
    """The cells of ``FACTS``."""
    get = document.get
    code, project, summary = get("code") or {}, get("project") or {}, get("summary") or {}
    created, started, ended = get("created") or {}, get("started") or {}, get("ended") or {}
    return (
        document["_id"], status, command_line(get("argv")), get("name"), joined_tags(get("tags") or ()),
        project.get("name"), get("directory") or "", created.get("time"), started.get("time"), ended.get("time"),
        float(get("duration") or 0), (get("outcome") or {}).get("code"), int(get("fence") or 0),
        (get("refers") or {}).get("parent"), code.get("commit"), code.get("dirty"),
        environment_fact(get("environment"), "host"), summary.get("artifacts") or 0,
    )  # fmt: skip
