"""Trials as columns from the narrow rows beside the documents: a fifth of the time, for twenty thousand trials.

A column is read in one stretch, as :mod:`kleio.journal.sqlite.index` wrote it, and all statistics together, as
:mod:`kleio.journal.sqlite.figures` packed them. What stands there as odd (not a number, texts that are none, lists,
configurations too large to be indexed) is asked of the documents of those trials alone. Few trials of many are read
from their documents altogether.
"""

from __future__ import annotations

from functools import cache
from itertools import compress

from kleio.connection.sqlite_errors import unreadable
from kleio.journal.sqlite.codec import load
from kleio.journal.sqlite.index import FLAGS
from kleio.journal.sqlite.piles import Piles
from kleio.journal.sqlite.query import MOST_IDS, documents_of, found_numbers, one_of
from kleio.journal.sqlite.segments import decoded
from kleio.journal.sqlite.where import COLUMNS
from kleio.trial.table import FACTS, Table, joined_tags, listed, refuse_unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kleio.journal.contract import TrialQuery
    from kleio.journal.sqlite.session import Session

    Cells = Sequence[Any]

FEW = 200
"""Fewer trials than this are not worth a look at every column."""
SPARSE = 50
"""Nor are those of which less than one in so many is wanted."""
DENSE = 4
"""If more than one in so many is wanted, all between the first and the last are read."""
_WANTED = [name for name in FACTS if name in COLUMNS]
_TRUTHS = {word.encode(): truth for truth, word in FLAGS.items()}


def tabulate(session: Session, query: TrialQuery, figures: Sequence[str]) -> Mapping[str, Cells]:
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
        self._ends = (min(numbers), max(numbers))
        self._pages = [(start, numbers[start : start + MOST_IDS]) for start in range(0, len(numbers), MOST_IDS)]
        self._is_dense = len(numbers) * DENSE > self._ends[1] - self._ends[0]
        self._odd: set[int] = set()

    def columns(self, figures: Sequence[str]) -> dict[str, Cells]:
        names = self._names()
        known = {**self._trials(), "tags": self._tags()}
        options: dict[str, Cells] = {}
        for number, name in names.items():
            if name in ("config", "env", "tags"):
                self._facts(number)  # of those that have it, all is odd
            elif name in ("env.host", "artifacts"):
                known[name] = self._facts(number) or self._nothing()
            elif name.startswith("config."):
                options[name] = self._facts(number)
        known["artifacts"] = [value or 0 for value in known.get("artifacts") or self._nothing()]
        found = {name: known.get(name) or self._nothing() for name in FACTS}
        found.update((name, cells) for name, cells in options.items() if cells)
        if figures:
            found.update(self._figures(figures))
        self._put_documents(found, figures)
        return self._without_deleted(found)

    def _trials(self) -> dict[str, Cells]:
        columns = ", ".join(COLUMNS[name] for name in _WANTED)
        rows = self._rows(f"number, {columns}", "trials WHERE number")
        found = dict(zip(_WANTED, self._columns(rows, len(_WANTED)), strict=True))
        found["code.dirty"] = [None if value is None else bool(value) for value in found["code.dirty"]]
        found["directory"] = [value or "" for value in found["directory"]]
        found["duration"] = [float(value or 0) for value in found["duration"]]
        found["attempts"] = [value or 0 for value in found["attempts"]]
        return found

    def _tags(self) -> Cells:
        tags: dict[int, list[str]] = {}
        for number, tag in self._stretch("trial, tag", "tags WHERE trial"):
            tags.setdefault(number, []).append(_text(tag))
        joined = cache(joined_tags)  # many trials have the same
        return [joined(tuple(tags.get(number, ()))) for number in self._numbers]

    def _facts(self, name: int) -> Cells:
        """One fact of all trials; nothing if none of them has it. What is no plain value comes as bytes."""
        value = "ifnull(value, CAST(number AS BLOB))"
        found = dict(self._rows(f"trial, {value}", "facts WHERE name = ? AND trial", name))
        return () if found.keys().isdisjoint(self._numbers) else self._told(map(found.get, self._numbers))

    def _names(self) -> dict[int, str]:
        return {number: _text(name) for number, name in self._session.read("SELECT number, name FROM names")}

    def _figures(self, figures: Sequence[str]) -> dict[str, Cells]:
        """All statistics that these trials have: from their packed rows, and where those cannot tell, by name."""
        packed = self._session.read("SELECT 1 FROM sqlite_master WHERE name = 'figures'")  # an older file has none
        piles = Piles(len(self._numbers), figures)
        if packed:
            self._pile_up(piles)
        columns = piles.columns()
        names = self._names()  # after the rows: something may just have been logged for the first time
        if not names.keys() >= {*piles.loose, *(name for name, _ in columns)}:
            raise unreadable(self._session.path, ValueError("a statistic has no name"))
        found = {f"{names[name]}.{figure}": cells for (name, figure), cells in columns.items()}
        self._odd.update(self._numbers[place] for place in piles.odd)
        wanted = set(self._numbers)
        for name in piles.loose if packed else [name for name, title in names.items() if title.startswith("stats.")]:
            rows = self._rows(f"trial, {', '.join(figures)}", "statistics WHERE name = ? AND trial", name)
            if not wanted.isdisjoint(row[0] for row in rows):
                told = zip(figures, self._columns(rows, len(figures)), strict=True)
                found.update((f"{names[name]}.{figure}", cells) for figure, cells in told)
        return found

    def _pile_up(self, piles: Piles) -> None:
        for start, page in self._pages:
            sql = f"SELECT trial, names, kinds, cells FROM figures WHERE {one_of('trial', page)}"  # noqa: S608
            rows = {row[0]: row for row in self._session.read(sql, page)}
            for place, number in enumerate(page, start):
                if number not in rows:  # an older kleio wrote its statistics, or somebody deletes it now
                    self._odd.add(number)
                    continue
                try:
                    piles.add(place, *rows[number][1:])
                except (ValueError, TypeError) as error:
                    raise unreadable(self._session.path, error)

    def _rows(self, columns: str, source: str, *values: int) -> list[Any]:
        """Of the trials that are wanted, and of some that are not. ``source`` ends with the column of their numbers."""
        if not self._is_dense:
            ((there,),) = self._stretch("count(*)", source, *values)
            if there > len(self._numbers) * DENSE:
                return [
                    row
                    for _, page in self._pages
                    for row in self._session.read(
                        f"SELECT {columns} FROM {one_of(source, page)}",  # noqa: S608
                        (*values, *page),
                    )
                ]
        return self._stretch(columns, source, *values)

    def _stretch(self, columns: str, source: str, *values: int) -> list[Any]:
        return self._session.read(f"SELECT {columns} FROM {source} BETWEEN ? AND ?", (*values, *self._ends))  # noqa: S608

    def _columns(self, rows: list[Any], width: int) -> list[Cells]:
        """Such rows as columns of cells, without the trials' numbers."""
        found = {row[0]: row for row in rows}
        lacking = (None,) * (width + 1)
        _, *columns = zip(*[found.get(number, lacking) for number in self._numbers], strict=True)
        return [self._told(cells) for cells in columns]

    def _told(self, cells: Iterable[Any]) -> Cells:
        """Cells of all trials without those that are odd: of these, the trials are remembered."""
        told = list(cells)
        if bytes in set(map(type, told)):
            for place, cell in enumerate(told):
                if isinstance(cell, bytes):
                    told[place] = _TRUTHS.get(cell)
                    if told[place] is None:
                        self._odd.add(self._numbers[place])
        return told

    def _nothing(self) -> Cells:
        return [None] * len(self._numbers)

    def _put_documents(self, found: dict[str, Cells], figures: Sequence[str]) -> None:
        """Let the documents tell all of the trials that have something odd: one at a time, for that may be all."""
        if not self._odd:
            return
        table, numbers = Table(figures), []
        for number, document in _documents(self._session, sorted(self._odd)):
            table.add(document, document["status"])
            numbers.append(number)
        told = table.columns()
        place_of = {number: place for place, number in enumerate(self._numbers)}
        places = [place_of[number] for number in numbers]
        for name in {**found, **told} if places else ():
            cells = found[name] = listed(found.get(name) or self._nothing())
            for place, value in zip(places, told.get(name) or [None] * len(places), strict=True):
                cells[place] = value

    def _without_deleted(self, found: dict[str, Cells]) -> dict[str, Cells]:
        """No lock is held between two reads: without the rows of trials that were deleted meanwhile."""
        rows = {number for (number,) in self._rows("number", "trials WHERE number")}
        there = [number in rows for number in self._numbers]
        if all(there):
            return found
        return {name: list(compress(listed(cells), there)) for name, cells in found.items()} if any(there) else {}


def _documents(session: Session, numbers: Sequence[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Those that nobody has deleted since, in this order."""
    return ((number, decoded(session, load, text)) for number, text in documents_of(session, numbers))


def _text(name: str | bytes) -> str:
    return name.decode("utf-8", "surrogatepass") if isinstance(name, bytes) else name
