"""``kleio sweep``: register a grid of commands."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import CommandWord
from kleio.cli.selecting import labels_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("sweep", cls=Command, context_settings={"allow_interspersed_args": False})
@labels_options
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="Only N of them, drawn at random.")
@click.option("--sample-seed", default=0, show_default=True, metavar="S", help="The same S draws the same ones.")
@click.option("--dry-run", is_flag=True, help="Print the commands and register nothing.")
@click.argument("words", nargs=-1, required=True, metavar="COMMAND [ARGUMENTS]…", type=CommandWord())
@click.pass_obj
def command(
    context: Context, words: tuple[str, ...], tags: tuple[str, ...], sample: int | None, sample_seed: int, dry_run: bool
) -> None:
    """Register a grid of commands as trials for `kleio work`: one for each combination of the values of its options.

    \b
      kleio sweep python train.py --lr 0.1,0.01 --seed 1..5    ten trials
      --steps 0..100..25            0 25 50 75 100
      --layers [64,64],[128,128]    two: no comma in brackets or quotes counts
      --label a\\,b                  one: nor does one after a backslash

    Prints id and command of each. Commands that are registered already are left as they are.
    """
    from kleio.clock import SystemClock
    from kleio.launcher.child import find_command
    from kleio.launcher.registration.grid import expand
    from kleio.launcher.registration.saving import Registrar
    from kleio.trial.quoting import quoted
    from kleio.units import counted

    commands = expand(words, sample, sample_seed)
    console = context.console
    if dry_run:
        find_command(words[0])
        for one in commands:
            console.line(quoted(one))
        return
    registrar = Registrar(context.writable_journal(), context.settings, SystemClock(), context.cwd)
    new = 0
    for one in commands:
        saved = registrar.save(one, tags=tags)
        new += saved.is_new
        console.line(f"{saved.trial[:7]} {quoted(one)}")
    there = f", {old} {'was' if old == 1 else 'were'} there already" if (old := len(commands) - new) else ""
    console.say(f"{counted(new, 'trial')} registered{there}; run them with: kleio work")
