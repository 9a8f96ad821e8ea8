"""The points that a trial's script logged, one by one, in the order of logging.

Records of one process keep their order; those of different processes are merged by the time of logging. What a later
attempt took back by ``resume_from`` is left out unless asked for, also where it was inherited; what other trials
attached later comes last and is never taken back.
"""

from __future__ import annotations

import heapq
from itertools import groupby

from kleio.dataclass import dataclass
from kleio.spool.records.restoration import hides, read_restorations
from kleio.spool.records.segments import REMARKS, STATISTICS, points
from kleio.spool.records.writers import read_ranks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from kleio.journal.contract import Journal, Segment
    from kleio.trial.cut import Cut


@dataclass(frozen=True)
class Statistic:
    """One call of ``log_statistic``: what was logged, when, in which attempt and by which process.

    ``rank`` is the process's place in its group, if it has one; ``creator`` says who attached it if it was not the
    trial itself.
    """

    values: dict[str, Any]
    time: float
    attempt: int
    writer: str
    rank: int | None = None
    creator: Mapping[str, Any] | None = None


def read_points(
    journal: Journal,
    trial_id: str,
    *,
    superseded: bool = False,
    inherited: Sequence[Statistic] = (),
    cut: Cut | None = None,
) -> list[Statistic]:
    """``inherited``, as far as this trial did not take it back, and behind it this trial's own points.

    Of a trial that a branch reads through, only what lies before ``cut`` counts: its points and its restorations.
    """
    taken_back = {} if superseded else read_restorations(journal, trial_id, cut)
    ranks = read_ranks(journal, trial_id)
    found = list(inherited)
    segments = journal.segments(trial_id, stream=STATISTICS)
    by_attempt = {number: list(group) for number, group in groupby(segments, key=lambda segment: segment.attempt)}
    for number in sorted({*by_attempt, *taken_back}):
        for keys in taken_back.get(number, ()):
            found = [record for record in found if record.creator is not None or not hides(keys, record.values)]
        merged = _merged(by_attempt.get(number, ()), ranks)
        found += merged if cut is None else [one for one in merged if cut.admits(one.attempt, one.time)]
    found += [one for one in read_remarks(journal, trial_id) if cut is None or cut.admits(one.attempt, one.time)]
    return sorted(found, key=lambda record: record.creator is not None)


def read_last(
    journal: Journal,
    trial_id: str,
    count: int,
    admits: Callable[[Statistic], bool],
    *,
    superseded: bool = False,
) -> list[Statistic]:
    """The last ``count`` of the points that :func:`read_points` finds and ``admits`` takes; only those segments are
    unpacked that hold them. Fewer if the trial has not so many of its own."""
    found = [record for record in reversed(read_remarks(journal, trial_id)) if admits(record)]
    taken_back = {} if superseded else read_restorations(journal, trial_id)
    ranks = read_ranks(journal, trial_id)
    segments = journal.segments(trial_id, stream=STATISTICS)
    by_attempt = {number: list(group) for number, group in groupby(segments, key=lambda segment: segment.attempt)}
    for number in sorted(by_attempt, reverse=True):
        if len(found) >= count:
            break
        later = [keys for attempt, declared in taken_back.items() if attempt > number for keys in declared]
        for record in _backwards(by_attempt[number], ranks):
            if admits(record) and not any(hides(keys, record.values) for keys in later):
                found.append(record)
                if len(found) >= count:
                    break
    return found[:count][::-1]


def read_remarks(journal: Journal, trial_id: str) -> list[Statistic]:
    """What was attached to a trial by others, by the time of attaching."""
    found = [
        Statistic(point.values["values"], point.time, segment.attempt, segment.writer, creator=point.values["creator"])
        for segment in journal.segments(trial_id, stream=REMARKS)
        for point in points(segment.body)
    ]
    return sorted(found, key=lambda record: record.time)


def _merged(segments: Sequence[Segment], ranks: Mapping[tuple[int, str], int]) -> Iterator[Statistic]:
    """The records of one attempt by the time of logging."""
    writers = [_timed(of_writer, ranks.get((of_writer[0].attempt, name))) for name, of_writer in _by_writer(segments)]
    return (record for _, record in heapq.merge(*writers, key=lambda entry: entry[0]))


def _backwards(segments: Sequence[Segment], ranks: Mapping[tuple[int, str], int]) -> Iterator[Statistic]:
    """The same from the end. What several processes logged has to be merged from the beginning, for the latest time
    of each counts."""
    if len(_by_writer(segments)) > 1:
        yield from reversed(list(_merged(segments, ranks)))
        return
    for segment in reversed(segments):
        rank = ranks.get((segment.attempt, segment.writer))
        yield from reversed([record for _, record in _timed([segment], rank)])


def _by_writer(segments: Sequence[Segment]) -> list[tuple[str, list[Segment]]]:
    return [(name, list(group)) for name, group in groupby(segments, key=lambda segment: segment.writer)]


def _timed(segments: list[Segment], rank: int | None) -> Iterator[tuple[float, Statistic]]:
    """The records of one process with times that never run backwards, whatever the wall clock did."""
    latest = float("-inf")
    for segment in segments:
        for point in points(segment.body):
            if isinstance(point.values, dict):
                latest = max(latest, point.time)
                yield latest, Statistic(point.values, point.time, segment.attempt, segment.writer, rank, None)
