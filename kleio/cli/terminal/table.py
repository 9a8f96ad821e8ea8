"""Tables for people: aligned by what a terminal shows, cut or wrapped to its width, unadorned.

Output that does not go to a terminal is never cut, so that ``kleio ls | grep`` finds everything.
"""

from __future__ import annotations

from kleio.cli.terminal.fitting import columns_of, cut, wrapped
from kleio.dataclass import dataclass, field
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kleio.cli.terminal.console import Console

GAP = "  "
"""Between two columns."""
INDENT = "  "
"""Before what stands below a title."""
LEAST = 12
"""Columns that a cell is never narrowed below."""


@dataclass(frozen=True)
class Column:
    """A title (shown if any column has one), a style, and what happens to text that does not fit.

    ``palette`` gives cells of their own text a style of their own. Of a table that is too wide the columns that
    ``wrap`` or ``give`` are narrowed, or else the last. ``least`` is a width that the cells need not fill.
    """

    title: str = ""
    style: str = ""
    wrap: bool = False
    right: bool = False
    give: bool = False
    least: int = 0
    palette: Mapping[str, str] = field(default_factory=dict)


def table(console: Console, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, indent: int = 0) -> list[str]:
    """The lines of a table, each ``indent`` columns narrower than the terminal.

    Cells are stored text: their control characters are spelled out here.
    """
    cells = [[escaped(cell) for cell in row] for row in rows]
    widths = [
        max([column.least, columns_of(column.title), *(columns_of(row[index]) for row in cells)])
        for index, column in enumerate(columns)
    ]
    _fit(widths, columns, max(1, console.width - indent) if console.width else 0)
    lines = []
    if any(column.title for column in columns):
        lines.append(
            _line(
                [_pad(cut(column.title, width), width, column) for column, width in zip(columns, widths, strict=True)]
            )
        )
        lines[0] = console.paint(lines[0], "dim")
    for row in cells:
        lines += _row(console, columns, widths, row)
    return lines


def _fit(widths: list[int], columns: Sequence[Column], width: int) -> None:
    """Narrow the widest of the columns that wrap, or else the last column, until the table fits; where that is not
    enough, the widest of all."""
    if width <= 0:
        return
    flexible = [index for index, column in enumerate(columns) if column.wrap or column.give] or [len(columns) - 1]
    for index in flexible:
        widths[index] = min(widths[index], width)
    while (excess := sum(widths) + len(GAP) * (len(widths) - 1) - width) > 0:
        first, *others = sorted(flexible, key=lambda index: -widths[index])
        floor = max(LEAST, widths[others[0]] - 1 if others else 0)
        if widths[first] <= floor:
            break
        widths[first] = max(floor, widths[first] - excess)
    while (excess := sum(widths) + len(GAP) * (len(widths) - 1) - width) > 0 and max(widths) > 1:
        widest = max(range(len(widths)), key=widths.__getitem__)
        widths[widest] = max(1, widths[widest] - excess, sorted(widths)[-2] - 1 if len(widths) > 1 else 1)


def _row(console: Console, columns: Sequence[Column], widths: Sequence[int], row: Sequence[str]) -> list[str]:
    parts = [
        wrapped(cell, width) if column.wrap and console.width else [cut(cell, width)]
        for cell, column, width in zip(row, columns, widths, strict=True)
    ]
    lines = []
    for number in range(max(map(len, parts))):
        padded = []
        for part, column, width in zip(parts, columns, widths, strict=True):
            text = part[number] if number < len(part) else ""
            padded.append(_pad(text, width, column, console if text else None))
        lines.append(_line(padded))
    return lines


def _pad(text: str, width: int, column: Column, console: Console | None = None) -> str:
    space = " " * (width - columns_of(text))
    shown = console.paint(text, column.palette.get(text.rstrip(), column.style)) if console else text
    return space + shown if column.right else shown + space


def _line(cells: Sequence[str]) -> str:
    return GAP.join(cells).rstrip()
