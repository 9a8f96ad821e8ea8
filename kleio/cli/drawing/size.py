"""How large something drawn may be."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.terminal.console import Console

COLUMNS, LINES = 80, 20
"""Where there is no terminal."""
WIDEST, HIGHEST = 160, 40
"""Nothing is gained by more."""
KEPT_FREE = 4
"""Lines of a terminal for the prompt and the command above."""


def size_for(
    console: Console, width: int | None = None, height: int | None = None, *, below: int = 0
) -> tuple[int, int]:
    """Columns and lines: as asked for, or what the terminal has besides ``below`` lines, or usual ones."""
    columns = width or min(console.width or COLUMNS, WIDEST)
    lines = height or (
        min(max(console.height - KEPT_FREE - below, 8), HIGHEST, columns // 3 + 4) if console.is_terminal else LINES
    )
    return columns, lines
