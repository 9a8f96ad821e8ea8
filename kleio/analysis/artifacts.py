"""What a trial's script stored and what it said that it read: artifacts by name and metadata, and resources."""

from __future__ import annotations

import heapq
from itertools import groupby

from kleio.dataclass import dataclass, field
from kleio.errors import BlobMissing
from kleio.spool.records.restoration import hides, read_restorations
from kleio.spool.records.segments import ARTIFACTS, ATTACHED, RESOURCES, points
from kleio.spool.records.writers import read_ranks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kleio.artifacts.contract import BlobStore
    from kleio.journal.contract import Journal, Segment
    from kleio.spool.records.segments import Point
    from kleio.trial.cut import Cut


@dataclass(frozen=True)
class Artifact:
    """One call of ``log_artifact``. ``name`` is a label that the script chose: never use it as a path unchecked.

    ``digest`` is the SHA-256 of its bytes, ``size`` how many they are, ``time`` when it was stored (seconds since the
    epoch), in which ``attempt``, and by which process (``writer``; ``rank`` where there are several). ``creator`` says
    who attached it if it was not the trial itself.
    """

    name: str
    metadata: Mapping[str, Any]
    digest: str
    size: int
    time: float
    attempt: int
    writer: str
    rank: int | None = None
    creator: Mapping[str, Any] | None = None
    blobs: BlobStore | None = field(default=None, repr=False, compare=False)

    def fits(self, name: str | None, metadata: Mapping[str, Any]) -> bool:
        """Whether it has this name (``None``: any) and all of this metadata."""
        return name in (None, self.name) and all(
            key in self.metadata and self.metadata[key] == value for key, value in metadata.items()
        )

    def pieces(self) -> Iterator[bytes]:
        """Its bytes in pieces of a megabyte, verified: ``BlobCorrupt`` at the end if they are not what was stored."""
        if self.blobs is None:
            raise BlobMissing(f"the bytes of artifact {self.name!r} cannot be reached: no store is open")
        return self.blobs.open(self.digest)

    def read(self) -> bytes:
        """Its bytes, verified, all at once."""
        return b"".join(self.pieces())


@dataclass(frozen=True)
class Resource:
    """One call of ``log_resource``: an input by name; ``digest`` and ``size`` if its bytes were looked at."""

    name: str
    metadata: Mapping[str, Any]
    kind: str
    digest: str | None
    size: int | None
    path: str | None
    time: float
    attempt: int


def read_artifacts(
    journal: Journal,
    trial_id: str,
    blobs: BlobStore | None = None,
    *,
    superseded: bool = False,
    inherited: Sequence[Artifact] = (),
    cut: Cut | None = None,
) -> list[Artifact]:
    """The artifacts of a trial, oldest first; those that a later attempt took back only if asked for.

    They come behind what it ``inherited``, which it may have taken back too; what others attached later comes last and
    is never taken back. Of a trial that a branch reads through,
    only what lies before ``cut`` counts.
    """
    taken_back = {} if superseded else read_restorations(journal, trial_id, cut)
    ranks = read_ranks(journal, trial_id)
    found = list(inherited)
    segments = journal.segments(trial_id, stream=ARTIFACTS)
    by_attempt = {number: list(group) for number, group in groupby(segments, key=lambda segment: segment.attempt)}
    for number in sorted({*by_attempt, *taken_back}):
        for keys in taken_back.get(number, ()):
            found = [one for one in found if one.creator is not None or not hides(keys, one.metadata)]
        for segment, point in _by_time(by_attempt.get(number, [])):
            if cut is not None and not cut.admits(number, point.time):
                continue
            found.append(_artifact(segment, point, ranks.get((number, segment.writer)), blobs))
    for segment, point in _by_time(list(journal.segments(trial_id, stream=ATTACHED))):
        if cut is None or cut.admits(segment.attempt, point.time):
            found.append(_artifact(segment, point, None, blobs))
    return sorted(found, key=lambda artifact: artifact.creator is not None)


def _artifact(segment: Segment, point: Point, rank: int | None, blobs: BlobStore | None) -> Artifact:
    body = point.values
    return Artifact(
        str(body["name"]), body.get("metadata") or {}, body["digest"], int(body["size"]), point.time,
        segment.attempt, segment.writer, rank, body.get("creator") if segment.stream == ATTACHED else None, blobs,
    )  # fmt: skip


def read_resources(journal: Journal, trial_id: str) -> list[Resource]:
    """The resources of a trial, oldest first."""
    return [
        Resource(
            str(body["name"]), body.get("metadata") or {}, str(body.get("kind") or "name"), body.get("sha256"),
            body.get("bytes"), body.get("path"), point.time, segment.attempt,
        )
        for segment, point in _by_time(list(journal.segments(trial_id, stream=RESOURCES)))
        for body in (point.values,)
    ]  # fmt: skip


def _by_time(segments: list[Segment]) -> Iterator[tuple[Segment, Point]]:
    """Records of several processes by time, each process in its own order."""
    writers = [
        [(segment, point) for segment in of_writer for point in points(segment.body)]
        for _, of_writer in groupby(segments, key=lambda segment: (segment.attempt, segment.writer))
    ]
    return heapq.merge(*writers, key=lambda entry: (entry[0].attempt, entry[1].time))
