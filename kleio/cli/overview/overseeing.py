"""Connects the screen of ``kleio top`` with the journal: what it shows, what it follows, how it suspends."""

from __future__ import annotations

import os
import subprocess
import sys

from kleio.errors import KleioError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kleio.cli.context import Context

LIGHT = "textual-light"
LIGHT_COLOURS = frozenset({"7", *map(str, range(9, 16))})
LINES = 200
"""Lines of a trial's past that the tail begins with."""


def oversee(context: Context, *, everywhere: bool) -> None:
    """Run the screen until its user leaves it."""
    hint = "for a list: kleio ls --status running"
    if not context.console.is_terminal or not sys.stdin.isatty():
        raise UsageError("kleio top needs a terminal", hint=hint)
    if context.console.is_dumb:
        raise UsageError("kleio top needs a terminal that can draw, and TERM is dumb", hint=hint)
    try:
        from kleio.cli.overview.screen import Top
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("textual", "rich"):
            raise
        raise KleioError(
            "kleio top needs textual, which is not installed", hint="install it with: pip install 'kleio[top]'"
        ) from None
    from kleio.cli.here import current_project
    from kleio.cli.overview.gauges import Gauges
    from kleio.clock import SystemClock

    project = None if everywhere else current_project(context)
    gauges = Gauges(context, SystemClock(), project=project)
    gauges.read()  # a journal that is away is told of before the screen is taken
    app = Top(gauges.read, lambda trial: followed(context, trial), lambda trial: suspended(context, trial))
    if is_light(context.environ):
        app.theme = LIGHT
    app.run()


def is_light(environ: Mapping[str, str]) -> bool:
    """Whether the terminal says that its background is light, and the user has not chosen a theme (textual looks after
    that one)."""
    background = environ.get("COLORFGBG", "").rpartition(";")[2]  # 15;0 or 15;default;0, as numbers of ANSI colours
    return "TEXTUAL_THEME" not in environ and background in LIGHT_COLOURS


def followed(context: Context, trial_id: str) -> Iterator[str]:
    """What a trial prints: first its last lines, then at each step what is new, fit for a screen."""
    from kleio.cli.output.printing import COLOUR, Neutraliser, folded, last_lines

    trial = context.trials.get(trial_id)
    if trial is None:
        yield "there is no such trial any more\n"
        return
    output, streams = trial.output, ("stdout", "stderr")
    pieces, positions = output.tail(streams, LINES)
    neutraliser = Neutraliser()
    yield COLOUR.sub("", neutraliser.feed(last_lines(b"".join(piece.data for piece in pieces), LINES)))
    rest = b""
    while True:
        data = rest + b"".join(piece.data for piece in output.look(streams, positions, output.attempts()[-1:]))
        whole, newline, rest = data.rpartition(b"\n")
        lines = whole.split(b"\n") if newline else []
        yield COLOUR.sub("", "".join(neutraliser.feed(folded(line).rstrip(b"\r") + b"\n") for line in lines))


def suspended(context: Context, trial_id: str) -> str:
    """Suspend a trial by a kleio of its own, which may take its time; returns what that said."""
    environ = {**context.environ, "KLEIO_JOURNAL": context.settings.journal, "KLEIO_DATA": context.settings.data}
    done = subprocess.run(
        [sys.executable, "-m", "kleio", "suspend", trial_id],
        env=environ, cwd=context.cwd, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    return os.fsdecode(done.stderr).replace("kleio: ", "").strip()
