"""One statistic against another, ready to be drawn: sorted, thinned out without losing its shape, smoothed."""

from __future__ import annotations

import math
from array import array
from itertools import compress, count
from operator import eq

from kleio.dataclass import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

USUAL = ("epoch", "step", "global_step", "iteration", "iter", "batch")
"""Names that count a training's progress, the coarser first. Unless another is asked for, the axis is the first that
tells the points apart: not the epoch if each batch of it was logged."""
TIME = "time"
NUMBER = "number"
"""The axis if nothing counts, or too coarsely: the number of the record."""
HUGE = 1 << 1000
"""Whole numbers from here on are left out: soon no float is as large."""


@dataclass(frozen=True)
class Curve:
    """Points of ``y`` over ``x``, equally long; ``x_name`` and ``y_name`` say of what. NaN is a gap.

    ``left_out`` is how many more there were, replaced by what a later attempt or another process logged there.
    """

    x: Sequence[float]
    y: Sequence[float]
    x_name: str
    y_name: str
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.x)

    def __iter__(self) -> Iterator[tuple[float, float]]:
        return iter(zip(self.x, self.y, strict=True))

    def sorted(self) -> Curve:
        """From left to right; equal places keep their order."""
        if all(self.x[at] <= self.x[at + 1] for at in range(len(self) - 1)):
            return self
        return self._take(sorted(range(len(self)), key=self.x.__getitem__))

    def within(self, *, positive_x: bool = False, positive_y: bool = False) -> Curve:
        """Without what a logarithmic axis cannot show."""
        rows = [at for at, (x, y) in enumerate(self) if not (positive_x and x <= 0) and not (positive_y and y <= 0)]
        return self if len(rows) == len(self) else self._take(rows)

    def smoothed(self, weight: float) -> Curve:
        """The moving average that forgets exponentially, corrected for its start: 0 changes nothing, 0.99 a lot.

        Gaps and infinities stay what they are and count for nothing.
        """
        if not 0 <= weight < 1:
            raise ValueError(f"the weight of smoothing must be at least 0 and less than 1, not {weight:g}")
        mean = total = 0.0
        smooth = array("d")
        for y in self.y:
            if not math.isfinite(y):
                smooth.append(y)
                continue
            mean = weight * mean + (1 - weight) * y
            total = weight * total + (1 - weight)
            smooth.append(mean / total)
        return replace(self, y=smooth)

    def downsampled(self, most: int, method: str = "minmax") -> Curve:
        """At most ``most`` of these points (at least 4), so chosen that a plot looks the same.

        ``minmax`` keeps of each stretch its extremes, so that no spike is lost; ``lttb`` (largest triangle, three
        buckets) keeps the visual shape with fewer points. First and last are kept. Nothing is averaged.
        """
        if method not in METHODS:
            raise ValueError(f"{method!r} is no way to downsample; there are {' and '.join(METHODS)}")
        if len(self) <= max(most, 4):
            return self
        return self._take(METHODS[method](self.x, self.y, max(most, 4)))

    def _take(self, rows: Iterable[int]) -> Curve:
        chosen = list(rows)
        x, y = self.x, self.y
        return replace(self, x=array("d", [x[at] for at in chosen]), y=array("d", [y[at] for at in chosen]))


def _extremes(_: Sequence[float], y: Sequence[float], most: int) -> list[int]:
    """First, last, and of each of equally long stretches the lowest and the highest point in their order."""
    stretches = max(1, (most - 2) // 2)
    inner = len(y) - 2
    kept = [0]
    for stretch in range(stretches):
        begin, end = 1 + stretch * inner // stretches, 1 + (stretch + 1) * inner // stretches
        values = y[begin:end]
        if any(map(math.isnan, values)):
            numbers = [(value, at) for at, value in enumerate(values, begin) if not math.isnan(value)]
            pair = {min(numbers)[1], max(numbers)[1]} if numbers else {begin}
        else:
            pair = {begin + values.index(min(values)), begin + values.index(max(values))}
        kept += sorted(pair)
    return [*kept, len(y) - 1]


def _triangles(x: Sequence[float], y: Sequence[float], most: int) -> list[int]:
    """Of each stretch the point that spans the largest triangle with the one kept before and the mean of the next."""
    stretches = most - 2
    inner = len(y) - 2
    borders = [1 + stretch * inner // stretches for stretch in range(stretches + 1)] + [len(y)]
    kept = [0]
    for stretch in range(stretches):
        begin, end, after = borders[stretch : stretch + 3]
        ahead = [(x[at], y[at]) for at in range(end, after) if math.isfinite(y[at])] or [(x[end], 0.0)]
        next_x = sum(one[0] for one in ahead) / len(ahead)
        next_y = sum(one[1] for one in ahead) / len(ahead)
        last_x, last_y = x[kept[-1]], y[kept[-1]]
        if not math.isfinite(last_y):
            last_y = next_y
        best, area = begin, -1.0
        for at in range(begin, end):
            size = abs((last_x - next_x) * (y[at] - last_y) - (last_x - x[at]) * (next_y - last_y))
            if size > area:
                best, area = at, size
        kept.append(best)
    return [*kept, len(y) - 1]


METHODS = {"minmax": _extremes, "lttb": _triangles}


def names_for(y: str, x: str | None = None) -> list[str]:
    """The columns that :func:`curve_of` looks at."""
    return [y, *(USUAL if x is None or x in USUAL else [x])]


def curve_of(
    values: Mapping[str, Sequence[Any]],
    times: Sequence[float],
    y: str,
    x: str | None = None,
    writers: Sequence[int] = (),
) -> Curve:
    """``y`` over ``x`` out of columns; points that lack one of them, or where one is no number, are left out.

    Without ``x`` the axis is the first of ``USUAL`` that tells the points apart, or else the number of the record.
    ``x="time"``, unless something was logged by that name, is seconds since the first record.

    All that one of the ``writers`` (a process in an attempt) logged is kept, be it at the same epoch: its training went
    on. If several were at the same epoch, it was done again, and the one that came last counts. A batch that is counted
    anew in each epoch is the same in the same epoch only. Over an ``x`` that is none of ``USUAL`` all points are kept.
    """
    heights = values.get(y, ())
    counts = [name for name in USUAL if name in values and name != y]
    several = len(heights) > 0 and len(set(writers)) > 1

    def standing(by: Sequence[str]) -> Sequence[bool]:
        return _standing(_counted([values[name] for name in by]), heights, writers) if several and by else ()

    def over(axis: str, stands: Sequence[bool]) -> Curve:
        curve, rows = _points(_places(values, times, heights, axis), heights, axis, y)
        kept = [at for at, row in enumerate(rows) if stands[row]] if stands else rows
        return curve if len(kept) == len(curve) else replace(curve._take(kept), left_out=len(curve) - len(kept))

    if x is not None:
        return over(x, standing(counts[: counts.index(x) + 1] if x in counts else ()))
    stands: Sequence[bool] = ()
    for at, name in enumerate(counts, 1):
        stands = standing(counts[:at])
        curve = over(name, stands)
        if len(curve) == len(set(curve.x)) > 0:
            return curve
    return over(NUMBER, stands)


def _places(
    values: Mapping[str, Sequence[Any]], times: Sequence[float], heights: Sequence[Any], x: str
) -> Sequence[Any]:
    if x in values:
        return values[x]
    if x == TIME:
        return [time - times[0] for time in times]
    if x == NUMBER:
        return range(len(heights)) if isinstance(heights, array) else _numbered(heights)
    return ()


def _points(places: Sequence[Any], heights: Sequence[Any], x: str, y: str) -> tuple[Curve, Sequence[int]]:
    """The curve, and the row of each point."""
    if isinstance(heights, array) and _are_numbers(places):
        return Curve(array("d", places), array("d", heights), x, y), range(len(heights))
    rows = [at for at, (a, b) in enumerate(zip(places, heights, strict=False)) if _is_place(a) and _is_number(b)]
    taken = (array("d", [float(column[row]) for row in rows]) for column in (places, heights))
    return Curve(next(taken), next(taken), x, y), rows


def _standing(places: Sequence[Any], heights: Sequence[Any], writers: Sequence[int]) -> Sequence[bool]:
    """Of each point whether it counts: if several writers were at the same place, those of the one that came last."""
    last = dict(compress(zip(places, writers, strict=True), map(_is_number, heights)))
    return list(map(eq, map(last.get, places), writers))


def _counted(counts: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """Where each row was by all ``counts`` together, as epoch and batch do; one without any has its own place."""
    if all(map(_are_numbers, counts)):
        return counts[0] if len(counts) == 1 else list(zip(*counts, strict=True))
    parts = [
        column if _are_numbers(column) else [each if _is_place(each) else None for each in column] for column in counts
    ]
    nowhere = (None,) * len(parts)
    return [at if place == nowhere else place for at, place in enumerate(zip(*parts, strict=True))]


def _numbered(heights: Sequence[Any]) -> list[int | None]:
    numbers = count()
    return [None if height is None else next(numbers) for height in heights]


def _is_number(value: Any) -> bool:
    if isinstance(value, float):
        return True
    return isinstance(value, int) and not isinstance(value, bool) and -HUGE < value < HUGE


def _is_place(value: Any) -> bool:
    return _is_number(value) and not math.isnan(value)


def _are_numbers(places: Sequence[Any]) -> bool:
    """Whether all of them are places; a list, which takes long to look through, is taken to hold others, too."""
    return isinstance(places, array | range) and not any(map(math.isnan, places))
