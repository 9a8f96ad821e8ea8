"""The last segment of a stream while it may still take records, so that a slow script is shipped soon and leaves few.

A script that logs once a second for days should be seen within seconds, and should not leave a segment for each of
them. So what comes is put into the stream's last segment (``Journal.extend``) until that holds ``FULL`` bytes of the
spool; the records that are in it already are read again from the file, not kept in memory. A shipper that takes over
does not know where the last segment begins and starts another.
"""

from __future__ import annotations

from itertools import takewhile

from kleio.dataclass import dataclass
from kleio.spool.records.reader import Record, read_records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

FULL = 64 << 10
"""Bytes of the spool that one segment takes in little by little. What comes at once may be more."""


@dataclass
class Tail:
    """The records of one stream that are in its last segment."""

    first: int
    last: int
    count: int
    offset: int
    """Of the first one in the writer's file."""
    size: int
    """Bytes of all of them there."""

    @staticmethod
    def of(records: Sequence[Record]) -> Tail | None:
        """The tail that these records, just stored as one segment, are; ``None`` if the segment is full."""
        size = _size(records)
        if size >= FULL:
            return None
        return Tail(records[0].sequence, records[-1].sequence, len(records), records[0].start, size)

    def takes(self, records: Sequence[Record]) -> bool:
        """Whether there is room for these."""
        return self.size + _size(records) <= FULL

    def read(self, path: str, stream: str) -> list[Record] | None:
        """Its records, read again; ``None`` if the file does not hold them any more."""
        items = read_records(path, offset=self.offset, expected=self.first)
        upto = takewhile(lambda item: isinstance(item, Record) and item.sequence <= self.last, items)
        found = [item for item in upto if isinstance(item, Record) and item.stream == stream]
        return found if len(found) == self.count and found[-1].sequence == self.last else None


def _size(records: Sequence[Record]) -> int:
    return sum(record.end - record.start for record in records)
