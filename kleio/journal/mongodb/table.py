"""Trials as columns, without an object for every figure of every statistic.

The server sends what a table asks for and no more. The summaries of a trial's statistics stay the bytes that came:
where two trials have the same statistics, as most have, their bytes differ in the numbers alone. They are put one upon
the other, and a column is every so many bytes of such a :class:`_Pile`. What does not lend itself to that (texts,
integers of more than 64 bits) is decoded as ever.
"""

from __future__ import annotations

import struct
import sys
from array import array
from contextlib import suppress

from bson.errors import InvalidBSON

from kleio.journal.mongodb.codec import decode_key, document_of, encode_key, length_at, parted
from kleio.journal.mongodb.search import Form, Search
from kleio.trial.table import Table, among, refuse_unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from typing import Any, Literal

    from kleio.journal.contract import TrialQuery

    Cells = Sequence[Any]
    Kind = Literal["d", "i", "q"]

FIELDS = dict.fromkeys((
    "argv", "code.commit", "code.dirty", "configuration", "created.time", "directory", "duration", "ended.time",
    "fence", "name", "outcome.code", "project.name", "refers.parent", "started.time", "status", "summary.artifacts",
    "summary.statistics", "tags",
    *(f"environment.{group}.{encode_key(key)}" for group in ("compared", "recorded") for key in ("host", "env.host")),
), 1)  # fmt: skip
"""What :class:`kleio.trial.table.Table` reads of a document."""
PILES = 100
"""More are not made: where every trial has statistics of its own, to decode them is faster."""
_LENGTH = struct.Struct("<i")
_DOCUMENT = 3
_STEP = 8
"""Bytes of the longest number."""
_NUMBERS: dict[int, Kind] = {1: "d", 16: "i", 18: "q"}
"""BSON's types of numbers (https://bsonspec.org/spec.html), as :mod:`struct` calls them."""
_SUMMARY, _STATISTICS = b"\x03summary\0", b"\x03statistics\0"
_NOTHING = _LENGTH.pack(5) + b"\0"


class _Sent(bytes):
    """Statistics as the server sent them."""


def tabulate(trials: Any, query: TrialQuery, figures: Sequence[str], whole: Callable[[Any], Any]) -> dict[str, Cells]:
    """What :class:`kleio.trial.table.Table` makes of the trials that fit; ``whole`` decodes those that come whole."""
    refuse_unknown(figures)
    columns = _Columns(figures)
    for document in Search(trials, query, whole, Form(FIELDS, lambda page: map(_divided, parted(page)))).documents():
        columns.add(document)
    return columns.joined()


def _divided(raw: bytes) -> dict[str, Any]:
    """The document with its statistics as they came, if they are easily cut out; else all of it decoded."""
    at = raw.find(_SUMMARY)
    begin = raw.find(_STATISTICS, at)
    if 0 <= at < begin and raw.find(_SUMMARY, at + 1) < 0:
        with suppress(struct.error, InvalidBSON):
            rest, statistics = _cut(raw, at + len(_SUMMARY), begin + len(_STATISTICS))
            document = document_of(rest)
            # Both names may also be found within other values. If they were, this is no BSON any more, or there is no
            # summary, or its statistics are still there.
            summary = document.get("summary")
            if summary and summary.get("statistics") == {}:
                summary["statistics"] = _Sent(statistics)
                return document
    return document_of(raw)


def _cut(raw: bytes, summary: int, statistics: int) -> tuple[bytes, bytes]:
    """The document without what is in its statistics, and these; both begin at these places."""
    end = statistics + length_at(raw, statistics)
    less = end - statistics - len(_NOTHING)
    lengths = _LENGTH.pack(len(raw) - less), _LENGTH.pack(length_at(raw, summary) - less)
    rest = (lengths[0], raw[4:summary], lengths[1], raw[summary + 4 : statistics], _NOTHING, raw[end:])
    return b"".join(rest), raw[statistics:end]


class _Columns:
    """Columns that grow trial by trial."""

    def __init__(self, figures: Sequence[str]) -> None:
        self._figures = figures
        self._table = Table(figures)
        self._rows = 0
        self._piles: dict[int, list[_Pile]] = {}
        self._room = PILES

    def add(self, document: dict[str, Any]) -> None:
        """Put one trial behind the others; its statistics may be what came."""
        summary = document.get("summary") or {}
        sent = summary.get("statistics")
        if type(sent) is _Sent:
            pile = self._pile(sent)
            if pile is None:
                summary["statistics"] = document_of(sent)
            else:
                summary["statistics"] = None
                pile.add(self._rows, sent)
        self._table.add(document, document["status"])
        self._rows += 1

    def joined(self) -> dict[str, Cells]:
        """Name → cells, all equally long."""
        found: dict[str, Any] = self._table.columns()
        for pile in (pile for alike in self._piles.values() for pile in alike):
            for name, cells in pile.columns():
                found[name] = among(found.get(name), pile.rows, cells, self._rows)
            for name in pile.lacking:
                found.setdefault(name, [None] * self._rows)
        return found

    def _pile(self, sent: bytes) -> _Pile | None:
        alike = self._piles.setdefault(len(sent), [])
        for pile in alike:
            if pile.fits(sent):
                return pile
        if self._room > 0:
            self._room -= 1
            with suppress(ValueError):
                alike.append(_Pile(sent, self._figures))
                return alike[-1]
        return None


class _Pile:
    """Statistics that have these names, in this order, with figures of these types: they differ in the numbers."""

    def __init__(self, first: bytes, figures: Sequence[str]) -> None:
        """``ValueError`` if one is no number."""
        self.rows: list[int] = []
        self.lacking: set[str] = set()
        """Columns of which no trial here has anything."""
        self._sent: list[bytes] = []
        self._cells: list[tuple[str, Kind, int]] = []
        mask = bytearray(b"\xff") * len(first)
        for _, name, begin, _ in _elements(first, 0, (_DOCUMENT,)):
            self.lacking.update(f"stats.{name}.{each}" for each in figures)
            for kind, key, at, end in _elements(first, begin, _NUMBERS):
                mask[at:end] = bytes(end - at)
                if key in figures:
                    self._cells.append((f"stats.{name}.{key}", _NUMBERS[kind], at))
        self.lacking.difference_update(name for name, _, _ in self._cells)
        self._mask = int.from_bytes(mask, "little")
        self._rest = int.from_bytes(first, "little") & self._mask

    def fits(self, sent: bytes) -> bool:
        """Whether all but the numbers is the same in these bytes, which are as many."""
        return int.from_bytes(sent, "little") & self._mask == self._rest

    def add(self, row: int, sent: bytes) -> None:
        """Put the statistics of the trial in this row upon the others."""
        self.rows.append(row)
        self._sent.append(sent)

    def columns(self) -> Iterator[tuple[str, Cells]]:
        """Name, and the cells of the rows that are here."""
        height = len(self._sent[0])
        padding = bytes(-height % _STEP)  # so that each number lies as far from the next as a view can step
        pile = padding.join(self._sent) + padding
        for name, kind, at in self._cells:
            yield name, _column(pile, kind, at, height + len(padding))


def _column(pile: bytes, kind: Kind, at: int, height: int) -> Cells:
    """The numbers of this kind that are there and every ``height`` bytes further on."""
    size = struct.calcsize(f"<{kind}")
    view = memoryview(pile)[at % size :]
    numbers = view[: len(view) // size * size].cast(kind)[at // size :: height // size]
    column = array(kind, numbers.tobytes())
    if sys.byteorder == "big":
        column.byteswap()
    if kind == "d":
        total = sum(column)
        return column if total == total else list(column)  # NaN would stand for what is lacking
    return array("q", column)


def _elements(raw: bytes, begin: int, kinds: Collection[int]) -> Iterator[tuple[int, str, int, int]]:
    """Type, name and ends of every value of the document that begins there; ``ValueError`` for another type."""
    at, end = begin + 4, begin + length_at(raw, begin) - 1
    while at < end:
        kind = raw[at]
        value = raw.index(0, at) + 1
        name = decode_key(raw[at + 1 : value - 1].decode())
        if kind not in kinds:
            raise ValueError(f"{name!r} is of BSON's type {kind}")
        at = value + (length_at(raw, value) if kind == _DOCUMENT else struct.calcsize("<" + _NUMBERS[kind]))
        yield kind, name, value, at
