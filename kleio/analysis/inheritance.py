"""What a branch inherits: its ancestors' records, each up to its cut, before its own.

What ``resume_from`` took back inside the branch hides inherited points too; what an ancestor took back after the cut
hides nothing of the branch, for there it never happened. Nothing is ever deleted.
"""

from __future__ import annotations

from kleio.analysis.artifacts import Artifact, read_artifacts
from kleio.analysis.columns import Columns, read_columns
from kleio.analysis.records import Statistic, read_points
from kleio.analysis.series import Statistics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kleio.artifacts.contract import BlobStore
    from kleio.journal.contract import Journal
    from kleio.journal.lineage import Ancestor


def whole_statistics(
    journal: Journal, trial_id: str, ancestors: Sequence[Ancestor], *, superseded: bool = False
) -> Statistics:
    """The statistics of a trial and of what it inherits, in the order of logging; read when first looked at."""

    def records() -> list[Statistic]:
        found: list[Statistic] = []
        for one in ancestors:
            found = read_points(
                journal, one.document["_id"], superseded=superseded, inherited=found, cut=one.cut
            )  # fmt: skip
        return read_points(journal, trial_id, superseded=superseded, inherited=found)

    def columns(names: Iterable[str] | None) -> Columns:
        return read_columns(journal, trial_id, names, superseded=superseded, ancestors=ancestors)

    return Statistics(records, columns)


def whole_artifacts(
    journal: Journal,
    trial_id: str,
    ancestors: Sequence[Ancestor],
    blobs: BlobStore | None = None,
    *,
    superseded: bool = False,
) -> list[Artifact]:
    """The artifacts of a trial and of what it inherits, oldest first."""
    found: list[Artifact] = []
    for one in ancestors:
        found = read_artifacts(
            journal, one.document["_id"], blobs, superseded=superseded, inherited=found, cut=one.cut
        )  # fmt: skip
    return read_artifacts(journal, trial_id, blobs, superseded=superseded, inherited=found)
