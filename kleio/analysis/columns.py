"""Statistics as columns, for plots and data frames: a million points in a fraction of a second.

The journal keeps columns, so nothing is taken apart that is put together again afterwards: numeric columns arrive as
``array.array`` and become rows only where processes, or records with different names, have to be merged.
"""

from __future__ import annotations

from array import array
from itertools import accumulate, groupby

from kleio.analysis.frames import arrays_of, columns_frame
from kleio.analysis.records import read_remarks
from kleio.dataclass import dataclass, field
from kleio.encoding import json_text
from kleio.spool.records.restoration import hides, read_restorations
from kleio.spool.records.segments import METRICS, STATISTICS, column, points

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from kleio.analysis.records import Statistic
    from kleio.journal.contract import Journal, Segment
    from kleio.journal.lineage import Ancestor
    from kleio.trial.cut import Cut

    Numbers = dict[tuple[str, int, str], int]
    """The number of each writer by trial, attempt and name."""

MOST_NAMED = 12
"""Names that an error lists."""


@dataclass
class Columns:
    """Equally long columns, one row a record: ``times`` (seconds since the epoch), ``attempts``, ``values`` by name.

    A column of nothing but floats or of nothing but integers of at most 64 bits is an ``array``; any other is a list,
    with ``None`` where a record lacks the name. ``writers`` are numbers that tell apart what was logged by different
    processes or in different attempts, or attached by different creators; a branch's are not those of its ancestors.
    They may be missing; where such columns are joined to others, -1 stands for what nobody knows.
    """

    times: array[float] = field(default_factory=lambda: array("d"))
    attempts: array[int] = field(default_factory=lambda: array("i"))
    values: dict[str, Sequence[Any]] = field(default_factory=dict)
    writers: array[int] = field(default_factory=lambda: array("i"))

    def __len__(self) -> int:
        return len(self.times)

    def to_arrays(self) -> dict[str, Any]:
        """The values as NumPy arrays; without NumPy as they are. Nothing is copied where it can be avoided."""
        return arrays_of(self.values)

    def to_frame(self, index: str | None = None) -> Any:
        """A ``pandas.DataFrame`` of the values (needs ``kleio[pandas]``), typed: integers with gaps stay integers.

        ``index`` names the column to become the index; ``"time"``, unless something was logged by that name, is the
        time of logging, in UTC. ``KeyError`` if there is no such column.
        """
        if index not in (None, "time") and index not in self.values:
            raise KeyError(never_logged(index, list(self.values)))
        return columns_frame(self.values, self.times, index)

    def take(self, rows: Sequence[int]) -> Columns:
        """These rows, in this order."""
        chosen = {name: _like(values, [values[row] for row in rows]) for name, values in self.values.items()}
        times, attempts, writers = self.times, self.attempts, self.writers
        return Columns(
            array("d", [times[row] for row in rows]), array("i", [attempts[row] for row in rows]), chosen,
            array("i", [writers[row] for row in rows] if writers else ()),
        )  # fmt: skip

    def extend(self, other: Columns) -> None:
        """Put the rows of ``other`` behind these."""
        before, added = len(self), len(other)
        if not added:
            return
        for name in dict.fromkeys([*self.values, *other.values]):
            self.values[name] = _joined(
                self.values.get(name), before, other.values.get(name), added
            )  # fmt: skip
        self.times.extend(other.times)
        self.attempts.extend(other.attempts)
        self.writers.extend(_unknown(before - len(self.writers)))
        self.writers.extend(other.writers or _unknown(added))


def never_logged(name: str, known: Sequence[str]) -> str:
    """That nothing was logged by a name, and what was."""
    listed = ", ".join(map(repr, known[:MOST_NAMED])) + (", …" if len(known) > MOST_NAMED else "")
    return f"nothing was logged as {name!r}" + (f"; there is {listed}" if known else "")


def read_columns(
    journal: Journal,
    trial_id: str,
    names: Iterable[str] | None = None,
    *,
    stream: str = STATISTICS,
    superseded: bool = False,
    ancestors: Sequence[Ancestor] = (),
) -> Columns:
    """All records of a trial (with at least one of ``names``), in the order of :func:`records.read_points`.

    Before them what it inherits from its ``ancestors``, the oldest first; what others attached comes behind all.
    """
    wanted = None if names is None else tuple(names)
    chapters = [*((one.document["_id"], one.cut) for one in ancestors), (trial_id, None)]
    plain = superseded or stream == METRICS
    taken_back = [{} if plain else read_restorations(journal, one, cut) for one, cut in chapters]
    needed = None if wanted is None else {*wanted, *_names_in(taken_back)}
    found, remarks = Columns(), Columns()
    numbers: Numbers = {}
    for (one, cut), restorations in zip(chapters, taken_back, strict=True):
        segments = journal.segments(one, stream=stream)
        for number, of_attempt in groupby(segments, key=lambda segment: segment.attempt):
            for earlier in [one for one in sorted(restorations) if one <= number]:
                found = _without(found, restorations.pop(earlier))
            merged = _merged([_of_writer(list(group), needed, numbers) for _, group in groupby(of_attempt, _writer)])
            found.extend(merged if cut is None else _before(merged, cut))
        for keys in restorations.values():
            found = _without(found, keys)
        if stream == STATISTICS:
            remarks.extend(_remarks(journal, one, cut, needed, numbers))
    found.extend(remarks)
    if wanted is not None:
        found.values = {name: found.values[name] for name in wanted if name in found.values}
    return found


def columns_of(
    records: Iterable[Statistic], names: Iterable[str] | None = None, numbers: Numbers | None = None, trial: str = ""
) -> Columns:
    """Records of a trial as columns, in their order; with ``names`` only those that have one of them. ``numbers`` are
    those of other writers."""
    numbers = {} if numbers is None else numbers
    wanted = None if names is None else tuple(names)
    rows = [one for one in records if wanted is None or any(name in one.values for name in wanted)]
    seen = dict.fromkeys(name for one in rows for name in one.values)
    kept = list(seen) if wanted is None else [name for name in wanted if name in seen]
    columns = {name: packed([one.values.get(name) for one in rows]) for name in kept}
    writers = [numbers.setdefault((trial, one.attempt, _writer_of(one)), len(numbers)) for one in rows]
    times, attempts = array("d", [one.time for one in rows]), array("i", [one.attempt for one in rows])
    return Columns(times, attempts, columns, array("i", writers))


def packed(values: Sequence[Any]) -> Sequence[Any]:
    """The values as an array, if they are nothing but floats or integers of 64 bits."""
    kinds = set(map(type, values))
    try:
        return array("d", values) if kinds == {float} else array("q", values) if kinds == {int} else values
    except OverflowError:  # more than 64 bits
        return values


def _unknown(count: int) -> array[int]:
    return array("i", (-1,)) * count


def _names_in(taken_back: Iterable[Mapping[int, Iterable[Mapping[str, float]]]]) -> set[str]:
    return {name for of_trial in taken_back for each in of_trial.values() for keys in each for name in keys}


def _before(found: Columns, cut: Cut) -> Columns:
    moments = zip(found.attempts, found.times, strict=True)
    rows = [row for row, moment in enumerate(moments) if cut.admits(*moment)]
    return found if len(rows) == len(found) else found.take(rows)


def _remarks(journal: Journal, trial_id: str, cut: Cut | None, names: set[str] | None, numbers: Numbers) -> Columns:
    found = [one for one in read_remarks(journal, trial_id) if cut is None or cut.admits(one.attempt, one.time)]
    return columns_of(found, names, numbers, trial_id)


def _writer_of(record: Statistic) -> str:
    """A remark has a writer's name of its own; what one creator attached belongs together all the same."""
    return record.writer if record.creator is None else json_text(record.creator, repr, sort_keys=True)


def _writer(segment: Segment) -> str:
    return segment.writer


def _of_writer(segments: list[Segment], names: set[str] | None, numbers: Numbers) -> Columns:
    """The rows of one process, in its order."""
    found, first = Columns(), segments[0]
    for segment in segments:
        found.extend(_of_segment(segment, names))
    number = numbers.setdefault((first.trial, first.attempt, first.writer), len(numbers))
    found.writers = array("i", (number,)) * len(found)
    return found


def _of_segment(segment: Segment, names: set[str] | None) -> Columns:
    if "records" in segment.body:
        return _of_rows(segment, names)
    found, sequences = Columns(), array("q")
    for group in segment.body["groups"]:
        kept = [place for place, name in enumerate(group["names"]) if names is None or name in names]
        if names is not None and not kept:
            continue
        times = array("d", column(group["time"]))
        values = {group["names"][place]: _cells(group["columns"][place]) for place in kept}
        found.extend(Columns(times, array("i", (segment.attempt,)) * len(times), values))
        sequences.extend(array("q", column(group["seq"])))
    if len(segment.body["groups"]) > 1:
        return found.take(sorted(range(len(found)), key=sequences.__getitem__))
    return found


def _cells(stored: Mapping[str, Any]) -> Sequence[Any]:
    """A stored column; one that repeats an integer is as much an array as others."""
    if stored["type"] == "range" and not stored["step"]:
        return array("q", (stored["start"],)) * int(stored["count"])
    return column(stored)


def _of_rows(segment: Segment, names: set[str] | None) -> Columns:
    found = Columns()
    for point in points(segment.body):
        if isinstance(point.values, dict):
            values = {name: [value] for name, value in point.values.items() if names is None or name in names}
            if values or names is None:
                found.extend(Columns(array("d", (point.time,)), array("i", (segment.attempt,)), dict(values)))
    return found


def _merged(writers: list[Columns]) -> Columns:
    """The rows of several processes by time, each process in its own order whatever its clock did."""
    if len(writers) == 1:
        return writers[0]
    found, clocks = Columns(), array("d")
    for one in writers:
        clocks.extend(accumulate(one.times, max))
        found.extend(one)
    return found.take(sorted(range(len(found)), key=clocks.__getitem__))


def _without(found: Columns, restorations: Iterable[Any]) -> Columns:
    """The rows that none of the restorations hides."""
    for keys in restorations:
        limited = {name: found.values[name] for name in keys if name in found.values}
        if limited:
            names = tuple(limited)
            rows = zip(*limited.values(), strict=True)
            found = found.take(
                [at for at, row in enumerate(rows) if not hides(keys, dict(zip(names, row, strict=True)))]
            )
    return found


def _like(values: Sequence[Any], chosen: list[Any]) -> Sequence[Any]:
    return array(values.typecode, chosen) if isinstance(values, array) else chosen


def _joined(first: Sequence[Any] | None, before: int, second: Sequence[Any] | None, added: int) -> Sequence[Any]:
    """One column made of two; a missing one is filled with ``None``. Arrays grow in place."""
    if first is None and not before:
        first = array(_code(second), ()) if second is not None and _code(second) else []
    kind = "" if second is None else _code(second)
    if isinstance(first, array) and second is not None and kind == first.typecode:
        if isinstance(second, array) and second.typecode == kind:
            first.extend(second)
        else:
            first.extend(array(kind, second))
        return first
    if not isinstance(first, list):
        first = [None] * before if first is None else list(first)
    first.extend([None] * added if second is None else second)
    return first


def _code(values: Any) -> str:
    """``d`` for a column of floats, ``q`` for one of integers, nothing for others."""
    if isinstance(values, range):
        return "q"
    return "" if not isinstance(values, array) else "d" if values.typecode == "d" else "q"
