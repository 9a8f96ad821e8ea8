"""``kleio name``: show and change the name of a trial."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import trial_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("name", cls=Command)
@trial_argument
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--unset", is_flag=True, help="Take its name away.")
@click.pass_obj
def command(context: Context, word: str, name: str | None, unset: bool) -> None:
    """Give a trial the name NAME, or another one; without NAME print the one that it has.

    Every command takes the name in place of the id. It is no part of what the trial is: it may change at any time, and
    `kleio info` shows who changed it.
    """
    from kleio.clock import SystemClock
    from kleio.launcher.care.labels import change_name, namesakes
    from kleio.trial.quoting import escaped

    if unset and name:
        raise click.UsageError("either NAME or --unset")
    trial = context.select(word)
    if name or unset:
        change_name(context.journal, trial.id, name or None, SystemClock())
        say = f"is called {escaped(name)}" if name else "has no name any more"
        context.console.say(f"trial {trial.short_id} {say}")
        if name:
            for other in namesakes(context.journal, name, trial.id):
                context.console.warn(other)
    elif name == "":
        raise click.UsageError("an empty name is none; to take it away: kleio name ID --unset")
    elif trial.name:
        context.console.line(escaped(trial.name))
