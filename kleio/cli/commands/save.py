"""``kleio save``: register a command without running it."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import CommandWord
from kleio.cli.selecting import labels_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command(
    "save",
    cls=Command,
    short_help="Register a command as a trial without running it.",
    context_settings={"allow_interspersed_args": False},
)
@labels_options
@click.option("-n", "--name", metavar="NAME", help="A name for the trial.")
@click.option(
    "--branch-original", is_flag=True, help="Repeat a registered command as a trial of its own, told apart by its tags."
)
@click.argument("words", nargs=-1, metavar="COMMAND [ARGUMENTS]…", type=CommandWord())
@click.pass_obj
def command(
    context: Context, words: tuple[str, ...], tags: tuple[str, ...], name: str | None, branch_original: bool
) -> None:
    """Register COMMAND as a trial without running it, for `kleio work` or `kleio run ID` to run it later.

    Refused if the same command is registered already; with --branch-original and a new tag it is repeated: a branch cut
    at the start of the original, with none of its records.
    """
    from kleio.clock import SystemClock
    from kleio.launcher.care.labels import namesakes
    from kleio.launcher.registration.saving import Registrar, already

    journal = context.writable_journal()
    registrar = Registrar(journal, context.settings, SystemClock(), context.cwd)
    saved = (registrar.repeat if branch_original else registrar.save)(words, tags=tags, name=name)
    if not saved.is_new:
        raise already(saved, journal)
    context.console.say(f"trial registered with id: {saved.trial[:7]}")
    for other in namesakes(journal, name, saved.trial) if name else ():
        context.console.warn(other)
    if saved.has_secrets:
        context.console.warn(
            f"the command holds secrets, which are not recorded: no worker can run it; `kleio run {saved.trial[:7]}` "
            "asks for them"
        )
