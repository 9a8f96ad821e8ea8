"""A trial on its way: its document as another journal may hold it, its segments, its bytes.

Whatever a trial comes from (a journal, an archive, the store of another tool) it is read as a :class:`Parcel`, and
whatever it goes to takes one. Nothing of it is ever held in memory but one segment and one piece of a blob.
"""

from __future__ import annotations

from kleio.errors import JournalCorrupt
from kleio.spool.records.segments import points
from kleio.spool.references import digests_in, refers_to_blobs
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, Protocol

    from kleio.artifacts.contract import BlobStore
    from kleio.journal.contract import Journal, Segment

EVENTS = "status"
EDITS = "edits"
OF_ONE_JOURNAL = ("rvn", "hb", "request", "requested_by", "arriving", "trashed")
"""Fields that say something of a journal or of a live launcher, not of the trial."""

if TYPE_CHECKING:

    class Parcel(Protocol):
        """One trial, readable as often as one likes."""

        @property
        def document(self) -> Mapping[str, Any]:
            """Settled: nobody holds it. Without the fields that a journal sets."""

        def segments(self, stream: str | None = None) -> Iterator[Segment]:
            """All, or those of one stream, in the journal's order."""

        def blob(self, digest: str) -> Iterator[bytes]:
            """The bytes in pieces, verified as those of ``BlobStore.open``."""

        def holds(self, digest: str) -> bool:
            """Whether there is such a blob."""


class JournalParcel:
    """A trial of a journal, as of the moment when its document was read."""

    def __init__(self, journal: Journal, blobs: BlobStore, document: Mapping[str, Any], now: str) -> None:
        """``now`` is the trial's status of this moment (:mod:`kleio.spool.attempt.liveness`)."""
        self.document = settled(document, now)
        self._journal, self._blobs = journal, blobs

    def segments(self, stream: str | None = None) -> Iterator[Segment]:
        """Not those of an attempt that began since the document was read: another may get its number elsewhere."""
        fence = self.document["fence"]
        found = self._journal.segments(self.document["_id"], stream=stream)
        return (one for one in found if one.attempt <= fence or one.stream == EDITS)

    def blob(self, digest: str) -> Iterator[bytes]:
        return self._blobs.open(digest)

    def holds(self, digest: str) -> bool:
        return self._blobs.has(digest)


def settled(document: Mapping[str, Any], now: str) -> dict[str, Any]:
    """The document as it may go elsewhere: no lease, no heartbeat, nothing asked. A trial that still runs here is
    ``failover`` there, for nobody there can know of its launcher."""
    word = status.FAILOVER if now in status.HELD else now
    kept = {field: value for field, value in document.items() if field not in OF_ONE_JOURNAL}
    return {**kept, "status": word, "owner": None, "holder": None}


def blobs_of(parcel: Parcel, segment: Segment) -> set[str]:
    """The blobs that must go with a segment: those that its records name as stored, and any other that is there under
    something that looks like a digest (the collector spares those too)."""
    named = references(segment).keys()
    seen = digests_in(segment.body) if refers_to_blobs(segment.stream) else set()
    return {*named, *filter(parcel.holds, seen - named)}


def references(segment: Segment) -> dict[str, int]:
    """The blobs that a segment's records name: digest → size. ``JournalCorrupt`` if it cannot be read."""
    if not refers_to_blobs(segment.stream) or segment.stream == EDITS:
        return {}
    found = {}
    try:
        for point in points(segment.body):
            if isinstance(point.values, dict):
                digest, size = point.values.get("digest"), point.values.get("size")
                if isinstance(digest, str) and isinstance(size, int):
                    found[digest] = size
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise JournalCorrupt(
            f"trial {segment.trial[:7]}: {segment.stream} of {segment.writer} from {segment.first} cannot be read: "
            f"{type(error).__name__}: {error}",
            hint=f"see what is left: kleio fsck {segment.trial[:7]}",
        )
    return found
