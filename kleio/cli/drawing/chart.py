"""A plot made of text: curves on a canvas between two axes, and a legend below."""

from __future__ import annotations

import math

from kleio.cli.drawing.axis import Axis
from kleio.cli.drawing.canvas import Canvas
from kleio.cli.terminal.fitting import cut, wrapped
from kleio.dataclass import dataclass
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kleio.analysis.curves import Curve
    from kleio.cli.terminal.console import Console

    Points = list[tuple[float, float] | None]

COLOURS = ("magenta", "green", "cyan", "red", "yellow", "blue")
"""The first two are told apart by every eye; blue on black and yellow on white are hard to read, and come last."""
SIGNS, ASCII_SIGNS = "•×+o*#@%", "*x+o#@%&"
LEAST_WIDTH, LEAST_HEIGHT = 16, 5
TICK_ROOM = 12
"""Columns for a number below the axis and its distance from the next."""


@dataclass(frozen=True)
class Chart:
    """Curves with a label each; what a logarithmic axis cannot show is left out."""

    curves: Sequence[tuple[str, Curve]]
    x_name: str
    y_name: str
    log_x: bool = False
    log_y: bool = False
    notes: Sequence[str] = ()

    def lines(self, console: Console, width: int, height: int, *, unicode: bool = True) -> Iterator[str]:
        """The chart in ``width`` by about ``height`` characters, the legend not counted."""
        points = [list(_visible(curve, self.log_x, self.log_y)) for _, curve in self.curves]
        drawn = [point for each in points for point in each if point is not None]
        across = Axis.around((x for x, _ in drawn), log=self.log_x, counts=True)
        up = Axis.around((y for _, y in drawn), log=self.log_y)
        rows = max(LEAST_HEIGHT, height - 4)
        marks = {
            round((1 - place) * (rows - 1)): text for place, text in up.ticks(max(3, rows // 3)) if 0 <= place <= 1
        }
        margin = max((len(text) for text in marks.values()), default=1)
        canvas = Canvas(max(LEAST_WIDTH, width - margin - 2), rows, self._signs(console, unicode))
        for number, each in enumerate(points):
            placed = (point and (across.place(point[0]), up.place(point[1])) for point in each)
            canvas.draw(placed, number)
        self._mark_ends(canvas, points, across, up, unicode)
        yield console.paint(cut(escaped(self.y_name), width), "bold")
        bar, tick, corner, floor, notch = "│┤└─┬" if unicode else "|++-+"
        for row, text in zip(
            range(rows), canvas.lines(lambda text, curve: self._paint(console, text, curve)), strict=True
        ):
            yield f"{marks.get(row, '').rjust(margin)} {tick if row in marks else bar}{text}"
        yield from _below(across, canvas.width, margin, corner, floor, notch)
        yield cut(escaped(self.x_name), width).rjust(min(width, margin + 2 + canvas.width)).rstrip()
        if len(self.curves) > 1 or self.curves[0][0]:
            yield from self._legend(console, width, unicode)
        for note in self.notes:
            yield from (console.paint(line, "yellow") for line in wrapped(note, width))

    def _mark_ends(self, canvas: Canvas, points: Sequence[Points], across: Axis, up: Axis, unicode: bool) -> None:
        if len(self.curves) == 1:
            return
        for number, each in enumerate(points):
            last = next((point for point in reversed(each) if point is not None), None)
            if last is not None:
                canvas.end(across.place(last[0]), up.place(last[1]), number, _sign(number, unicode))

    def _signs(self, console: Console, unicode: bool) -> str:
        if unicode and (len(self.curves) == 1 or console.paint("x", "red") != "x"):
            return ""
        return SIGNS if unicode else ASCII_SIGNS

    def _paint(self, console: Console, text: str, curve: int) -> str:
        """In the colour of its curve; one alone needs none, and is legible on whatever lies below."""
        if len(self.curves) == 1:
            return text
        return console.paint(text, COLOURS[curve % len(COLOURS)])

    def _legend(self, console: Console, width: int, unicode: bool) -> Iterator[str]:
        signs = self._signs(console, unicode)
        for number, (label, curve) in enumerate(self.curves):
            sign = _sign(number, unicode) if signs or len(self.curves) == 1 else f"━{_sign(number, unicode)}"
            count = "" if len(curve) else " (no points)"
            shown = cut(escaped(label), max(width - 5 - len(count), 10))
            yield f"  {self._paint(console, sign, number)} {shown}{count}"


def _sign(curve: int, unicode: bool) -> str:
    signs = SIGNS if unicode else ASCII_SIGNS
    return signs[curve % len(signs)]


def _visible(curve: Curve, log_x: bool, log_y: bool) -> Iterator[tuple[float, float] | None]:
    for x, y in curve:
        hidden = not math.isfinite(x) or not math.isfinite(y) or (log_x and x <= 0) or (log_y and y <= 0)
        yield None if hidden else (x, y)


def _below(axis: Axis, width: int, margin: int, corner: str, floor: str, notch: str) -> Iterator[str]:
    """The lower axis and its numbers, as many as have room."""
    line, numbers, end = [floor] * width, [" "] * (width + margin + 2), -1
    for place, text in axis.ticks(max(2, width // TICK_ROOM)):
        column = round(place * (width - 1))
        start = margin + 2 + column - len(text) // 2
        start = min(start, len(numbers) - len(text))
        if not 0 <= place <= 1 or start <= end:
            continue
        line[column] = notch
        numbers[start : start + len(text)] = text
        end = start + len(text)
    yield " " * margin + " " + corner + "".join(line)
    yield "".join(numbers).rstrip()
