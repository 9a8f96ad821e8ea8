"""Sends what the command printed to the journal, chunk by chunk, so that it never holds a later one without an earlier.

A command that prints a line now and then is seen at once and leaves few chunks: the last one takes what comes until it
holds ``FULL`` bytes (``Journal.extend``, as :mod:`kleio.spool.shipping.tails` does for records).
"""

from __future__ import annotations

from kleio.dataclass import replace
from kleio.errors import JournalError
from kleio.failpoints import failpoint
from kleio.journal.contract import Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from kleio.journal.contract import Journal
    from kleio.spool.attempt.directory import AttemptFile
    from kleio.spool.output import OutputChunk

FULL = 32 << 10
"""Bytes of output that one chunk takes in little by little. What comes at once may be more."""
WRITER = "output"


class Chunks:
    """The output of one attempt on its way."""

    def __init__(self, directory: str, attempt: AttemptFile, journal: Journal, pulse: Callable[[], None]) -> None:
        self.done: dict[str, int] = {}
        """For each stream, the offset of its last byte in the journal."""
        self._directory, self._attempt, self._journal, self._pulse = directory, attempt, journal, pulse
        self._open: dict[str, tuple[int, int]] = {}
        """For each stream, where its last chunk begins and how many bytes are missing before it, if that was sent by us
        and is not full."""
        self._sent = 0

    def ship(self, final: bool) -> int:
        """Send what is there, of the head only unless ``final``. Returns how many bytes were sent."""
        from kleio.spool.output import STREAMS

        attempt = self._attempt
        self._sent = 0
        for stream in STREAMS:
            if stream not in self.done:
                self.done[stream] = self._journal.last_sequence(
                    attempt.trial, attempt.attempt, stream, WRITER, confirmed=True
                )
            while self._ship(stream, final):
                pass
        return self._sent

    def _ship(self, stream: str, final: bool) -> bool:
        """True to be called again: what follows must be cut anew, for an earlier shipper drew a border elsewhere."""
        from kleio.spool.output import NOTHING_WANTED, STREAMS, pending_output

        acked = {one: self._begin(one) if one == stream else NOTHING_WANTED for one in STREAMS}
        for chunk in pending_output(self._directory, acked, final, self._attempt.output_head):
            if self._can_wait(chunk) and not final:
                return False
            failpoint("before_ship")
            again = self._extend(chunk) if chunk.start <= self.done[stream] else self._append(chunk)
            failpoint("after_ship")
            self._pulse()
            if again:
                return True
        return False

    def _can_wait(self, chunk: OutputChunk) -> bool:
        """Whether it came while the open chunk before it was sent, which takes it in with the next pass."""
        new = chunk.start > self.done[chunk.stream]
        return new and chunk.stream in self._open and chunk.end - chunk.start < FULL

    def _begin(self, stream: str) -> int:
        """After which byte to begin: where the open chunk does, if there is anything for it."""
        from kleio.spool.output import read_live

        done = self.done[stream]
        if stream in self._open and read_live(self._directory, stream, done + 1, 1)[1]:
            return self._open[stream][0] - 1
        return done

    def _append(self, chunk: OutputChunk) -> bool:
        last = chunk.end - 1
        (stored,) = self._journal.append([self._segment(chunk)])
        self._open.pop(chunk.stream, None)
        if stored == last and chunk.end - chunk.start < FULL:
            self._open[chunk.stream] = (chunk.start, chunk.body["hole"])
        return self._is_stored(chunk, stored)

    def _extend(self, chunk: OutputChunk) -> bool:
        known, last = self.done[chunk.stream], chunk.end - 1
        first, hole = self._open.pop(chunk.stream)
        if chunk.start != first or last <= known:  # a piece was removed meanwhile, or only the head is sent
            return True
        try:
            longer = replace(chunk, body={**chunk.body, "hole": hole})  # it was cut from its own start on
            stored = self._journal.extend(self._segment(longer), known)
        except JournalError:
            del self.done[chunk.stream]  # perhaps only the reply was lost: the journal is asked again
            raise
        if stored == last and chunk.end - chunk.start < FULL:
            self._open[chunk.stream] = (first, hole)
        return self._is_stored(chunk, max(stored, known))

    def _is_stored(self, chunk: OutputChunk, stored: int) -> bool:
        self._sent += max(0, stored - self.done[chunk.stream])
        self.done[chunk.stream] = stored
        return stored != chunk.end - 1

    def _segment(self, chunk: OutputChunk) -> Segment:
        attempt = self._attempt
        return Segment(attempt.trial, attempt.attempt, chunk.stream, WRITER, chunk.start, chunk.end - 1, chunk.body)
