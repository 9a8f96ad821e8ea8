"""Draws lines with characters: braille dots where colours tell the curves apart, a sign for each curve elsewhere."""

from __future__ import annotations

from itertools import groupby

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of the braille patterns, row by row."""
BRAILLE = 0x2800


class Canvas:
    """``width`` by ``height`` characters. Points lie between 0 and 1, (0, 0) is below on the left.

    With ``signs`` every curve has its own sign, one a character; without, a character holds 2 by 4 dots.
    """

    def __init__(self, width: int, height: int, signs: str = "") -> None:
        self.width, self.height = width, height
        self._signs = signs
        self._fine = (1, 1) if signs else (2, 4)
        self._bits: dict[tuple[int, int], int] = {}
        self._owners: dict[tuple[int, int], int] = {}
        self._ends: dict[tuple[int, int], str] = {}

    def draw(self, points: Iterator[tuple[float, float] | None], curve: int) -> None:
        """A line through the points; ``None`` is a gap."""
        before: tuple[int, int] | None = None
        for point in points:
            if point is None:
                before = None
                continue
            here = self._dot(*point)
            for dot in _between(before or here, here):
                self._mark(dot, curve)
            before = here

    def end(self, x: float, y: float, curve: int, sign: str) -> None:
        """A sign where a curve ends, which tells it from the others without its colour."""
        wide, high = self._fine
        dot = self._dot(x, y)
        cell = dot[0] // wide, dot[1] // high
        self._owners[cell], self._ends[cell] = curve, sign

    def lines(self, paint: Callable[[str, int], str]) -> Iterator[str]:
        """From top to bottom; ``paint`` colours text for a curve."""
        for row in range(self.height):
            cells = ((self._owners.get((column, row)), column) for column in range(self.width))
            parts = []
            for curve, group in groupby(cells, key=lambda cell: cell[0]):
                text = "".join(self._cell(column, row) for _, column in group)
                parts.append(text if curve is None else paint(text, curve))
            yield "".join(parts).rstrip()

    def _cell(self, column: int, row: int) -> str:
        curve = self._owners.get((column, row))
        if curve is None:
            return " "
        if (column, row) in self._ends:
            return self._ends[column, row]
        return self._signs[curve % len(self._signs)] if self._signs else chr(BRAILLE + self._bits[column, row])

    def _dot(self, x: float, y: float) -> tuple[int, int]:
        wide, high = self.width * self._fine[0] - 1, self.height * self._fine[1] - 1
        return round(min(max(x, 0.0), 1.0) * wide), high - round(min(max(y, 0.0), 1.0) * high)

    def _mark(self, dot: tuple[int, int], curve: int) -> None:
        wide, high = self._fine
        cell = dot[0] // wide, dot[1] // high
        self._owners[cell] = curve
        if not self._signs:
            self._bits[cell] = self._bits.get(cell, 0) | DOTS[dot[1] % high][dot[0] % wide]


def _between(start: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The dots of a straight line, both ends too."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    for step in range(steps + 1):
        yield (
            start[0] + round((end[0] - start[0]) * step / steps),
            start[1] + round((end[1] - start[1]) * step / steps),
        )  # fmt: skip
