"""The summary of a trial's earlier attempts once ``resume_from`` has taken some of their records back.

Lists show what views show. Nothing is deleted, so what is left is counted again from the journal: once for each time
that an attempt says so, beside the command or at its end.
"""

from __future__ import annotations

from kleio.spool import summary
from kleio.spool.restoration import hides, read_restorations
from kleio.spool.segments import ARTIFACTS, STATISTICS, points
from kleio.trial.progress import summary_before

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from kleio.journal.contract import Journal
    from kleio.spool.shipper import Shipper


def summary_at_start(journal: Journal, document: Mapping[str, Any], shipper: Shipper) -> Mapping[str, Any]:
    """The summary of all attempts before the shipper's, of the trial that ``document`` is."""
    attempt, before = shipper.attempt, summary_before(document)
    return summary_left(journal, attempt.trial, attempt.attempt, before) if shipper.resumed() else before


def summary_left(journal: Journal, trial: str, attempt: int, before: Mapping[str, Any]) -> dict[str, Any]:
    """The summary of all attempts before ``attempt``, as views show them. ``before`` is the one that hides nothing."""
    taken_back = read_restorations(journal, trial)
    total = summary.empty()
    for number in range(1, attempt):
        later = [keys for by, each in taken_back.items() if number < by <= attempt for keys in each]
        total = summary.merged(total, _of_attempt(journal, trial, number, later))
    return {**before, "statistics": total["statistics"], "artifacts": total["artifacts"]}


def _of_attempt(
    journal: Journal, trial: str, number: int, restorations: Sequence[Mapping[str, float]]
) -> dict[str, Any]:
    writers: dict[str, dict[str, Any]] = {}
    for stream in (STATISTICS, ARTIFACTS):
        for segment in journal.segments(trial, attempt=number, stream=stream):
            found = writers.setdefault(segment.writer, summary.empty())
            for point in points(segment.body):
                place = point.values.get("metadata") if stream == ARTIFACTS else point.values
                if not any(hides(keys, place or {}) for keys in restorations):
                    summary.add(found, stream, point.values, point.time)
    return summary.together(writers.values())
