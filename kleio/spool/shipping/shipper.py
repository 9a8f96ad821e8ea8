"""Moves an attempt's spool into the journal: in order, in bounded batches, once, whatever dies on the way.

One pass of :meth:`Shipper.ship` takes what is there. Nothing is marked as sent before the journal has acknowledged
it; what was sent but not marked is sent again and does no harm, because the ids of segments are made of the records'
own numbers: the journal answers how far it got and the shipper continues after that. Bytes of artifacts go before the
records that name them. A record that the journal can never take is put into ``quarantine/`` and reported as a gap.
"""

from __future__ import annotations

import json
import os

from kleio.clock import SystemClock
from kleio.dataclass import dataclass
from kleio.errors import JournalCorrupt, JournalError
from kleio.failpoints import failpoint
from kleio.journal.contract import Segment
from kleio.spool.attempt.directory import QUARANTINE, read_attempt, record_files
from kleio.spool.attempt.whole import write_whole
from kleio.spool.records.reader import Gap, Record, read_records
from kleio.spool.records.segments import COLUMNAR, gap_segment, segment_of
from kleio.spool.shipping import summary as summaries
from kleio.spool.shipping.cargo import Cargo
from kleio.spool.shipping.chunks import Chunks
from kleio.spool.shipping.progress import JOURNAL_STREAMS, Progress
from kleio.spool.shipping.tails import Tail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from kleio.artifacts.contract import BlobStore
    from kleio.clock import Clock
    from kleio.journal.contract import Journal

MOST_RECORDS = 10_000
MOST_BYTES = 4 << 20


@dataclass(frozen=True)
class Shipped:
    """What one pass did. ``pending`` counts bytes of records and output that it left."""

    records: int = 0
    bytes: int = 0
    pending: int = 0
    quarantined: int = 0
    gaps: int = 0


class Shipper:
    """Ships one attempt's directory. Keeps nothing in memory but positions and one batch."""

    def __init__(
        self,
        directory: str,
        journal: Journal,
        open_blobs: Callable[[], BlobStore],
        *,
        pulse: Callable[[], None] = lambda: None,
        clock: Clock | None = None,
    ) -> None:
        """``open_blobs`` is called when the first artifact is met; ``pulse`` now and then while a large one is sent."""
        self.directory = directory
        self.attempt = read_attempt(directory)
        self.progress: dict[str, Progress] = {}
        self._journal, self._pulse = journal, pulse
        self._chunks = Chunks(directory, self.attempt, journal, pulse)
        self._cargo = Cargo(directory, open_blobs, pulse, clock or SystemClock())
        self._records = self._bytes = self._quarantined = self._gaps = 0

    def ship(self, final: bool = False) -> Shipped:
        """One pass over records and output. ``final`` when no writer is left: then the end of each file is the end.

        Raises ``JournalError``; the next pass goes on where this one stopped.
        """
        self._records = self._bytes = self._quarantined = self._gaps = 0
        for writer in record_files(self.directory):
            if writer not in self.progress:
                self.progress[writer] = Progress(self.directory, writer, self.attempt, self._journal)
            self._ship_file(self.progress[writer], final)
        self._bytes += self._chunks.ship(final)
        return Shipped(self._records, self._bytes, self.pending(), self._quarantined, self._gaps)

    def pending(self) -> int:
        """Bytes of records that are not in the journal yet."""
        pending = 0
        for writer in record_files(self.directory):
            done = self.progress[writer].offset if writer in self.progress else 0
            pending += max(0, self._size(writer) - done)
        return pending

    def summary(self) -> dict[str, Any]:
        """The numbers of everything shipped, for the trial's document."""
        total = summaries.together(progress.summary for progress in self.progress.values())
        total["output"] = {stream: last + 1 for stream, last in self._chunks.done.items()}
        return total

    def resumed(self) -> int:
        """How often the script has said that it goes on from a checkpoint."""
        return sum(progress.summary.get(summaries.RESUMED, 0) for progress in self.progress.values())

    def manifest(self) -> dict[str, Any]:
        """What the journal must hold of this attempt, so that it can be counted again later."""
        writers = {
            name: {"records": each.expected, "bytes": each.offset, "quarantined": each.quarantined}
            for name, each in self.progress.items()
        }
        return {"writers": writers, "output": {stream: last + 1 for stream, last in self._chunks.done.items()}}

    def close(self) -> None:
        """Let go of the blob store."""
        self._cargo.close()

    def _size(self, writer: str) -> int:
        try:
            return os.stat(self._path(writer)).st_size
        except FileNotFoundError:
            return 0

    def _path(self, writer: str) -> str:
        return os.path.join(self.directory, f"{writer}.ksp")

    def _ship_file(self, progress: Progress, final: bool) -> None:
        size = self._size(progress.writer)
        if size == progress.offset:
            return
        batch: list[Record] = []
        total = 0
        path = self._path(progress.writer)
        progress.look(path, size)
        for item in read_records(path, offset=progress.offset, expected=progress.expected, final=final):
            if isinstance(item, Gap):
                self._ship_batch(progress, batch)
                self._ship_gap(progress, item)
                batch, total = [], 0
                continue
            batch.append(item)
            total += item.end - item.start
            if len(batch) >= MOST_RECORDS or total >= MOST_BYTES:
                self._ship_batch(progress, batch)
                batch, total = [], 0
        self._ship_batch(progress, batch)
        failpoint("before_ack")
        progress.save()

    def _ship_batch(self, progress: Progress, batch: Sequence[Record]) -> None:
        if not batch:
            return
        streams: dict[str, list[Record]] = {}
        for record in batch:
            if record.sequence > progress.acknowledged(record.stream):
                streams.setdefault(record.stream, []).append(record)
        self._cargo.deliver(
            (record for each in streams.values() for record in each),
            lambda record, reason: self._report(
                progress, Gap(record.sequence, record.sequence - 1, record.start, record.end, reason)
            ),
        )
        failpoint("before_ship")
        self._append(progress, [each for each in streams.items() if not self._extend(progress, *each)])
        failpoint("after_ship")
        self._cargo.settle()
        for record in batch:
            if record.sequence >= progress.counted:
                summaries.add_record(progress.summary, record)
        last = batch[-1]
        progress.move(last.end, last.sequence + 1, (last.start, last.checksum.decode("ascii")))
        self._pulse()

    def _ship_gap(self, progress: Progress, gap: Gap) -> None:
        swallowed = gap.first <= gap.last
        gap.first = max(gap.first, progress.counted) if swallowed else gap.first  # what is shipped may be cut off since
        if not swallowed or gap.first <= gap.last:
            self._report(progress, gap)
            summaries.add_gap(progress.summary, gap)
        progress.move(gap.end, gap.last + 1)

    def _append(self, progress: Progress, streams: list[tuple[str, list[Record]]]) -> None:
        if not streams:
            return
        try:
            lasts = self._journal.append([self._segment(progress.writer, *each) for each in streams])
        except ValueError as error:
            self._append_without_poison(progress, streams, str(error))
            return
        for (stream, records), last in zip(streams, lasts, strict=True):
            if last < records[0].sequence:
                raise JournalCorrupt(f"a segment of {progress.writer}, stream {stream}, ends before it begins")
            progress.acknowledge(stream, last)
            stored = [record for record in records if record.sequence <= last]
            self._count(stored)
            if stream in COLUMNAR:
                progress.tails[stream] = Tail.of(stored) if last == records[-1].sequence else None
            if len(stored) < len(records):
                self._append(progress, [(stream, records[len(stored) :])])

    def _extend(self, progress: Progress, stream: str, records: list[Record]) -> bool:
        """Put records into the last segment of their stream. False if they need one of their own: not all of
        ``records`` then, if some were stored, which a lost reply had concealed."""
        tail = progress.tails.get(stream)
        if tail is None or not tail.takes(records):
            return False
        progress.tails[stream] = None
        earlier = tail.read(self._path(progress.writer), stream)
        if earlier is None:
            return False
        segment = self._segment(progress.writer, stream, [*earlier, *records])
        try:
            last = self._journal.extend(segment, tail.last)
        except ValueError:
            return False  # a segment of their own will show which of them it is
        except JournalError:
            progress.doubt(stream)
            raise
        stored = [record for record in records if record.sequence <= last]
        if stored:
            progress.acknowledge(stream, last)
            self._count(stored)
            del records[: len(stored)]
        if not records:
            progress.tails[stream] = Tail.of([*earlier, *stored])
        return not records

    def _count(self, stored: Sequence[Record]) -> None:
        self._records += len(stored)
        self._bytes += sum(record.end - record.start for record in stored)

    def _append_without_poison(self, progress: Progress, streams: list[tuple[str, list[Record]]], reason: str) -> None:
        """Halve until the record that the journal refuses is alone."""
        if len(streams) > 1:
            for each in streams:
                self._append(progress, [each])
            return
        ((stream, records),) = streams
        if len(records) > 1:
            middle = len(records) // 2
            self._append(progress, [(stream, records[:middle])])
            self._append(progress, [(stream, records[middle:])])
            return
        (record,) = records
        self._quarantine(progress, record, reason)
        progress.acknowledge(stream, record.sequence)

    def _quarantine(self, progress: Progress, record: Record, reason: str) -> None:
        os.makedirs(os.path.join(self.directory, QUARANTINE), mode=0o700, exist_ok=True)
        name = os.path.join(self.directory, QUARANTINE, f"{progress.writer}-{record.sequence}.json")
        content = {"reason": reason, "stream": record.stream, "time": record.wall, "body": record.body}
        write_whole(name, json.dumps(content).encode("ascii"), durable=True)
        self._report(progress, Gap(record.sequence, record.sequence, record.start, record.end, f"refused: {reason}"))
        self._quarantined += 1
        progress.quarantined += 1

    def _report(self, progress: Progress, gap: Gap) -> None:
        self._journal.append([gap_segment(self.attempt.trial, self.attempt.attempt, progress.writer, gap)])
        self._gaps += 1

    def _segment(self, writer: str, stream: str, records: Sequence[Record]) -> Segment:
        name = JOURNAL_STREAMS.get(stream, stream)
        return segment_of(self.attempt.trial, self.attempt.attempt, writer, name, records)
