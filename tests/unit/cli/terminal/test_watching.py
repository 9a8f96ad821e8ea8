from __future__ import annotations

import io

from kleio.cli.terminal.console import Console
from kleio.cli.terminal.watching import watch
from kleio.errors import JournalUnreachable


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def test_what_was_seen_last_stays_while_the_journal_does_not_answer() -> None:
    pictures = iter((["3f9c  running"], JournalUnreachable("the journal cannot be reached"), KeyboardInterrupt()))

    def frame(rows: int) -> list[str]:
        picture = next(pictures)
        if isinstance(picture, list):
            return picture
        raise picture

    screen = io.BytesIO()
    watch(Console(Terminal(screen), environ={"TERM": "xterm", "COLUMNS": "60", "LINES": "10"}), frame, interval=0)
    first, second = screen.getvalue().decode().split("\x1b[?2026h")[1:]
    assert "3f9c  running" in first
    assert "out of date" not in first
    assert "3f9c  running" in second
    assert second.index("the journal cannot be reached") < second.index("out of date")
