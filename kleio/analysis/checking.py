"""Counts again what a trial recorded: against the manifests of its ends, and its blobs against their digests.

A manifest stands in the event that closed an attempt: of each writer how many records it had made, of each stream how
many bytes. Records are numbered, so that each is either in the journal, or in a hole that the journal tells of, or
missing. An attempt without a manifest still runs, or its launcher died and nobody has closed it yet: what is there is
read, but nothing says what should be.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager

from kleio.dataclass import dataclass, field
from kleio.errors import BlobCorrupt, BlobMissing, JournalCorrupt
from kleio.spool.output import STREAMS, decode_chunk
from kleio.spool.records.log import LOST
from kleio.spool.records.segments import ATTACHED, GAPS, REMARKS, STATISTICS, points
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kleio.analysis.history import Event
    from kleio.artifacts.contract import BlobStore
    from kleio.journal.contract import Journal, Segment

OUTPUT = "output"
UNNUMBERED = frozenset({"status", REMARKS, ATTACHED, "edits"})
"""Streams that no writer of the spool made."""


@dataclass(frozen=True)
class Damage:
    """Something that is not as it was recorded. ``attempt`` is 0 where it is of no attempt."""

    attempt: int
    what: str


@dataclass
class Checked:
    """What was found in one trial. ``open`` are attempts without a manifest; ``told`` counts records that were lost and
    are known to be."""

    trial: str
    records: int = 0
    output: int = 0
    blobs: int = 0
    blob_bytes: int = 0
    told: int = 0
    open: list[int] = field(default_factory=list)
    damage: list[Damage] = field(default_factory=list)


class _Attempt:
    """What the journal holds of one attempt: for each writer ranges of record numbers, for each stream its end."""

    def __init__(self) -> None:
        self.held: dict[str, list[tuple[int, int]]] = {}
        self.holes: dict[str, list[tuple[int, int]]] = {}
        self.output: dict[str, int] = {}


def check_trial(journal: Journal, blobs: BlobStore, trial_id: str, fence: int, events: list[Event]) -> Checked:
    """Read everything of a trial that ran ``fence`` times."""
    found = Checked(trial_id)
    manifests = {event.attempt: event.more["manifest"] for event in events if event.more.get("manifest")}
    digests: dict[str, tuple[int, int]] = {}
    for number in range(1, fence + 1):
        held = _Attempt()
        try:
            for segment in journal.segments(trial_id, attempt=number):
                _take(segment, held, found, digests)
        except JournalCorrupt as error:
            found.damage.append(Damage(number, error.message))
        if number in manifests:
            found.damage += [Damage(number, what) for what in _compare(held, manifests[number], found)]
        else:
            found.open.append(number)
    try:
        for segment in journal.segments(trial_id, stream=ATTACHED):
            with _told(segment, found):
                for point in points(segment.body):
                    digests.setdefault(point.values["digest"], (segment.attempt, point.values["size"]))
    except JournalCorrupt as error:
        found.damage.append(Damage(0, error.message))
    for digest, (number, size) in digests.items():
        _check_blob(blobs, digest, number, size, found)
    return found


def _take(segment: Segment, held: _Attempt, found: Checked, digests: dict[str, tuple[int, int]]) -> None:
    stream = segment.stream
    with _told(segment, found):
        if stream in STREAMS:
            _take_chunk(segment, held, found)
        elif stream == GAPS:
            if segment.body["last"] >= segment.body["first"]:
                span = (int(segment.body["first"]), int(segment.body["last"]))
                held.holes.setdefault(segment.writer, []).append(span)
        elif stream not in UNNUMBERED:
            numbers = []
            for point in points(segment.body):
                numbers.append(point.sequence)
                if stream == LOST:
                    found.told += int(point.values["records"])
                if stream != STATISTICS and isinstance(point.values, dict):
                    digest, size = point.values.get("digest"), point.values.get("size")
                    if isinstance(digest, str) and isinstance(size, int):
                        digests.setdefault(digest, (segment.attempt, size))
            found.records += len(numbers)
            held.held.setdefault(segment.writer, []).extend(_ranges(numbers))


@contextmanager
def _told(segment: Segment, found: Checked) -> Iterator[None]:
    """What of a segment cannot be read is damage, and the end of nothing else."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        what = (
            f"{segment.stream} of {segment.writer} from {segment.first} cannot be read: {type(error).__name__}: {error}"
        )
        found.damage.append(Damage(segment.attempt, what))


def _take_chunk(segment: Segment, held: _Attempt, found: Checked) -> None:
    data, hole = decode_chunk(segment.body), int(segment.body.get("hole") or 0)
    end = held.output.get(segment.stream, 0)
    if segment.first - hole > end:  # a hole lies before a chunk, and the chunk tells of it
        what = f"{segment.first - hole - end} bytes of {segment.stream} are missing from {end} on"
        found.damage.append(Damage(segment.attempt, what))
    length = segment.last + 1 - segment.first
    if len(data) != length:
        what = f"{segment.stream} from {segment.first} holds {len(data)} bytes, not {length}"
        found.damage.append(Damage(segment.attempt, what))
    held.output[segment.stream] = max(end, segment.last + 1)
    found.output += len(data)


def _compare(held: _Attempt, manifest: Mapping[str, Any], found: Checked) -> Iterator[str]:
    """What a manifest names and the journal lacks, or holds twice."""
    for writer, promised in (manifest.get("writers") or {}).items():
        holes = held.holes.get(writer, [])
        found.told += sum(last - first + 1 for first, last in holes)
        position, twice, missing = 0, 0, []
        for first, last in sorted(held.held.get(writer, []) + holes):
            if first > position:
                missing.append((position, first - 1))
            if first < position and (first, last) not in holes:
                twice += min(position, last + 1) - first
            position = max(position, last + 1)
        if position < promised["records"]:
            missing.append((position, promised["records"] - 1))
        for first, last in missing:
            yield f"{counted(last - first + 1, 'record')} of {writer} missing: {first} to {last}"
        if twice:
            yield f"{counted(twice, 'record')} of {writer} there twice"
    for stream, size in (manifest.get("output") or {}).items():
        if held.output.get(stream, 0) < size:
            yield f"{size - held.output.get(stream, 0)} bytes of {stream} are missing at its end"


def _ranges(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """The stretches of consecutive numbers; what comes twice begins a new one."""
    begin = end = None
    for number in numbers:
        if end is not None and number == end + 1:
            end = number
            continue
        if begin is not None and end is not None:
            yield begin, end
        begin = end = number
    if begin is not None and end is not None:
        yield begin, end


def _check_blob(blobs: BlobStore, digest: str, attempt: int, size: int, found: Checked) -> None:
    sha, length = hashlib.sha256(), 0
    try:
        for piece in blobs.open(digest):
            sha.update(piece)
            length += len(piece)
    except BlobMissing:
        found.damage.append(Damage(attempt, f"blob {digest[:12]} ({size} bytes) is missing"))
        return
    except ValueError:
        found.damage.append(Damage(attempt, f"{digest[:80]!r} is no digest"))
        return
    except BlobCorrupt:
        pass
    found.blobs += 1
    found.blob_bytes += length
    if sha.hexdigest() != digest:
        found.damage.append(Damage(attempt, f"blob {digest[:12]} is damaged: its bytes are others than were stored"))
    elif length != size:
        found.damage.append(Damage(attempt, f"blob {digest[:12]} has {length} bytes, and its record says {size}"))
