"""The axes of a plot in a file: matplotlib's, and our own where its arithmetic ends."""

from __future__ import annotations

import math

from kleio.cli.drawing.axis import Axis, are_whole
from kleio.dataclass import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

LARGEST, SMALLEST = 1e250, 1e-250
"""Beyond them matplotlib computes infinities: it leaves room beside the values, on a logarithmic axis whole decades."""
PLAIN = 1e-4, 1e5
ROOM = 0.05
TICKS = 7


@dataclass(frozen=True)
class Scale:
    """Where ``values`` fall along one side of a plot, ``x`` or ``y``. ``own`` is ``None`` where matplotlib knows it;
    ``plain`` says that numbers of that size are read more easily without powers of ten."""

    side: str
    log: bool
    whole: bool
    only: float | None
    own: Axis | None
    plain: bool

    @staticmethod
    def around(side: str, values: Iterable[float], *, log: bool = False) -> Scale:
        """The scale for all of these values."""
        seen = [value for value in values if math.isfinite(value) and not (log and value <= 0)]
        sizes = [abs(value) for value in seen if value]
        high, low = max(sizes, default=1.0), min(sizes, default=1.0)
        own = None
        if high > LARGEST or (low if log else high) < SMALLEST:
            own = Axis.around(seen, log=log, counts=side == "x")
        only = seen[0] if seen and seen.count(seen[0]) == len(seen) else None
        return Scale(side, log, side == "x" and are_whole(seen), only, own, low >= PLAIN[0] and high <= PLAIN[1])

    def placed(self, values: Sequence[float]) -> Sequence[float]:
        """What matplotlib is told to draw."""
        if self.own is None:
            return values
        seen = (math.isfinite(value) and not (self.log and value <= 0) for value in values)
        return [self.own.place(value) if is_seen else math.nan for value, is_seen in zip(values, seen, strict=True)]

    def set(self, axes: Any) -> None:
        """Limits and ticks of this side."""
        axis = getattr(axes, f"{self.side}axis")
        limits = getattr(axes, f"set_{self.side}lim")
        if self.own is not None:
            ticks = [(place, text) for place, text in self.own.ticks(TICKS) if 0 <= place <= 1]
            axis.set_ticks([place for place, _ in ticks], labels=[text for _, text in ticks])
            limits(-ROOM, 1 + ROOM)
        elif self.log:
            getattr(axes, f"set_{self.side}scale")("log")
            if self.plain:
                _label_plainly(axis)
        elif self.whole:
            axis.get_major_locator().set_params(integer=True, min_n_ticks=1)
            if self.only is not None and abs(self.only) < 1e12:
                limits(self.only - 0.5, self.only + 0.5)


def _label_plainly(axis: Any) -> None:
    """Write 0.2 in place of 2 × 10⁻¹."""
    from matplotlib.ticker import LogFormatter

    class Plain(LogFormatter):
        def __call__(self, x: float, pos: int | None = None) -> str:
            return f"{x:g}" if super().__call__(x, pos) else ""

    axis.set_major_formatter(Plain())
    axis.set_minor_formatter(Plain())
