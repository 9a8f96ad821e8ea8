"""Trials as columns, without an object for every figure of every statistic.

The server sends what a table asks for and no more. The summaries of a trial's statistics stay the bytes that came:
where two trials have the same statistics, as most have, their bytes differ in the numbers alone, so that one
:class:`_Layout` reads them all. What does not lend itself to that (texts, integers of more than 64 bits) is decoded as
ever.
"""

from __future__ import annotations

import struct
from contextlib import suppress

import bson
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument

from kleio.journal.mongodb.codec import decode, decode_key, encode_key
from kleio.journal.mongodb.search import Form, Search
from kleio.trial.table import Table, refuse_unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from typing import Any

    from bson.codec_options import CodecOptions

    from kleio.journal.contract import TrialQuery

    Options = CodecOptions[Any]

FIELDS = dict.fromkeys((
    "argv", "code.commit", "code.dirty", "configuration", "created.time", "directory", "duration", "ended.time",
    "fence", "name", "outcome.code", "project.name", "refers.parent", "started.time", "status", "summary.artifacts",
    "summary.statistics", "tags",
    *(f"environment.{group}.{encode_key(key)}" for group in ("compared", "recorded") for key in ("host", "env.host")),
), 1)  # fmt: skip
"""What :class:`kleio.trial.table.Table` reads of a document."""
LAYOUTS = 100
"""More are not made: where every trial has statistics of its own, to decode them is faster."""
_LENGTH = struct.Struct("<i")
_DOCUMENT = 3
_NUMBERS = {1: "d", 16: "i", 18: "q"}
"""BSON's types of numbers (https://bsonspec.org/spec.html), as :mod:`struct` calls them."""
_SUMMARY, _STATISTICS = b"\x03summary\0", b"\x03statistics\0"
_NONE = _LENGTH.pack(5) + b"\0"


def tabulate(trials: Any, query: TrialQuery, figures: Sequence[str], whole: Callable[[Any], Any]) -> dict[str, Any]:
    """What :class:`kleio.trial.table.Table` makes of the trials that fit; ``whole`` decodes one that came whole."""
    refuse_unknown(figures)
    options: Options = trials.codec_options
    raw = trials.with_options(codec_options=options.with_options(document_class=RawBSONDocument))
    form = Form(raw, FIELDS, lambda one: _divided(bytes(one.raw), options))
    columns = _Columns(figures)
    for document in Search(trials, query, whole, form).documents():
        columns.add(document)
    return columns.joined()


def _divided(raw: bytes, options: Options) -> dict[str, Any]:
    """The document with its statistics as they came, if they are easily cut out; else all of it decoded."""
    at = raw.find(_SUMMARY)
    begin = raw.find(_STATISTICS, at)
    if 0 <= at < begin and raw.find(_SUMMARY, at + 1) < 0:
        with suppress(struct.error, InvalidBSON):
            rest, statistics = _cut(raw, at + len(_SUMMARY), begin + len(_STATISTICS))
            document: dict[str, Any] = decode(bson.decode(rest, options))
            # Both names may also be found within other values. If they were, this is no BSON any more, or there is no
            # summary, or its statistics are still there.
            summary = document.get("summary")
            if summary and summary.get("statistics") == {}:
                summary["statistics"] = RawBSONDocument(statistics)
                return document
    return decode(bson.decode(raw, options))  # type: ignore[no-any-return]


def _cut(raw: bytes, summary: int, statistics: int) -> tuple[bytes, bytes]:
    """The document without what is in its statistics, and these; both begin at these places."""
    end = statistics + _length(raw, statistics)
    less = end - statistics - len(_NONE)
    lengths = _LENGTH.pack(len(raw) - less), _LENGTH.pack(_length(raw, summary) - less)
    rest = (lengths[0], raw[4:summary], lengths[1], raw[summary + 4 : statistics], _NONE, raw[end:])
    return b"".join(rest), raw[statistics:end]


class _Columns:
    """Columns that grow trial by trial."""

    def __init__(self, figures: Sequence[str]) -> None:
        self._figures = figures
        self._table = Table(figures)
        self._rows = 0
        self._layouts: dict[int, list[_Layout]] = {}
        self._room = LAYOUTS

    def add(self, document: dict[str, Any]) -> None:
        """Put one trial behind the others; its statistics may be what came."""
        summary = document.get("summary") or {}
        statistics = summary.get("statistics")
        if isinstance(statistics, RawBSONDocument):
            raw = bytes(statistics.raw)
            layout = self._layout(raw)
            if layout is None:
                summary["statistics"] = decode(bson.decode(raw))
            else:
                summary["statistics"] = None
                layout.add(self._rows, raw)
        self._table.add(document, document["status"])
        self._rows += 1

    def joined(self) -> dict[str, Any]:
        """Name → cells, all equally long."""
        found: dict[str, Any] = self._table.columns()
        for layout in (layout for alike in self._layouts.values() for layout in alike):
            for name, cells in layout.columns():
                column = found.setdefault(name, [None] * self._rows)
                for row, cell in zip(layout.rows, cells, strict=True):
                    column[row] = cell
        return found

    def _layout(self, raw: bytes) -> _Layout | None:
        alike = self._layouts.setdefault(len(raw), [])
        for layout in alike:
            if layout.fits(raw):
                return layout
        if self._room > 0:
            self._room -= 1
            with suppress(ValueError):
                alike.append(_Layout(raw, self._figures))
                return alike[-1]
        return None


class _Layout:
    """Where the numbers are in statistics that have these names, in this order, with figures of these types."""

    def __init__(self, raw: bytes, figures: Sequence[str]) -> None:
        """``ValueError`` if one is no number."""
        self.rows: list[int] = []
        self._numbers: list[tuple[Any, ...]] = []
        self._cells: list[str] = []
        self._lacking: set[str] = set()
        mask = bytearray(b"\xff") * len(raw)
        form, last = "<", 0
        for _, name, begin, _ in _elements(raw, 0, (_DOCUMENT,)):
            self._lacking.update(f"stats.{name}.{each}" for each in figures)
            for kind, key, at, end in _elements(raw, begin, _NUMBERS):
                mask[at:end] = bytes(end - at)
                if key in figures:
                    self._cells.append(f"stats.{name}.{key}")
                    form += f"{at - last}x{_NUMBERS[kind]}"
                    last = end
        self._lacking.difference_update(self._cells)
        self._read = struct.Struct(form).unpack_from
        self._mask = int.from_bytes(mask, "little")
        self._rest = int.from_bytes(raw, "little") & self._mask

    def fits(self, raw: bytes) -> bool:
        """Whether all but the numbers is the same in these bytes, which are as many."""
        return int.from_bytes(raw, "little") & self._mask == self._rest

    def add(self, row: int, raw: bytes) -> None:
        """Read the statistics of the trial in this row."""
        self.rows.append(row)
        self._numbers.append(self._read(raw))

    def columns(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """Name, and the cells of the rows that were read."""
        yield from zip(self._cells, zip(*self._numbers, strict=True), strict=True)
        for name in self._lacking:
            yield name, [None] * len(self.rows)


def _elements(raw: bytes, begin: int, kinds: Collection[int]) -> Iterator[tuple[int, str, int, int]]:
    """Type, name and ends of every value of the document that begins there; ``ValueError`` for another type."""
    at, end = begin + 4, begin + _length(raw, begin) - 1
    while at < end:
        kind = raw[at]
        value = raw.index(0, at) + 1
        name = decode_key(raw[at + 1 : value - 1].decode())
        if kind not in kinds:
            raise ValueError(f"{name!r} is of BSON's type {kind}")
        at = value + (_length(raw, value) if kind == _DOCUMENT else struct.calcsize("<" + _NUMBERS[kind]))
        yield kind, name, value, at


def _length(raw: bytes, begin: int) -> int:
    return _LENGTH.unpack_from(raw, begin)[0]  # type: ignore[no-any-return]
