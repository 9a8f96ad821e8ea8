"""Records as the journal stores them: batches of one writer and one stream, statistics in columns.

A segment of ``statistics`` or ``metrics`` groups its records by their names, in order of first appearance::

    {"format": 1, "groups": [{"seq": column, "time": column, "names": [text, …], "columns": [column, …]}, …]}

and a *column* is one of::

    {"type": "range", "start": a, "step": s, "count": n}     integers a, a+s, a+2s, …
    {"type": "i1" | "i2" | "i4" | "i8", "data": bytes}       integers, packed little-endian
    {"type": "f8", "data": bytes}                            floats, NaN and infinities too
    {"type": "json", "count": n, "text": "[…]"}              anything else, as kleio.spool.records.values writes it

Segments of other streams hold one JSON text: ``{"format": 1, "records": "[[seq, time, body], …]"}``. JSON inside is
text, so names with dots, dollars or nothing at all, and any nesting, are no business of the database's.

What a writer lost is the stream ``gaps``: one segment for each hole, ``first`` and ``last`` are its bytes in the
writer's file, the body is ``{"format": 1, "first": seq, "last": seq, "bytes": n, "reason": text}``.
"""

from __future__ import annotations

import json
import sys
from array import array

from kleio.journal.contract import Segment
from kleio.spool.records.jsonline import encode
from kleio.spool.records.values import restore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from kleio.spool.records.reader import Gap, Record

FORMAT = 1
STATISTICS = "statistics"
ARTIFACTS = "artifacts"
RESOURCES = "resources"
"""Inputs that the script names, see kleio.client.resources."""
GAPS = "gaps"
METRICS = "metrics"
"""Samples of the system, see kleio.spool.samples."""
REMARKS = "remarks"
"""Statistics that other trials attached later, see kleio.client.remarks."""
ATTACHED = "attached"
"""Artifacts, likewise."""
COLUMNAR = (STATISTICS, METRICS)
_CODES = {"i1": "b", "i2": "h", "i4": "i", "i8": "q", "f8": "d"}
_LIMITS = (("i1", 1 << 7), ("i2", 1 << 15), ("i4", 1 << 31), ("i8", 1 << 63))
_SWAP = sys.byteorder == "big"


class Point:
    """One record read back. ``values`` is restored: what the script logged."""

    __slots__ = ("sequence", "time", "values")

    def __init__(self, sequence: int, time: float, values: Any) -> None:
        self.sequence, self.time, self.values = sequence, time, values

    def __repr__(self) -> str:
        return f"Point({self.sequence}, {self.time}, {self.values!r})"


def segment_of(trial: str, attempt: int, writer: str, stream: str, records: Sequence[Record]) -> Segment:
    """The segment of these records, all of one stream, in order."""
    first, last = records[0].sequence, records[-1].sequence
    columnar = stream in COLUMNAR and all(type(record.body) is dict for record in records)
    body = _columnar(records) if columnar else _rows(records)
    return Segment(trial, attempt, stream, writer, first, last, body)


def gap_segment(trial: str, attempt: int, writer: str, gap: Gap) -> Segment:
    """The segment that tells of a hole in a writer's file."""
    body = {
        "format": FORMAT, "first": gap.first, "last": gap.last, "bytes": gap.end - gap.start, "reason": gap.reason,
    }  # fmt: skip
    return Segment(trial, attempt, GAPS, writer, gap.start, max(gap.start, gap.end - 1), body)


def points(body: Mapping[str, Any]) -> list[Point]:
    """The records of a segment's body, in the order in which they were written."""
    if "records" in body:
        return [Point(sequence, time, restore(each)) for sequence, time, each in json.loads(body["records"])]
    found: list[Point] = []
    for group in body["groups"]:
        names = group["names"]
        columns = [column(each) for each in group["columns"]]
        rows: Iterable[tuple[Any, ...]] = zip(*columns, strict=True) if columns else ((),) * len(column(group["seq"]))
        for sequence, time, row in zip(column(group["seq"]), column(group["time"]), rows, strict=True):
            found.append(Point(sequence, time, dict(zip(names, row, strict=True))))
    if len(body["groups"]) > 1:
        found.sort(key=lambda point: point.sequence)
    return found


def records_of(segment: Segment) -> list[Any]:
    """What was logged, restored, in order; times and numbers left out."""
    return [point.values for point in points(segment.body)]


def column(stored: Mapping[str, Any]) -> Sequence[Any]:
    """The values of one column, restored."""
    kind = stored["type"]
    if kind == "range":
        start, step, count = stored["start"], stored["step"], stored["count"]
        return range(start, start + step * count, step) if step else [start] * count
    if kind == "json":
        return [restore(value) for value in json.loads(stored["text"])]
    values: array[Any] = array(_CODES[kind])
    values.frombytes(stored["data"])
    if _SWAP:
        values.byteswap()
    return values


def _rows(records: Sequence[Record]) -> dict[str, Any]:
    return {"format": FORMAT, "records": encode([[record.sequence, record.wall, record.body] for record in records])}


def _columnar(records: Sequence[Record]) -> dict[str, Any]:
    groups: dict[tuple[str, ...], list[Record]] = {}
    for record in records:
        groups.setdefault(tuple(record.body), []).append(record)
    return {"format": FORMAT, "groups": [_group(names, members) for names, members in groups.items()]}


def _group(names: tuple[str, ...], members: Sequence[Record]) -> dict[str, Any]:
    rows = [record.body.values() for record in members]
    return {
        "seq": pack([record.sequence for record in members]),
        "time": pack([record.wall for record in members]),
        "names": list(names),
        "columns": [pack(list(values)) for values in zip(*rows, strict=True)],
    }


def pack(values: Sequence[Any]) -> dict[str, Any]:
    """A column of normalised values, in the smallest form that keeps them and their types."""
    kinds = {type(value) for value in values}
    if kinds == {int}:
        return _pack_integers(values)
    if kinds <= {float, dict}:
        floats = [value if type(value) is float else _as_float(value) for value in values]
        if None not in floats:
            return _packed("f8", floats)
    return {"type": "json", "count": len(values), "text": encode(values)}


def _as_float(value: Mapping[str, Any]) -> float | None:
    text = value.get("$float") if len(value) == 1 else None
    return float(text) if isinstance(text, str) else None


def _pack_integers(values: Sequence[int]) -> dict[str, Any]:
    low, high = min(values), max(values)
    step = values[1] - values[0] if len(values) > 1 else 0
    kind = next((name for name, limit in _LIMITS if -limit <= low and high < limit), None)
    if kind is None:
        return {"type": "json", "count": len(values), "text": encode(values)}
    if all(value == values[0] + step * place for place, value in enumerate(values)):
        return {"type": "range", "start": values[0], "step": step, "count": len(values)}
    return _packed(kind, values)


def _packed(kind: str, values: Sequence[Any]) -> dict[str, Any]:
    packed = array(_CODES[kind], values)
    if _SWAP:
        packed.byteswap()
    return {"type": kind, "data": packed.tobytes()}
