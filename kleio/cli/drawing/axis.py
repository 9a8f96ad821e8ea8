"""One axis of a plot in a terminal: where values fall, and which round numbers stand beside it."""

from __future__ import annotations

import math

from kleio.dataclass import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST, SMALLEST = 1e300, 1e-290
"""Beyond them a float's differences and steps are none."""


@dataclass(frozen=True)
class Axis:
    """From ``low`` to ``high``, which are the values' logarithms if ``log``."""

    low: float
    high: float
    log: bool = False

    @staticmethod
    def around(values: Iterable[float], *, log: bool = False) -> Axis:
        """The axis that holds all of these values."""
        placed = [math.log10(value) if log else min(max(value, -LARGEST), LARGEST) for value in values]
        low, high = min(placed, default=0.0), max(placed, default=1.0)
        scale = max(abs(low), abs(high))
        if high - low < max(1e-12 * scale, SMALLEST):
            room = 0.1 * scale if scale > SMALLEST else 1.0
            low, high = low - room, high + room
        return Axis(low, high, log)

    def place(self, value: float) -> float:
        """Where a value falls: 0 at ``low``, 1 at ``high``."""
        return ((math.log10(value) if self.log else value) - self.low) / (self.high - self.low)

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """At most about ``most`` places with what to write there, of round numbers."""
        most = max(2, most)
        if self.log and self.high - self.low >= 1:
            return self._decades(most)
        low, high = (10**self.low, 10**self.high) if self.log else (self.low, self.high)
        step = _round_step((high - low) / most)
        first, last = math.ceil(low / step), math.floor(high / step)
        values = [number * step for number in range(first, min(last, first + 4 * most) + 1)]
        digits = max(0, -math.floor(math.log10(step)))
        return [(self.place(value), _text(value, digits)) for value in values if value > 0 or not self.log]

    def _decades(self, most: int) -> list[tuple[float, str]]:
        first, last = math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9)
        step = max(1, math.ceil((last - first) / most))
        return [
            ((exponent - self.low) / (self.high - self.low), _power(exponent))
            for exponent in range(first, last + 1, step)
        ]


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
