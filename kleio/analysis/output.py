"""What a trial's command printed: exact bytes, over all attempts in order, from any point, followed while it runs.

The journal is read first. What it does not hold yet is read from the spool of this machine, if the attempt ran here;
so a live trial can be followed without waiting for its records to be shipped.
"""

from __future__ import annotations

import heapq
import os
import time

from kleio.dataclass import dataclass
from kleio.spool.output import NOTHING_WANTED, STREAMS, chunk_times, decode_chunk, pending_output
from kleio.trial.identity import SHORT
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kleio.journal.contract import Journal
    from kleio.journal.lineage import Ancestor

    Positions = dict[tuple[int, str], int]

WRITER = "output"
INTERVAL = 0.5
"""Seconds between two looks at the journal while following."""
WINDOW = 1 << 16
"""How far from its end a stream is read first to find its last lines."""
LONGEST_CHUNK = 1 << 20


@dataclass(frozen=True)
class Piece:
    """Bytes (``data``) of one ``stream`` of one ``attempt``, from the offset ``start`` to ``end``.

    ``hole`` is how many bytes before them were not kept. ``time`` is when the first of them was seen (seconds since the
    epoch, 0 if unknown).
    """

    attempt: int
    stream: str
    start: int
    data: bytes
    hole: int = 0
    time: float = 0.0

    @property
    def end(self) -> int:
        return self.start + len(self.data)


class Output:
    """The output of one trial. ``fence`` is the number of its latest attempt.

    Of a branch, all attempts together begin with what its ``ancestors`` printed before they were left.
    """

    def __init__(
        self,
        journal: Journal,
        trial: str,
        fence: int,
        spools: tuple[str, ...] = (),
        ancestors: Callable[[], Sequence[Ancestor]] = tuple,
        is_over: Callable[[], bool] = lambda: True,
    ) -> None:
        self._journal = journal
        self._trial = trial
        self._fence = fence
        self._spools = spools
        self._ancestors = ancestors
        self._is_over = is_over

    def __repr__(self) -> str:
        return f"<Output of {self._trial[:SHORT]}: {counted(self._fence, 'attempt')}>"

    def attempts(self, attempt: int | None = None) -> range:
        """The numbers of the attempts that are read: ``attempt``, or all."""
        return range(1, self._fence + 1) if attempt is None else range(attempt, attempt + 1)

    def read(self, stream: str = "stdout", *, attempt: int | None = None) -> bytes:
        """All of one stream, of all attempts or of one, without the bytes that were not kept."""
        return b"".join(piece.data for piece in self.pieces(stream, attempt=attempt))

    def pieces(
        self, stream: str = "stdout", *, attempt: int | None = None, since: Mapping[tuple[int, str], int] | None = None
    ) -> Iterator[Piece]:
        """One stream in order. ``since`` maps (attempt, stream) to the offset to start from."""
        _known(stream)
        if attempt is None and not since:
            yield from self._inherited((stream,))
        for number in self.attempts(attempt):
            yield from self._read(number, stream, (since or {}).get((number, stream), 0))

    def interleaved(
        self,
        *,
        attempt: int | None = None,
        since: Mapping[tuple[int, str], int] | None = None,
        streams: Sequence[str] = STREAMS,
    ) -> Iterator[Piece]:
        """Streams as they came, by the times they were seen; exact within a stream, and to about 10 ms between. Each
        piece has the time of its first byte, so that it can be told or played again."""
        _known(*streams)
        if attempt is None and not since:
            yield from self._inherited(streams)
        for number in self.attempts(attempt):
            yield from self._merged(number, streams, since or {})

    def _merged(self, attempt: int, streams: Sequence[str], since: Mapping[tuple[int, str], int]) -> Iterator[Piece]:
        """Streams of one attempt by time."""
        return _by_time([self._read(attempt, one, since.get((attempt, one), 0), timed=True) for one in streams])

    def _inherited(self, streams: Sequence[str]) -> Iterator[Piece]:
        """What the ancestors printed, each up to its cut."""
        for ancestor in self._ancestors():
            cut, document = ancestor.cut.for_output(), ancestor.document
            theirs = Output(self._journal, document["_id"], document["fence"], self._spools)
            for number in range(1, cut.attempt + 1):
                for piece in theirs._merged(number, streams, {}):
                    if cut.admits(number, piece.time):
                        yield piece

    def size(self, attempt: int, stream: str) -> int:
        """The offset after the last byte that is known of a stream of an attempt."""
        position = self._journal.last_sequence(self._trial, attempt, stream, WRITER) + 1
        for piece in self._read(attempt, stream, position):
            position = piece.end
        return position

    def tail(self, streams: Sequence[str] = STREAMS, lines: int = 10) -> tuple[list[Piece], Positions]:
        """The pieces that hold the last ``lines`` lines of these streams, perhaps more, in the order of time; and the
        positions from which to :meth:`follow`."""
        _known(*streams)
        found: dict[int, list[list[Piece]]] = {number: [] for number in self.attempts()}
        positions: Positions = {}
        for stream in streams:
            count = 0
            for number in reversed(self.attempts()):
                size = self.size(number, stream)
                positions[number, stream] = size
                if count <= lines:
                    pieces = self._last(number, stream, size, lines - count)
                    count += sum(piece.data.count(b"\n") for piece in pieces)
                    found[number].append(pieces)
        return [piece for pieces in found.values() for piece in _by_time(pieces)], positions

    def follow(
        self,
        streams: Sequence[str] = STREAMS,
        *,
        since: Positions | None = None,
        wait: Callable[[float], object] = time.sleep,
    ) -> Iterator[Piece]:
        """What there is after ``since`` (see :meth:`tail`; ``None``: all), and what comes, as it comes, until the trial
        is over. ``wait`` lets so many seconds pass between two looks."""
        _known(*streams)
        positions = dict(since or {})
        numbers = self.attempts()
        last = False
        while True:
            yield from self.look(streams, positions, numbers)
            if last:
                return
            numbers = numbers[-1:]  # earlier attempts are over
            last = self._is_over()  # one more look afterwards: its last words may have come in between
            if not last:
                wait(INTERVAL)

    def look(self, streams: Sequence[str], positions: Positions, attempts: range | None = None) -> Iterator[Piece]:
        """What there is now after ``positions``, which are moved on: of ``attempts``, or all."""
        for number in self.attempts() if attempts is None else attempts:
            for stream in streams:
                for piece in self._read(number, stream, positions.get((number, stream), 0)):
                    positions[number, stream] = piece.end
                    yield piece

    def _last(self, attempt: int, stream: str, size: int, lines: int) -> list[Piece]:
        """The end of a stream, as much as holds more than ``lines`` ends of lines."""
        back = WINDOW
        while True:
            pieces = [one for one in self._read(attempt, stream, max(0, size - back), timed=True) if one.start < size]
            if back >= size or sum(piece.data.count(b"\n") for piece in pieces) > lines:
                return pieces
            back *= 8

    def _read(self, attempt: int, stream: str, start: int, *, timed: bool = False) -> Iterator[Piece]:
        """The pieces from ``start`` on; ``timed`` cuts them wherever a time is known."""
        position = start
        for piece in self._shipped(attempt, stream, position, timed):
            yield piece
            position = piece.end
        directory = self._spool(attempt)
        if directory is None:
            return
        try:
            for piece in self._unshipped(directory, attempt, stream, position, timed):
                yield piece
                position = piece.end
        except FileNotFoundError:
            # All of it was shipped in this moment, and the spool removed.
            yield from self._shipped(attempt, stream, position, timed)

    def _shipped(self, attempt: int, stream: str, position: int, timed: bool) -> Iterator[Piece]:
        if position and position > self._journal.last_sequence(self._trial, attempt, stream, WRITER):
            return
        # A chunk that begins before the position may reach beyond it, so the search begins one chunk earlier.
        first = max(0, position - LONGEST_CHUNK)
        for segment in self._journal.segments(self._trial, attempt=attempt, stream=stream, writer=WRITER, first=first):
            if segment.last < position:
                continue
            yield from _spans(attempt, stream, segment.first, segment.body, position, timed)
            position = segment.last + 1

    def _unshipped(self, directory: str, attempt: int, stream: str, position: int, timed: bool) -> Iterator[Piece]:
        acked = {one: (position - 1 if one == stream else NOTHING_WANTED) for one in STREAMS}
        for chunk in pending_output(directory, acked, final=True):
            yield from _spans(attempt, stream, chunk.start, chunk.body, position, timed)
            position = chunk.end

    def _spool(self, attempt: int) -> str | None:
        """The directory of this machine where the attempt's output lies, if it is (still) here."""
        for root in self._spools:
            parent = os.path.join(root, self._trial)
            try:
                labels = os.listdir(parent)
            except OSError:
                continue
            for label in labels:
                if label.startswith(f"{attempt:06d}-"):
                    return os.path.join(parent, label)
        return None


def _known(*streams: str) -> None:
    for stream in streams:
        if stream not in STREAMS:
            raise ValueError(f"a trial has the streams {' and '.join(STREAMS)}, and no {stream!r}")


def _spans(
    attempt: int, stream: str, start: int, body: Mapping[str, Any], position: int, timed: bool
) -> Iterator[Piece]:
    """The bytes of a chunk from ``position`` on, cut where a later time is known."""
    data = decode_chunk(body)
    marks = [(start + offset, time) for offset, time in chunk_times(body) if offset < len(data)]
    hole = max(0, start - position)
    time = marks[0][1] if marks else 0.0
    cuts = [(at, when) for at, when in marks if timed and at > start] + [(start + len(data), 0.0)]
    begin = start
    for at, when in cuts:
        if at > position and at > begin:
            first = max(begin, position)
            yield Piece(attempt, stream, first, data[first - start : at - start], hole, time)
            hole = 0
        begin, time = at, max(when, time)


def _by_time(streams: Iterable[Iterable[Piece]]) -> Iterator[Piece]:
    """The pieces of streams of one attempt, as they came; of the same moment, stdout first."""
    for _, _, piece in heapq.merge(*map(_timed, streams), key=lambda entry: entry[:2]):
        yield piece


def _timed(pieces: Iterable[Piece]) -> Iterator[tuple[float, int, Piece]]:
    """Pieces of one stream with times that never run backwards, whatever the wall clock did."""
    latest = 0.0
    for piece in pieces:
        latest = max(latest, piece.time)
        yield latest, STREAMS.index(piece.stream), piece
