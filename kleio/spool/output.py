"""What the command printed, as raw bytes on local disk, and how it is cut into chunks for the journal.

The supervisor appends each stream to *pieces*, files named after the offset of their first byte::

    stdout-000000000000000.raw     the bytes, exactly as the command wrote them
    stdout-000000016777216.raw     …
    stdout.index                   entries of 16 bytes, little-endian: offset (uint64), wall time (float64)

An index entry says that the bytes from ``offset`` on were read at that time; entries closer than 50 µs are left out.
A stream longer than head + tail keeps its first and last bytes: pieces in between are deleted while it runs, and
since pieces are named by offset the hole is exact, never guessed. Bytes that the disk refused are a hole as well.

A *chunk* is what the journal stores: at most ``CHUNK`` bytes in one document,
``{"data": bytes, "encoding": "zlib" | "raw", "size": n, "hole": bytes missing before it, "times": bytes}``, where
``times`` are entries of 12 bytes, zlib-compressed: offset from the chunk's start (uint32), wall time (float64). Chunks
of the head are shipped while the command runs, those of the tail when it is over, because until then nobody knows which
bytes are the last.
"""

from __future__ import annotations

import os
import struct

from kleio.dataclass import dataclass
from kleio.spool.appending import AppendedFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

STREAMS = ("stdout", "stderr")
CHUNK = 768 << 10
"""Bytes of output in one chunk; the document stays below 1 MB even if they cannot be compressed."""
PIECE = 16 << 20
TICK = 0.000_05
"""Seconds between index entries: a branch is cut by these times, so they tell apart what fast loops print."""
ENTRY = struct.Struct("<Qd")
TIME = struct.Struct("<Id")
MOST_TIMES = 4096
NOTHING_WANTED = 1 << 62
"""An offset that no stream reaches."""


@dataclass(frozen=True)
class OutputChunk:
    """Bytes ``start`` to ``end`` (exclusive) of a stream, ready for the journal."""

    stream: str
    start: int
    end: int
    body: Mapping[str, Any]


class OutputWriter:
    """Appends one stream of the command to its pieces. Never raises for want of space: it counts."""

    def __init__(self, directory: str, stream: str, head: int, tail: int) -> None:
        self.offset = 0
        self.lost = 0
        """Bytes that the disk refused, or that somebody removed."""
        self.cut = 0
        """Bytes between head and tail that were given up."""
        self.stream = stream
        self._directory = directory
        self._head, self._tail = head, tail
        self._piece = max(4096, min(PIECE, (head + tail) // 8))
        self._pieces: list[int] = []
        self._file: AppendedFile | None = None
        self._room = 0
        self._last_entry = -1.0
        self._index = AppendedFile(directory, f"{stream}.index")

    def write(self, data: memoryview, now: float) -> None:
        """Append ``data``, read at wall time ``now``."""
        if abs(now - self._last_entry) >= TICK:
            self._note(now)
        while data:
            self._look_after()
            if not self._room:
                self._next_piece()
            part = data[: self._room]
            self._append(part)
            data = data[len(part) :]

    def settle(self) -> None:
        """The command has ended: put back what somebody removed, or count it; make all durable, if the disk can."""
        try:
            os.makedirs(self._directory, mode=0o700, exist_ok=True)
        except OSError:
            pass  # something else is in its place
        self._look_after()
        self._look_after_index()
        for file in filter(None, (self._file, self._index)):
            try:
                file.sync()
            except OSError:
                pass  # the shipper reads it in a moment; the command's end matters more
        self._end_piece()

    def close(self) -> None:
        self._end_piece()
        self._index.close()

    def _look_after(self) -> None:
        try:
            gone = self._file.look_after() if self._file else 0
        except OSError:
            return  # it is tried again with the next bytes, and at the end
        self.lost += gone
        self._room = 0 if gone else self._room

    def _look_after_index(self) -> None:
        try:
            self._index.look_after()
        except OSError:
            pass  # times are a comfort; the bytes matter more

    def _end_piece(self) -> None:
        file, self._file, self._room = self._file, None, 0
        if file is None:
            return
        try:
            self.lost += file.look_after()
        except OSError:
            self.lost += file.size
        file.close()

    def _append(self, part: memoryview) -> None:
        try:
            written = self._file.append(part) if self._file else 0
        except OSError:
            written = 0
        self.offset += written
        self._room -= written
        if written < len(part):
            self._skip(len(part) - written)

    def _skip(self, count: int) -> None:
        """The disk refused ``count`` bytes: leave a hole and begin another piece behind it."""
        self.lost += count
        self.offset += count
        self._room = 0

    def _note(self, now: float) -> None:
        self._last_entry = now
        self._look_after_index()
        try:
            self._index.append(ENTRY.pack(self.offset, now))
        except OSError:
            pass  # times are a comfort; the bytes matter more

    def _next_piece(self) -> None:
        self._end_piece()
        try:
            self._file = AppendedFile(self._directory, _piece_name(self.stream, self.offset))
            self._pieces.append(self.offset)
        except OSError:
            pass  # what comes is lost, and counted
        self._room = self._piece
        self._thin()

    def _thin(self) -> None:
        """Delete pieces that lie behind the head and before the tail."""
        for number, start in enumerate(self._pieces[:-1]):
            end = self._pieces[number + 1]
            if start >= self._head and end <= self.offset - self._tail:
                path = os.path.join(self._directory, _piece_name(self.stream, start))
                self._pieces[number] = -1
                try:
                    self.cut += os.stat(path).st_size
                    os.unlink(path)
                except OSError:
                    pass  # somebody removed it already; the command must not suffer from that
        self._pieces = [start for start in self._pieces if start >= 0]


def _piece_name(stream: str, offset: int) -> str:
    return f"{stream}-{offset:015d}.raw"


def pieces(directory: str, stream: str) -> list[tuple[int, str]]:
    """The pieces that are there: (offset of the first byte, path), in order."""
    prefix = f"{stream}-"
    names = [name for name in os.listdir(directory) if name.startswith(prefix) and name.endswith(".raw")]
    return sorted((int(name[len(prefix) : -4]), os.path.join(directory, name)) for name in names)


def read_live(directory: str, stream: str, start: int, limit: int = CHUNK) -> tuple[int, bytes]:
    """Up to ``limit`` bytes at or after ``start``, and the offset where they begin (later than ``start`` at a hole)."""
    for offset, path in pieces(directory, stream):
        try:
            data = _read_piece(path, max(0, start - offset), limit)
        except FileNotFoundError:
            continue  # thinned in this moment
        if data:
            return max(start, offset), data
    return start, b""


def _read_piece(path: str, position: int, limit: int) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        return os.pread(fd, limit, position)
    finally:
        os.close(fd)


def pending_output(
    directory: str, acked: Mapping[str, int], final: bool, head: int | None = None
) -> Iterator[OutputChunk]:
    """Chunks that the journal does not hold yet, stream by stream in order.

    ``acked`` maps a stream to the offset of its last byte in the journal (-1: none). Before the end (``final``)
    only the first ``head`` bytes of a stream are handed out; see the module's docstring.
    """
    for stream in STREAMS:
        start = acked.get(stream, -1) + 1
        while True:
            limit = CHUNK if final or head is None else min(CHUNK, head - start)
            if limit <= 0:
                break
            begin, data = read_live(directory, stream, start, limit)
            if not data:
                break
            yield _chunk(directory, stream, begin, data, begin - start)
            start = begin + len(data)


def _chunk(directory: str, stream: str, start: int, data: bytes, hole: int) -> OutputChunk:
    import zlib

    packed = zlib.compress(data, 1) if len(data) > 64 else data
    small = len(packed) < len(data)
    body = {
        "data": packed if small else data,
        "encoding": "zlib" if small else "raw",
        "size": len(data),
        "hole": hole,
        "times": pack_times(_times(directory, stream, start, start + len(data))),
    }
    return OutputChunk(stream, start, start + len(data), body)


def decode_chunk(body: Mapping[str, Any]) -> bytes:
    """The bytes of a chunk."""
    if body["encoding"] == "zlib":
        import zlib

        return zlib.decompress(body["data"])
    return bytes(body["data"])


def pack_times(times: Sequence[tuple[int, float]]) -> bytes:
    """(offset from the chunk's start, wall time) as a chunk keeps them."""
    import zlib

    return zlib.compress(b"".join(TIME.pack(offset, time) for offset, time in times), 1)


def chunk_times(body: Mapping[str, Any]) -> list[tuple[int, float]]:
    """When the bytes of a chunk were read: (offset from its start, wall time), in order."""
    import zlib

    return list(TIME.iter_unpack(zlib.decompress(body["times"])))


def _times(directory: str, stream: str, start: int, end: int) -> list[tuple[int, float]]:
    """When the bytes from ``start`` to ``end`` were read: (offset from start, wall time), thinned if many."""
    try:
        fd = os.open(os.path.join(directory, f"{stream}.index"), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return []
    try:
        count = os.fstat(fd).st_size // ENTRY.size
        first = max(0, _entry_after(fd, count, start) - 1)
        last = _entry_after(fd, count, end - 1)
        step = 1 + (last - first) // MOST_TIMES
        entries = (_entry(fd, number) for number in range(first, last, step))
        return [(max(0, offset - start), time) for offset, time in entries]
    finally:
        os.close(fd)


def _entry_after(fd: int, count: int, offset: int) -> int:
    """How many of the ``count`` entries begin at or before ``offset``, by bisection."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if _entry(fd, middle)[0] <= offset:
            low = middle + 1
        else:
            high = middle
    return low


def _entry(fd: int, number: int) -> tuple[int, float]:
    offset, time = ENTRY.unpack(os.pread(fd, ENTRY.size, number * ENTRY.size))
    return int(offset), float(time)
