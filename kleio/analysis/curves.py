"""One statistic against another, ready to be drawn: sorted, thinned out without losing its shape, smoothed."""

from __future__ import annotations

import math
from array import array
from itertools import count

from kleio.dataclass import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

USUAL = ("epoch", "step", "global_step", "iteration", "iter", "batch")
"""Names that count a training's progress. Unless another is asked for, the axis is the first that tells the points
apart: not the epoch if each batch of it was logged."""
TIME = "time"
NUMBER = "number"
"""The axis if nothing counts, or too coarsely: the number of the record."""


@dataclass(frozen=True)
class Curve:
    """Points of ``y`` over ``x``, equally long; ``x_name`` and ``y_name`` say of what. NaN is a gap.

    ``left_out`` is how many more there were, which a later attempt or another process logged again.
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

    def latest(self) -> Curve:
        """Of several points at the same place only the one that was logged last."""
        kept = {x: at for at, x in enumerate(self.x)}
        return self if len(kept) == len(self) else self._take(kept.values())

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


def curve_of(
    values: dict[str, Sequence[Any]],
    times: Sequence[float],
    y: str,
    x: str | None = None,
    writers: Sequence[int] = (),
) -> Curve:
    """``y`` over ``x`` out of columns; points that lack one of them, or where one is no number, are left out.

    Without ``x`` the axis is the first of ``USUAL`` by which each of the ``writers`` (a process in an attempt) told its
    points apart, or else the number of the record. ``x="time"``, unless something was logged by that name, is seconds
    since the first record.

    All that one writer logged is kept, be it at the same epoch: its training went on. If several were at the same
    epoch, it was done again, and the one that came last counts. A batch that is counted anew in each epoch is the same
    in the same epoch only.
    """
    heights = values.get(y, ())
    writers = writers or [0] * len(heights)
    counts = [name for name in USUAL if name in values and name != y]
    for name in counts if x is None else [x] if x in counts else []:
        curve, of = _points(values[name], heights, writers, name, y)
        if len(curve) and (x is not None or _tell_apart(curve.x, of)):
            grows = len(set(of)) < 2 or _grows(curve.x, of)
            return _without_repeated(curve, curve.x if grows else _counted(values, counts, name, heights), of)
    curve, of = _points(_places(values, times, heights, x or NUMBER), heights, writers, x or NUMBER, y)
    if x is not None or not counts or len(set(of)) < 2:
        return curve
    return _without_repeated(curve, _counted(values, counts, None, heights), of)


def _places(values: dict[str, Sequence[Any]], times: Sequence[float], heights: Sequence[Any], x: str) -> Sequence[Any]:
    if x in values:
        return values[x]
    if x == TIME:
        return [time - times[0] for time in times]
    if x == NUMBER:
        return range(len(heights)) if isinstance(heights, array) else _numbered(heights)
    return ()


def _points(
    places: Sequence[Any], heights: Sequence[Any], writers: Sequence[int], x: str, y: str
) -> tuple[Curve, Sequence[int]]:
    """The curve, and the writer of each point."""
    if all(isinstance(each, array | range) for each in (places, heights)) and not any(map(math.isnan, places)):
        return Curve(array("d", places), array("d", heights), x, y), writers
    rows = [
        (a, b, writer)
        for a, b, writer in zip(places, heights, writers, strict=False)
        if _is_number(a) and _is_number(b) and a == a
    ]
    curve = Curve(array("d", [float(a) for a, _, _ in rows]), array("d", [float(b) for _, b, _ in rows]), x, y)
    return curve, [writer for _, _, writer in rows]


def _tell_apart(places: Sequence[float], writers: Sequence[int]) -> bool:
    """Whether no writer was twice at the same place."""
    distinct = len(set(places))
    if distinct == len(places) or distinct * len(set(writers)) < len(places):
        return distinct == len(places)
    return len(set(zip(places, writers, strict=True))) == len(places)


def _without_repeated(curve: Curve, places: Sequence[Any], writers: Sequence[int]) -> Curve:
    """Of several writers at the same place only the points of the one that was there last."""
    if len(set(writers)) < 2:
        return curve
    last = dict(zip(places, writers, strict=True))
    rows = [at for at, (place, writer) in enumerate(zip(places, writers, strict=True)) if last[place] == writer]
    return curve if len(rows) == len(curve) else replace(curve._take(rows), left_out=len(curve) - len(rows))


def _grows(places: Sequence[float], writers: Sequence[int]) -> bool:
    """Whether no writer went back."""
    latest: dict[int, float] = {}
    for place, writer in zip(places, writers, strict=True):
        if place < latest.get(writer, place):
            return False
        latest[writer] = place
    return True


def _counted(
    values: dict[str, Sequence[Any]], names: Sequence[str], x: str | None, heights: Sequence[Any]
) -> list[Any]:
    """Where each point that has an ``x`` was by all that counts together, as epoch and batch do; one without any has
    its own place."""
    parts = zip(*(values[name] for name in names), strict=True)
    places = [tuple(part if _is_number(part) and part == part else None for part in each) for each in parts]
    on_axis = None if x is None else names.index(x)
    return [
        place if place.count(None) < len(place) else at
        for at, (place, height) in enumerate(zip(places, heights, strict=True))
        if _is_number(height) and (on_axis is None or place[on_axis] is not None)
    ]


def _numbered(heights: Sequence[Any]) -> list[int | None]:
    numbers = count()
    return [None if height is None else next(numbers) for height in heights]


def _is_number(value: Any) -> bool:
    if type(value) is float:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and -(1 << 1000) < value < 1 << 1000
