"""``kleio acknowledge``: seen, and not going to be mended."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import trials_argument, why_option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.analysis.trial import Trial
    from kleio.cli.context import Context


@click.command("acknowledge", cls=Command)
@trials_argument
@why_option
@click.pass_obj
def command(context: Context, words: tuple[str, ...], why: str) -> int:
    """Mark broken trials as seen and not going to be mended. They never run again.

    Each of the IDs is handled; the exit code is 0 if all could be.
    """
    from kleio.cli.several import for_each
    from kleio.clock import SystemClock
    from kleio.launcher.care.moves import acknowledge

    def move(trial: Trial) -> str:
        acknowledge(context.journal, dict(trial.document), SystemClock(), why=why)
        return f"trial {trial.short_id} is acknowledged"

    return for_each(context, words, move)
