"""``kleio note``: write something down about a trial."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import trial_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("note", cls=Command)
@trial_argument
@click.argument("text", metavar="TEXT")
@click.pass_obj
def command(context: Context, word: str, text: str) -> None:
    """Write TEXT down about a trial; `kleio info` shows it with its author and time. `-` reads TEXT from stdin.

    Notes are kept for ever: what has to be corrected is corrected by another note.
    """
    import sys

    from kleio.clock import SystemClock
    from kleio.launcher.care.labels import add_note

    trial = context.select(word)
    written = sys.stdin.read().rstrip("\n") if text == "-" else text
    add_note(context.journal, trial.document, written, SystemClock())
    context.console.say(f"noted on trial {trial.short_id}")
