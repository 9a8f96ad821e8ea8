"""The legend of a plot in a file: inside while it is small, else below in columns, so that no curve lies under it."""

from __future__ import annotations

from kleio.cli.terminal.fitting import columns_of, cut
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

MOST_INSIDE, WIDEST_INSIDE = 6, 40
"""Labels, and the columns of one, that leave most of the plot free."""
MOST, IN_A_COLUMN = 40, 20
WIDEST, MOST_COLUMNS = 110, 4
CHARACTER, MARGIN, LINE = 0.062, 0.5, 0.15
"""Inches that a character of the small font takes, what lies before and behind a label, and the height of one."""


def draw_legend(figure: Any, axes: Any, lines: Sequence[Any], labels: Sequence[str]) -> None:
    """Tell which of the ``lines`` is what; ``figure`` grows if that takes a place of its own."""
    shown = [cut(escaped(label), WIDEST) for label in labels[:MOST]]
    widest = max(map(columns_of, shown))
    if len(labels) <= MOST_INSIDE and widest <= WIDEST_INSIDE:
        axes.legend(lines, list(map(_label, shown)), fontsize="small", framealpha=0.8)
        return
    width, height = figure.get_size_inches()
    columns = max(1, min(MOST_COLUMNS, len(shown), int(width / (CHARACTER * widest + MARGIN))))
    shown = shown[: IN_A_COLUMN * columns]
    handles = list(lines[: len(shown)])
    if len(labels) > len(shown):
        handles += axes.plot([], [], linestyle="none")
        shown.append(f"… and {len(labels) - len(shown)} more")
    room = LINE * -(-len(shown) // columns)
    figure.set_size_inches(width, height + room)
    grid = figure.add_gridspec(2, 1, height_ratios=(height, room))
    axes.set_subplotspec(grid[0])
    below = figure.add_subplot(grid[1])
    below.set_axis_off()
    below.legend(
        handles, list(map(_label, shown)), fontsize="x-small", loc="upper center", ncols=columns, frameon=False,
        borderpad=0,
    )  # fmt: skip


def _label(text: str) -> str:
    """One that begins with an underscore would be left out."""
    return f" {as_text(text)}" if text[:1] == "_" else as_text(text)


def as_text(text: str) -> str:
    """Stored text for matplotlib, which takes what stands between dollars for mathematics."""
    return escaped(text).replace("\\", "\\\\").replace("$", "\\$") if "$" in text else escaped(text)
