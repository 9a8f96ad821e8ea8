"""``kleio kill``: end a running trial at once."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import timeout_option, trial_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("kill", cls=Command)
@trial_argument
@timeout_option
@click.pass_obj
def command(context: Context, word: str, timeout: float | None) -> None:
    """End a running trial at once, on whatever machine it runs: SIGKILL to its command and all that it started.

    The trial is broken then, and runs again only after a switchover; `kleio suspend` stops one that is to go on later.
    Of a trial whose launcher is dead, ends the processes that it left behind on this machine.
    """
    from kleio.clock import SystemClock
    from kleio.launcher.care.asking import kill, patience

    trial = context.select(word)
    document = dict(trial.document)
    seconds = patience(document, context.settings) if timeout is None else timeout
    document = kill(context.journal, document, context.settings, SystemClock(), seconds)
    context.console.say(f"trial {trial.short_id} is {document['status']}")
