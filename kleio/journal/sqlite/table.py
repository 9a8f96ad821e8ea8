"""Trials as columns from the narrow rows beside the documents: a fifth of the time, for twenty thousand trials.

A column is read in one stretch, as :mod:`kleio.journal.sqlite.index` wrote it. What stands there as odd (not a number,
texts that are none, lists, configurations too large to be indexed) is asked of the documents of those trials alone. Few
trials of many are read from their documents altogether.
"""

from __future__ import annotations

from itertools import compress
from operator import itemgetter

from kleio.journal.sqlite.codec import load
from kleio.journal.sqlite.index import FLAGS, ODD_FACT
from kleio.journal.sqlite.query import documents_of, found_numbers
from kleio.journal.sqlite.segments import decoded
from kleio.journal.sqlite.where import COLUMNS
from kleio.trial.table import FACTS, Table, joined_tags, refuse_unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from kleio.journal.contract import TrialQuery
    from kleio.journal.sqlite.session import Session

    Cells = Sequence[Any]

FEW = 200
"""Fewer trials than this are not worth a look at every column."""
SPARSE = 4
"""Nor are those of which less than one in so many is wanted."""
_WANTED = [name for name in FACTS if name in COLUMNS]
_TRUTHS = {word: truth for truth, word in FLAGS.items()}


def tabulate(session: Session, query: TrialQuery, figures: Sequence[str]) -> dict[str, list[Any]]:
    """What :class:`kleio.trial.table.Table` makes of the documents that fit."""
    refuse_unknown(figures)
    numbers = found_numbers(session, query)
    if len(numbers) < FEW or len(numbers) * SPARSE <= max(numbers) - min(numbers):
        return Table.of((document for _, document in _documents(session, numbers)), figures).columns()
    return _Reader(session, numbers).columns(figures)


class _Reader:
    """The rows of these trials, and which of them the documents have to tell."""

    def __init__(self, session: Session, numbers: Sequence[int]) -> None:
        self._session = session
        self._numbers = numbers
        self._place = {number: place for place, number in enumerate(numbers)}
        self._rising = tuple(sorted(numbers))
        self._ends = (self._rising[0], self._rising[-1])
        where = {number: place for place, number in enumerate(self._rising)}
        self._in_order = itemgetter(*(where[number] for number in numbers))
        self._odd: set[int] = set()

    def columns(self, figures: Sequence[str]) -> dict[str, list[Any]]:
        names = [(number, _text(name)) for number, name in self._session.read("SELECT number, name FROM names")]
        known = self._trials()
        known["tags"] = self._tags()
        options = {}
        for number, name in names:
            if name in ("config", "env", "tags"):
                self._mark_odd(number)
            elif name in ("env.host", "artifacts"):
                known[name] = self._facts(number) or [None] * len(self._numbers)
            elif name.startswith("config."):
                options[name] = self._facts(number)
        known["artifacts"] = [value or 0 for value in known.get("artifacts") or [0] * len(self._numbers)]
        found = {name: list(known.get(name) or [None] * len(self._numbers)) for name in FACTS}
        found.update((name, cells) for name, cells in options.items() if cells is not None)
        for number, name in names:
            if name.startswith("stats.") and figures:
                found.update(self._statistics(number, name, figures))
        self._put_documents(found, figures)
        return self._without_deleted(found)

    def _trials(self) -> dict[str, Cells]:
        columns = ", ".join(COLUMNS[name] for name in _WANTED)
        rows = self._rows(f"SELECT number, {columns} FROM trials WHERE number BETWEEN ? AND ?")  # noqa: S608
        placed = self._placed(rows) or [[None] * len(self._numbers)] * len(_WANTED)  # all were deleted since
        found = dict(zip(_WANTED, placed, strict=True))
        found["code.dirty"] = [None if value is None else bool(value) for value in found["code.dirty"]]
        found["directory"] = [value or "" for value in found["directory"]]
        found["duration"] = [value if isinstance(value, bytes) else float(value or 0) for value in found["duration"]]
        found["attempts"] = [value or 0 for value in found["attempts"]]
        return found

    def _tags(self) -> Cells:
        cells: list[Any] = [[] for _ in self._numbers]
        for number, tag in self._rows("SELECT trial, tag FROM tags WHERE trial BETWEEN ? AND ?"):
            if number in self._place:
                cells[self._place[number]].append(_text(tag))
        return [joined_tags(tags) for tags in cells]

    def _facts(self, name: int) -> list[Any] | None:
        """One fact of all trials; ``None`` if none of them has it."""
        rows = self._rows("SELECT trial, value, number FROM facts WHERE name = ? AND trial BETWEEN ? AND ?", name)
        placed = self._placed(rows)
        if not placed:
            return None
        values, readings = placed
        if None not in values:
            return list(values)
        self._odd.update(
            self._numbers[place]
            for place, (value, reading) in enumerate(zip(values, readings, strict=True))
            if value is None and reading == ODD_FACT
        )
        return [
            _TRUTHS.get(reading) if value is None else value for value, reading in zip(values, readings, strict=True)
        ]

    def _statistics(self, name: int, title: str, figures: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
        wanted = ", ".join(figures)  # the names of columns, every one of them
        rows = self._rows(f"SELECT trial, {wanted} FROM statistics WHERE name = ? AND trial BETWEEN ? AND ?", name)  # noqa: S608
        for figure, cells in zip(figures, self._placed(rows), strict=False):
            yield f"{title}.{figure}", list(cells)

    def _rows(self, sql: str, *before: int) -> list[Any]:
        """Of trials that are wanted, and of some that are not."""
        return self._session.read(sql, (*before, *self._ends))

    def _placed(self, rows: list[Any]) -> list[Cells]:
        """Such rows as columns of cells, without the trials' numbers; none if they are of no wanted trial. Odd cells
        are remembered."""
        trials, *columns = zip(*rows, strict=True) if rows else ((),)
        if trials == self._rising:
            placed: list[Cells] = [self._in_order(cells) for cells in columns]
        else:
            places = [self._place.get(number) for number in trials]
            if not any(place is not None for place in places):
                return []
            placed = [self._scattered(places, cells) for cells in columns]
        for cells in placed:
            if bytes in set(map(type, cells)):
                self._odd.update(
                    number for number, value in zip(self._numbers, cells, strict=True) if isinstance(value, bytes)
                )
        return placed

    def _scattered(self, places: Iterable[int | None], values: Cells) -> Cells:
        cells = [None] * len(self._numbers)
        for place, value in zip(places, values, strict=True):
            if place is not None:
                cells[place] = value
        return cells

    def _mark_odd(self, name: int) -> None:
        rows = self._rows("SELECT trial FROM facts WHERE name = ? AND trial BETWEEN ? AND ?", name)
        self._odd.update(number for (number,) in rows if number in self._place)

    def _put_documents(self, found: dict[str, list[Any]], figures: Sequence[str]) -> None:
        """Let the documents tell all of the trials that have something odd: one at a time, for that may be all."""
        table, places = Table(figures), []
        for number, document in _documents(self._session, sorted(self._odd)):
            table.add(document, document["status"])
            places.append(self._place[number])
        told = table.columns()
        for name in {**found, **told} if places else ():
            cells = found.setdefault(name, [None] * len(self._numbers))
            for place, value in zip(places, told.get(name) or [None] * len(places), strict=True):
                cells[place] = value

    def _without_deleted(self, found: dict[str, list[Any]]) -> dict[str, list[Any]]:
        """No lock is held between two reads: without the rows of trials that were deleted meanwhile."""
        rows = {number for (number,) in self._rows("SELECT number FROM trials WHERE number BETWEEN ? AND ?")}
        there = [number in rows for number in self._numbers]
        if all(there):
            return found
        return {name: list(compress(cells, there)) for name, cells in found.items()} if any(there) else {}


def _documents(session: Session, numbers: Sequence[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Those that nobody has deleted since, in this order."""
    return ((number, decoded(session, load, text)) for number, text in documents_of(session, numbers))


def _text(name: str | bytes) -> str:
    return name.decode("utf-8", "surrogatepass") if isinstance(name, bytes) else name
