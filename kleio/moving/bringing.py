"""Brings what one trial recorded into a journal, blobs before the segments that name them, and counts what was new.

Everything is sent, also what is there already: it is harmless twice, the age of its blobs begins anew, and a segment
that has grown since is found. But only what was not there before is counted, for that is what the user is told.
"""

from __future__ import annotations

from itertools import chain
from typing import cast

from kleio.errors import JournalCorrupt
from kleio.failpoints import failpoint
from kleio.moving.parcel import EVENTS, blobs_of
from kleio.moving.streaming import Pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, BinaryIO

    from kleio.artifacts.contract import BlobStore
    from kleio.journal.contract import Journal, Segment
    from kleio.moving.parcel import Parcel

BATCH_BYTES = 4 << 20
BATCH = 500
SMALL = 16 << 10
"""Bytes of a blob that is stored together with others."""


class Bringing:
    """One trial on its way. ``segments``, ``blobs`` and ``bytes`` (of the blobs) are what was new so far, however often
    the same was brought. ``pulse`` is called with every piece of a blob and every batch: its bytes."""

    def __init__(self, parcel: Parcel, journal: Journal, blobs: BlobStore, pulse: Callable[[int], None]) -> None:
        self._parcel, self._journal, self._blobs, self._pulse = parcel, journal, blobs, pulse
        self._held: dict[tuple[int, str, str], int] = {}
        """Of each writer (attempt, stream, name) the last sequence number that is here, as far as somebody asked."""
        self._may_hold = False
        self.segments = self.blobs = self.bytes = 0

    def look(self, *, is_here: bool) -> None:
        """Note whether the journal has something of the trial, and which moves: before it is announced, because that
        writes one of those that are to be brought."""
        self._may_hold = is_here
        if is_here:
            for segment in self._journal.segments(self._parcel.document["_id"], stream=EVENTS):
                self._held[_writer(segment)] = segment.last

    def bring(self, segments: Iterable[Segment]) -> None:
        """Store them and their blobs. ``JournalCorrupt`` if the journal has other segments under their ids."""
        brought = set[str]()
        for batch in batches(segments):
            small: dict[str, bytes] = {}
            for segment in batch:
                for digest in blobs_of(self._parcel, segment) - brought:
                    self._bring_blob(digest, small)
                    brought.add(digest)
            self._bring_small(small)
            new = sum(map(self._is_new, batch))
            failpoint("before_segments")
            for segment, last in zip(batch, self._journal.append(batch), strict=True):
                self._lengthen(segment, last)
            self.segments += new
            self._pulse(0)

    def _is_new(self, segment: Segment) -> bool:
        """Whether the segment has what was not here yet. The journal is asked once for each writer, not each segment:
        a writer's segments come in order, so all up to its last number are here."""
        writer = _writer(segment)
        if writer not in self._held:
            is_asked = self._may_hold and segment.stream != EVENTS
            self._held[writer] = self._journal.last_sequence(segment.trial, *writer) if is_asked else -1
        last = self._held[writer]
        self._held[writer] = max(last, segment.last)
        return segment.last > last

    def _lengthen(self, segment: Segment, last: int) -> None:
        """The last segment of a stream that was brought while its trial ran (it ends with ``last`` here) has grown."""
        if last < segment.last:
            last = self._journal.extend(segment, last)
        if last != segment.last:
            raise JournalCorrupt(f"trial {segment.trial[:7]}: the journal holds another segment {segment.id!r}")

    def _bring_blob(self, digest: str, small: dict[str, bytes]) -> None:
        """Store a blob, or put it with the ``small`` ones. Also one that is there: its age begins anew."""
        pieces = self._parcel.blob(digest)
        head = next(pieces, b"")
        if len(head) <= SMALL:
            small[digest] = b"".join([head, *pieces])
            if len(small) >= BATCH:
                self._bring_small(small)
            return
        is_new = not self._blobs.has(digest)
        failpoint("before_blob")
        source = Pieces(chain([head], pieces), self._pulse)
        self._blobs.put(cast("BinaryIO", source), digest)
        if is_new:
            self.blobs += 1
            self.bytes += source.size

    def _bring_small(self, small: dict[str, bytes]) -> None:
        """Store small blobs together, which costs little more than one."""
        if small:
            new = self._blobs.missing(small)
            failpoint("before_blob")
            found = self._blobs.put_many(list(small.values()))
            assert found == list(small), "a parcel gives verified bytes"
            self.blobs += len(new)
            self.bytes += sum(len(small[digest]) for digest in new)
            self._pulse(sum(map(len, small.values())))
            small.clear()


def _writer(segment: Segment) -> tuple[int, str, str]:
    return segment.attempt, segment.stream, segment.writer


def batches(segments: Iterable[Segment]) -> Iterator[list[Segment]]:
    """The segments in lists of a few megabytes at most."""
    batch: list[Segment] = []
    size = 0
    for segment in segments:
        batch.append(segment)
        size += weight(segment)
        if size >= BATCH_BYTES or len(batch) >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def weight(segment: Segment) -> int:
    """About how many bytes a segment takes."""
    return sum(_size(value) for value in segment.body.values()) + 200


def _size(value: Any) -> int:
    if isinstance(value, (str, bytes)):
        return len(value)
    if isinstance(value, dict):
        return sum(_size(each) for each in value.values()) + 8 * len(value)
    return sum(map(_size, value)) if isinstance(value, list) else 8
