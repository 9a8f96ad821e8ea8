"""What a branch inherits: its ancestors' records, each up to its cut, before its own."""

from __future__ import annotations

from kleio.analysis.artifacts import Artifact, read_artifacts
from kleio.analysis.columns import Columns, read_columns
from kleio.analysis.series import Statistics, read_statistics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kleio.artifacts.contract import BlobStore
    from kleio.journal.contract import Journal
    from kleio.journal.lineage import Ancestor


def whole_statistics(
    journal: Journal, trial_id: str, ancestors: Sequence[Ancestor], *, superseded: bool = False
) -> Statistics:
    """The statistics of a trial and of what it inherits, in the order of logging."""
    own = read_statistics(journal, trial_id, superseded=superseded)
    inherited = [
        record
        for ancestor in ancestors
        for record in read_statistics(journal, ancestor.document["_id"], superseded=superseded).records
        if ancestor.cut.admits(record.attempt, record.time)
    ]
    return Statistics([*inherited, *own.records]) if inherited else own


def whole_columns(
    journal: Journal, trial_id: str, ancestors: Sequence[Ancestor], names: Iterable[str] | None = None
) -> Columns:
    """The same as columns."""
    wanted = None if names is None else tuple(names)
    if not ancestors:
        return read_columns(journal, trial_id, wanted)
    found = Columns()
    for ancestor in ancestors:
        theirs = read_columns(journal, ancestor.document["_id"], wanted)
        moments = zip(theirs.attempts, theirs.times, strict=True)
        found.extend(theirs.take([row for row, moment in enumerate(moments) if ancestor.cut.admits(*moment)]))
    found.extend(read_columns(journal, trial_id, wanted))
    return found


def whole_artifacts(
    journal: Journal,
    trial_id: str,
    ancestors: Sequence[Ancestor],
    blobs: BlobStore | None = None,
    *,
    superseded: bool = False,
) -> list[Artifact]:
    """The artifacts of a trial and of what it inherits, oldest first."""
    inherited = [
        artifact
        for ancestor in ancestors
        for artifact in read_artifacts(journal, ancestor.document["_id"], blobs, superseded=superseded)
        if ancestor.cut.admits(artifact.attempt, artifact.time)
    ]
    return inherited + read_artifacts(journal, trial_id, blobs, superseded=superseded)
