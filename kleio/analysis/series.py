"""What a trial's script logged: statistics in the order of logging, sorted by any key, as columns.

Records of one process keep their order; those of different processes are merged by the time of logging. What a later
attempt took back by ``resume_from`` is left out unless asked for; what other trials attached later comes last.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from kleio.spool.restoration import hides, read_restorations
from kleio.spool.segments import REMARKS, STATISTICS, points
from kleio.spool.writers import read_ranks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, overload

    from kleio.journal.contract import Journal, Segment


@dataclass(frozen=True, slots=True)
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


class Statistics(Sequence["dict[str, Any]"]):
    """A sequence of the dicts that were logged. ``statistics.loss`` is the column of ``loss``.

    ``records`` holds the same with times, attempts and processes.
    """

    def __init__(self, records: Sequence[Statistic]) -> None:
        self.records = records

    def __len__(self) -> int:
        return len(self.records)

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, index: int) -> dict[str, Any]: ...
        @overload
        def __getitem__(self, index: slice) -> Statistics: ...

    def __getitem__(self, index: int | slice) -> dict[str, Any] | Statistics:
        if isinstance(index, slice):
            return Statistics(self.records[index])
        return self.records[index].values

    def __getattr__(self, name: str) -> list[Any]:
        values = [] if name.startswith("__") else self.column(name)
        if not values:
            raise AttributeError(f"nothing was logged as {name!r}")
        return values

    def names(self) -> list[str]:
        """All that was logged under some name, in order of first appearance."""
        return list(dict.fromkeys(name for record in self.records for name in record.values))

    def column(self, name: str) -> list[Any]:
        """The values of ``name`` in this order; records without it are left out."""
        return [record.values[name] for record in self.records if name in record.values]

    def sort_by(self, name: str, *, descending: bool = False) -> Statistics:
        """Sorted by the values of ``name``: numbers as numbers, then text, then anything else; records that lack it
        come last either way. Equal ones keep their order. Never raises, whatever was mixed."""
        having = [record for record in self.records if name in record.values]
        lacking = [record for record in self.records if name not in record.values]
        having.sort(key=lambda record: _order(record.values[name]), reverse=descending)
        return Statistics(having + lacking)


def read_statistics(
    journal: Journal, trial_id: str, *, attempt: int | None = None, superseded: bool = False
) -> Statistics:
    """The statistics of a trial, of all its attempts in order or of one; ``superseded`` ones too if asked for."""
    taken_back = {} if superseded else read_restorations(journal, trial_id)
    ranks = read_ranks(journal, trial_id)
    found: list[Statistic] = []
    segments = journal.segments(trial_id, stream=STATISTICS)
    by_attempt = {number: list(group) for number, group in groupby(segments, key=lambda segment: segment.attempt)}
    for number in sorted({*by_attempt, *taken_back}):
        for keys in taken_back.get(number, ()):
            found = [record for record in found if not hides(keys, record.values)]
        writers = [
            _timed(list(of_writer), ranks.get((number, name)))
            for name, of_writer in groupby(by_attempt.get(number, ()), key=lambda one: one.writer)
        ]
        found += [record for _, record in heapq.merge(*writers, key=lambda entry: entry[0])]
    found += read_remarks(journal, trial_id)
    return Statistics(found if attempt is None else [record for record in found if record.attempt == attempt])


def read_remarks(journal: Journal, trial_id: str) -> list[Statistic]:
    """What was attached to a trial by others, by the time of attaching."""
    found = [
        Statistic(point.values["values"], point.time, segment.attempt, segment.writer, creator=point.values["creator"])
        for segment in journal.segments(trial_id, stream=REMARKS)
        for point in points(segment.body)
    ]
    return sorted(found, key=lambda record: record.time)


def _timed(segments: list[Segment], rank: int | None) -> Iterator[tuple[float, Statistic]]:
    """The records of one process with times that never run backwards, whatever the wall clock did."""
    latest = float("-inf")
    for segment in segments:
        for point in points(segment.body):
            if isinstance(point.values, dict):
                latest = max(latest, point.time)
                yield latest, Statistic(point.values, point.time, segment.attempt, segment.writer, rank)


def _order(value: Any) -> tuple[int, Any]:
    """A key by which anything can be sorted beside anything."""
    if isinstance(value, bool | int | float):
        return (1, 0) if value != value else (0, value)  # NaN after the numbers
    if isinstance(value, str):
        return (2, value)
    return (3, f"{type(value).__name__} {value!r}")
