"""One axis of a plot: where values fall, and which round numbers stand beside it."""

from __future__ import annotations

import math
import sys

from kleio.dataclass import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST, SMALLEST = sys.float_info.max, 1e-290
"""No axis ends beyond the one; within the other a float's differences and steps are none."""
LARGEST_STEP, MOST_DECADES = 1e308, 308.25


@dataclass(frozen=True)
class Axis:
    """From ``low`` to ``high``, which are the values' logarithms if ``log``; ``whole`` shows no fractions."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    @staticmethod
    def around(values: Iterable[float], *, log: bool = False, counts: bool = False) -> Axis:
        """The axis that holds all of these values. If it ``counts`` and they are whole, there is nothing between."""
        values = list(values)
        whole = counts and are_whole(values)
        placed = [math.log10(value) for value in values] if log else values
        low, high = min(placed, default=0.0), max(placed, default=1.0)
        scale = max(abs(low), abs(high))
        if high / 2 - low / 2 < max(1e-12 * scale, SMALLEST) / 2:
            room = 0.1 * scale if scale > SMALLEST else 1.0
            if whole and not log and scale < 1e12:
                room = 0.5  # so that no other number stands beside the only one
            low, high = max(low - room, -LARGEST), min(high + room, LARGEST)
        return Axis(low, high, log, whole)

    def place(self, value: float) -> float:
        """Where a value falls: 0 at ``low``, 1 at ``high``."""
        at = math.log10(value) if self.log else value
        return (at / 2 - self.low / 2) / (self.high / 2 - self.low / 2)  # the difference of two large ones is infinite

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """At most about ``most`` places with what to write there, of round numbers."""
        most = max(2, most)
        if self.log and self.high - self.low >= 1:
            return self._decades(most)
        low, high = (10**self.low, 10 ** min(self.high, MOST_DECADES)) if self.log else (self.low, self.high)
        step = min(_round_step(high / most - low / most), LARGEST_STEP)
        if self.whole:
            step = max(step, 1.0)
        first, last = math.ceil(low / step), math.floor(high / step)
        values = [number * step for number in range(first, min(last, first + 4 * most) + 1)]
        digits = max(0, -math.floor(math.log10(step)))
        return [(self.place(value), _text(value, digits)) for value in values if value > 0 or not self.log]

    def _decades(self, most: int) -> list[tuple[float, str]]:
        first, last = math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9)
        if self.whole:
            first = max(first, 0)
        step = max(1, math.ceil((last - first) / most))
        if step > 10:  # 1e-90, 1, 1e90 are rounder than what is in between
            step = -(-step // 10) * 10
            first = -(-first // step) * step
        return [
            ((exponent - self.low) / (self.high - self.low), _power(exponent))
            for exponent in range(first, last + 1, step)
        ]


def are_whole(values: Iterable[float]) -> bool:
    """Whether none of them has a fraction, as a count of epochs has none."""
    return all(float(value).is_integer() for value in values)


def _round_step(rough: float) -> float:
    """The least of 1, 2, 5 times a power of ten that is not below ``rough``."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999999)


def _text(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    if 1e-4 <= abs(value) < 1e6 and digits <= 6:
        return f"{value:.{digits}f}"
    return f"{value:.6g}"


def _power(exponent: int) -> str:
    return f"{10.0**exponent:g}" if -4 <= exponent <= 5 else f"1e{exponent}"
