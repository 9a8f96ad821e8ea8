"""A screen that is drawn anew every two seconds until Ctrl-C; then the terminal is as it was before.

It is drawn on the terminal's second screen, each picture in one write that begins at the top and erases only what is
left of the one before: nothing flickers, and a terminal that can (mode 2026) shows it all at once.
"""

from __future__ import annotations

import os
import select
import signal
import time

from kleio.cli.terminal.fitting import cut
from kleio.errors import JournalError, UsageError
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import NoReturn

    from kleio.cli.terminal.console import Console

INTERVAL = 2.0
ENTER = "\x1b[?1049h\x1b[?25l"
LEAVE = "\x1b[?25h\x1b[?1049l"
BEGIN, END = "\x1b[?2026h\x1b[H", "\x1b[J\x1b[?2026l"
ENOUGH = (signal.SIGTERM, signal.SIGHUP)


class _Ended(BaseException):
    """A signal asked us to go: first the terminal is restored."""


def watch(console: Console, frame: Callable[[int], list[str]], interval: float = INTERVAL) -> None:
    """Show the lines that ``frame`` makes for so many rows of the terminal, again and again, until Ctrl-C."""
    if not console.is_terminal or console.is_dumb:
        what = "a terminal that can draw, and TERM is dumb" if console.is_terminal else "a terminal"
        raise UsageError(f"--watch needs {what}", hint="repeat the command without it")
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    before = {number: signal.signal(number, _go) for number in ENOUGH}
    before[signal.SIGWINCH] = signal.signal(signal.SIGWINCH, lambda number, frame: None)
    previous = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    console.raw(ENTER.encode())
    seen: list[str] = []
    try:
        while True:
            console.raw(_picture(console, frame, seen).encode("utf-8", "backslashreplace"))
            if select.select([woken], [], [], interval)[0]:
                os.read(woken, 1 << 10)
    except (KeyboardInterrupt, _Ended):
        pass  # that is how one leaves
    finally:
        console.raw(LEAVE.encode())
        signal.set_wakeup_fd(previous)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(woken)
        os.close(wake)


def _picture(console: Console, frame: Callable[[int], list[str]], seen: list[str]) -> str:
    """What is to be seen. Where the journal does not answer, that is what was ``seen`` last, and why it is no more."""
    rows = max(2, console.height - 2)
    moment = time.strftime("%H:%M:%S")
    try:
        seen[:] = frame(rows - 1)
        lines = [*seen[:rows], ""]
        foot = f"{moment}, every two seconds; Ctrl-C ends it"
    except JournalError as error:
        told = console.paint(cut(escaped(error.message), console.width), "red")
        lines = [*seen[: rows - 1], "", told]
        foot = f"{moment}, out of date; tried again every two seconds; Ctrl-C ends it"
    lines.append(console.paint(cut(foot, console.width), "dim"))
    return BEGIN + "\r\n".join(f"{line}\x1b[K" for line in lines) + END


def _go(number: int, frame: FrameType | None) -> NoReturn:
    raise _Ended
