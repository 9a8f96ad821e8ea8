"""``kleio switchover``: mark broken trials as runnable again."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import trials_argument, why_option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.analysis.trial import Trial
    from kleio.cli.context import Context


@click.command("switchover", cls=Command)
@trials_argument
@why_option
@click.pass_obj
def command(context: Context, words: tuple[str, ...], why: str) -> int:
    """Mark trials as runnable again: broken ones, branched ones, and reserved ones whose launcher died.

    Each of the IDs is handled; the exit code is 0 if all could be.
    """
    from kleio.cli.several import for_each
    from kleio.clock import SystemClock
    from kleio.launcher.care.moves import switchover

    def move(trial: Trial) -> str:
        switchover(context.journal, dict(trial.document), context.settings, SystemClock(), why=why)
        return f"trial {trial.short_id} can run again: kleio run {trial.short_id}"

    return for_each(context, words, move)
