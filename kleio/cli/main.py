"""Where the program starts: decides what the line is, and keeps the way to a launch short."""

from __future__ import annotations

import gc
import os
import sys

from kleio.cli.failures import guarded
from kleio.cli.terminal.console import Console

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

INSIDE = ("log", "artifact")
"""Commands that scripts call in loops: they pay for nothing but themselves."""


def main(words: Sequence[str] | None = None) -> NoReturn:
    """The ``kleio`` command. Ends the process with the exit code of the command it ran, or of the failure."""
    gc.set_threshold(50_000)  # what is imported stays: to look for garbage in it all the while takes 5 ms of each start
    console = Console()
    code = guarded(lambda: _dispatch(sys.argv[1:] if words is None else words, console), console)
    console.flush()
    os._exit(code)  # the interpreter's own farewell would cost more than the launch


def _dispatch(words: Sequence[str], console: Console) -> int:
    if len(words) == 1 and words[0] in ("-V", "--version"):
        from kleio import __version__

        console.line(f"kleio {__version__}")
        return 0
    if words and words[0] in INSIDE and not {"-h", "--help"} & set(words[1:]):
        from kleio.cli import inside

        return inside.COMMANDS[words[0]](words[1:], console)
    from kleio.cli.grammar import LAUNCHING, parse

    line = parse(words)
    if line.command in LAUNCHING and line.words:
        from kleio.cli.running.launching import launch_line

        return launch_line(line, console)
    from kleio.cli.group import run_group

    if line.command == "run" and line.explicit and words[-1] != "--":
        from kleio.cli.running.processes import words_of_worker

        return run_group(words_of_worker(line), console)
    return run_group(words or ["--help"], console)
