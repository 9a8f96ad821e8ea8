"""What a summary starts from where that is not simply the one before: what a branch inherits, and what is left of the
earlier attempts once ``resume_from`` has taken some of their records back.

Lists show what views show. Nothing is deleted, so such records are counted again from the journal: once when a branch
is made (not even then if it shares all of a parent that has ended: that one's own summary says it), and once for each
time that an attempt takes records back, beside the command or at its end. A branch of a trial that was still writing
counts once more when it ends, since what its parent had recorded may have reached the journal later.
"""

from __future__ import annotations

from kleio.journal.lineage import ancestors
from kleio.spool.records.restoration import hides, read_restorations
from kleio.spool.records.segments import ARTIFACTS, STATISTICS, points
from kleio.spool.shipping import summary
from kleio.trial.cut import BEFORE_THE_FIRST, Cut
from kleio.trial.progress import summary_before
from kleio.trial.status import HELD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from kleio.journal.contract import Journal, Segment
    from kleio.spool.shipping.shipper import Shipper


def summary_at_start(journal: Journal, document: Mapping[str, Any], shipper: Shipper) -> Mapping[str, Any]:
    """The summary of what the trial that ``document`` is had before the shipper's attempt, inherited or its own."""
    before = summary_before(document)
    if shipper.resumed() or _parent_wrote_on(journal, document):
        return summary_left(journal, document, shipper.attempt.attempt, before)
    return before


def summary_left(
    journal: Journal, document: Mapping[str, Any], attempt: int, before: Mapping[str, Any]
) -> dict[str, Any]:  # fmt: skip
    """The summary of all before ``attempt``, as views show it. ``before`` is the one that hides nothing."""
    cuts = [one.cut for one in ancestors(journal, document)]
    total = _total(journal, [*cuts, Cut(document["_id"], attempt)], but=attempt)
    return {**before, "statistics": total["statistics"], "artifacts": total["artifacts"]}


def inherited_summary(journal: Journal, document: Mapping[str, Any]) -> dict[str, Any]:
    """The summary that a trial has when it is made: that of the statistics and artifacts which it inherits.

    Empty if it is no branch. What was printed, and what was lost, is counted of its own attempts only.
    """
    if not document.get("refers"):
        return {}
    lineage = ancestors(journal, document)
    if not lineage:
        return {}
    parent, cut = lineage[-1].document, lineage[-1].cut
    ended = parent.get("ended") is not None and parent["status"] not in HELD
    if ended and cut.time is None and cut.attempt >= parent["fence"]:
        total = {**summary.empty(), **(parent.get("summary") or {})}
    else:
        total = _total(journal, [one.cut for one in lineage])
    if not total["statistics"] and not total["artifacts"]:
        return {}
    kept = ("statistics", "artifacts", summary.MORE_NAMES)
    return {**summary.empty(), **{name: total[name] for name in kept if name in total}}


def _parent_wrote_on(journal: Journal, document: Mapping[str, Any]) -> bool:
    """Whether more of what a branch inherits may have come since it was made."""
    if not document.get("refers"):
        return False
    lineage = ancestors(journal, document)
    if not lineage or lineage[-1].cut.attempt == BEFORE_THE_FIRST:
        return False
    ended = lineage[-1].document.get("ended")
    return ended is None or bool(ended["time"] >= document["created"]["time"])


def _total(journal: Journal, cuts: Sequence[Cut], but: int | None = None) -> dict[str, Any]:
    """The summary of some trials, each up to its cut, as read through the last of them; without its attempt ``but``,
    whose restorations count."""
    cuts = [cut for cut in cuts if cut.attempt != BEFORE_THE_FIRST]
    taken_back = [
        (place, attempt, keys)
        for place, cut in enumerate(cuts)
        for attempt, each in read_restorations(journal, cut.trial, cut).items()
        for keys in each
    ]
    total = summary.empty()
    for place, cut in enumerate(cuts):
        for attempt, segments in sorted(_attempts(journal, cut).items()):
            if attempt == but and place == len(cuts) - 1:
                continue
            hidden = [keys for at, by, keys in taken_back if (at, by) > (place, attempt)]
            total = summary.merged(total, _of_attempt(segments, cut, hidden))
    return total


def _attempts(journal: Journal, cut: Cut) -> dict[int, list[Segment]]:
    found: dict[int, list[Segment]] = {}
    for stream in (STATISTICS, ARTIFACTS):
        for segment in journal.segments(cut.trial, stream=stream):
            if segment.attempt <= cut.attempt:
                found.setdefault(segment.attempt, []).append(segment)
    return found


def _of_attempt(segments: Iterable[Segment], cut: Cut, hidden: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    writers: dict[str, dict[str, Any]] = {}
    for segment in segments:
        found = writers.setdefault(segment.writer, summary.empty())
        for point in points(segment.body):
            if not cut.admits(segment.attempt, point.time):
                continue
            place = point.values.get("metadata") if segment.stream == ARTIFACTS else point.values
            if not any(hides(keys, place or {}) for keys in hidden):
                summary.add(found, segment.stream, point.values, point.time)
    return summary.together(writers.values())
