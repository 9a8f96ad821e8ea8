"""Plays recorded output at the pace at which it was printed.

Every piece has the time at which it was seen, to well below what an eye notices. It is shown when that much time has
passed since the beginning, by the monotonic clock: what showing takes is not added up.
"""

from __future__ import annotations

import time

from kleio.cli.output.printing import SCREEN, Neutraliser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kleio.analysis.output import Output, Piece
    from kleio.cli.terminal.console import Console

BETWEEN_ATTEMPTS = 1.0
RESTORE = "\x1b[0m\x1b[?25h"
LEAVE_SECOND_SCREEN = "\x1b[?1049l"


def replay(
    console: Console, output: Output, *, attempt: int | None, speed: float, longest: float | None, raw: bool
) -> None:
    """Show the attempts one after the other."""
    neutraliser = None if raw or not console.is_terminal else Neutraliser(SCREEN)
    numbers = output.attempts(attempt)
    second_screen = False
    try:
        for number in numbers:
            if len(numbers) > 1:
                console.say(f"attempt {number}")
            for piece in paced(output.interleaved(attempt=number), speed, longest):
                data = piece.data
                if neutraliser is not None:
                    text = neutraliser.feed(data)
                    second_screen = _on_second_screen(text, second_screen)
                    data = text.encode("utf-8", "backslashreplace")
                console.raw(data)
            if number != numbers[-1]:
                time.sleep(BETWEEN_ATTEMPTS / speed)
    finally:
        if neutraliser is not None:
            rest = neutraliser.finish() + (LEAVE_SECOND_SCREEN if second_screen else "") + RESTORE
            console.raw(rest.encode("utf-8", "backslashreplace"))


def paced(
    pieces: Iterable[Piece],
    speed: float,
    longest: float | None,
    *,
    now: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[Piece]:
    """Each piece when its time has come. A pause longer than ``longest`` (as it is played) is cut."""
    due = now()
    before: float | None = None
    for piece in pieces:
        if before is not None and piece.time > before:
            pause = (piece.time - before) / speed
            due += pause if longest is None else min(pause, longest)
        before = max(piece.time, before or 0.0)
        left = due - now()
        if left > 0:
            wait(left)
        yield piece


def _on_second_screen(text: str, before: bool) -> bool:
    entered, left = text.rfind("\x1b[?1049h"), text.rfind("\x1b[?1049l")
    return before if entered == left else entered > left
