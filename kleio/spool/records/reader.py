"""Reading record files, whatever befell them: good records in order, and a :class:`Gap` where some are missing.

A torn end is the end; a bad middle is skipped up to the next record that proves itself by checksum and number.
The format is that of :mod:`kleio.spool.records.log`.
"""

from __future__ import annotations

import json
from zlib import crc32

from kleio.spool.records.file import HEADER_LENGTH, MAX_RECORD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, BinaryIO

LONGEST = MAX_RECORD + 64
"""A record with its checksum; no line of a good file is longer."""
_decode = json.JSONDecoder().raw_decode


class Record:
    """One record. Times are in seconds; ``start`` and ``end`` are its place in the file."""

    __slots__ = ("body", "checksum", "end", "sequence", "start", "stream", "wall")

    def __init__(
        self,
        sequence: int,
        stream: str,
        wall: float,
        body: Any,
        start: int,
        end: int,
        checksum: bytes = b"",
    ) -> None:
        self.sequence, self.stream, self.body = sequence, stream, body
        self.wall = wall
        self.start, self.end = start, end
        self.checksum = checksum

    def __repr__(self) -> str:
        return f"Record({self.sequence}, {self.stream!r}, {self.body!r})"


class Gap:
    """Bytes that are no records, ``[start, end)`` of the file, and the numbers that are missing there.

    ``last`` is ``first - 1`` when no number is known to be missing.
    """

    __slots__ = ("end", "first", "last", "reason", "start")

    def __init__(self, first: int, last: int, start: int, end: int, reason: str) -> None:
        self.first, self.last = first, last
        self.start, self.end = start, end
        self.reason = reason

    def __repr__(self) -> str:
        return f"Gap(records {self.first}..{self.last}, bytes {self.start}..{self.end}, {self.reason})"


def read_records(path: str, *, offset: int = 0, expected: int = 0, final: bool = False) -> Iterator[Record | Gap]:
    """The records of a file from ``offset`` on, where the one numbered ``expected`` should stand.

    Damage at the very end is not reported, for a writer may be about to go on: unless ``final``, and then only whole
    lines count as damage, because a line without its end is how a killed writer leaves its file.
    """
    with open(path, "rb") as file:
        salts = _salts(file.read(HEADER_LENGTH))
        start = bad = max(offset, HEADER_LENGTH)
        file.seek(start)
        reason = "damaged"
        while line := file.readline(LONGEST):
            end = start + len(line)
            found = _record(line, salts, start)
            if found is not None and found.sequence == expected and bad == start:  # hardly ever not
                yield found
                expected, bad, start = expected + 1, end, end
                continue
            for record in _mended(line, salts, expected, start) if found is None else (found,):
                if record.sequence < expected:
                    continue
                if record.start > bad or record.sequence > expected:
                    why = reason if record.start > bad else "missing"
                    yield Gap(expected, record.sequence - 1, bad, record.start, why)
                yield record
                expected, bad = record.sequence + 1, record.end
            start = end
        if final and bad < start:
            whole = _end_of_last_line(file, bad, start)
            if whole > bad:
                yield Gap(expected, expected - 1, bad, whole, reason)


def _end_of_last_line(file: BinaryIO, bad: int, end: int) -> int:
    file.seek(max(bad, end - LONGEST))
    tail = file.read(LONGEST)
    return end - len(tail) + tail.rfind(b"\n") + 1 if b"\n" in tail else bad


def _salts(header: bytes) -> list[int]:
    """What the checksums begin with: one candidate for each of the header's two copies of the salt."""
    candidates = []
    for text in (header[14:46], header[47:79]):
        try:
            start = crc32(bytes.fromhex(text.decode("ascii")))
        except ValueError:
            continue
        if start not in candidates:
            candidates.append(start)
    return candidates


def _mended(line: bytes, salts: list[int], expected: int, start: int) -> Iterator[Record]:
    """The records of a damaged line: none, or two that lost the line feed between."""
    for sequence in (expected, expected + 1):
        place = line.find(b" %d {" % sequence, 9) - 8
        if place > 0:
            head = _record(line[: place - 1] + b"\n", salts, start)
            if head is not None and head.sequence == expected:
                yield head
            tail = _record(line[place:], salts, start + place)
            if tail is not None:
                yield tail
                return


def _record(line: bytes, salts: list[int], start: int) -> Record | None:
    if line[-1:] != b"\n" or line[8:9] != b" ":
        return None
    data, checksum = line[9:-1], line[:8]
    try:
        for salt in salts:
            if checksum == b"%08x" % crc32(data, salt):
                break
        else:
            return None
        number, _, text = data.partition(b" ")
        payload = _loads(text.decode("ascii").strip())
        return Record(int(number), payload["s"], payload["t"] / 1e6, payload["b"], start, start + len(line), checksum)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _loads(text: str) -> Any:
    """What ``json.loads`` makes of it, in two thirds of its time."""
    value, end = _decode(text)
    if end != len(text):
        raise ValueError("something stands behind the JSON")
    return value
