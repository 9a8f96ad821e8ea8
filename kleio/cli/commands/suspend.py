"""``kleio suspend``: stop a running trial, wherever it runs, so that it can be resumed."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import timeout_option, trial_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("suspend", cls=Command, short_help="Stop a running trial so that it can be resumed.")
@trial_argument
@timeout_option
@click.pass_obj
def command(context: Context, word: str, timeout: float | None) -> None:
    """Stop a running trial, on whatever machine it runs, so that it can be resumed.

    Its command gets SIGTERM, and SIGKILL after the setting `stop_grace`, with all that it started. Returns when it is
    gone and the trial is suspended. If that cannot be confirmed in time, says what is known and exits with 75; the
    request stands.
    """
    from kleio.clock import SystemClock
    from kleio.launcher.care.asking import patience, suspend

    trial = context.select(word)
    document = dict(trial.document)
    seconds = patience(document, context.settings) if timeout is None else timeout
    suspend(context.journal, document, SystemClock(), seconds)
    context.console.say(f"trial {trial.short_id} is suspended; resume it with: kleio run {trial.short_id}")
