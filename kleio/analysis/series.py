"""What a trial's script logged: statistics in the order of logging, sorted by any key, as columns.

Records of one process keep their order; those of different processes are merged by the time of logging.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from kleio.spool.segments import STATISTICS, points

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, overload

    from kleio.journal.contract import Journal, Segment


@dataclass(frozen=True, slots=True)
class Statistic:
    """One call of ``log_statistic``: what was logged, when, in which attempt and by which process."""

    values: dict[str, Any]
    time: float
    attempt: int
    writer: str


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


def read_statistics(journal: Journal, trial_id: str, *, attempt: int | None = None) -> Statistics:
    """The statistics of a trial, of all its attempts in order or of one."""
    segments = journal.segments(trial_id, attempt=attempt, stream=STATISTICS)
    found: list[Statistic] = []
    for number, of_attempt in groupby(segments, key=lambda segment: segment.attempt):
        writers = [
            _timed(list(of_writer), number, name) for name, of_writer in groupby(of_attempt, key=lambda one: one.writer)
        ]
        found += [record for _, record in heapq.merge(*writers, key=lambda entry: entry[0])]
    return Statistics(found)


def _timed(segments: list[Segment], attempt: int, writer: str) -> Iterator[tuple[float, Statistic]]:
    """The records of one process with times that never run backwards, whatever the wall clock did."""
    latest = float("-inf")
    for segment in segments:
        for point in points(segment.body):
            if isinstance(point.values, dict):
                latest = max(latest, point.time)
                yield latest, Statistic(point.values, point.time, attempt, writer)


def _order(value: Any) -> tuple[int, Any]:
    """A key by which anything can be sorted beside anything."""
    if isinstance(value, bool | int | float):
        return (1, 0) if value != value else (0, value)  # NaN after the numbers
    if isinstance(value, str):
        return (2, value)
    return (3, f"{type(value).__name__} {value!r}")
