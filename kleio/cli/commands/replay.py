"""``kleio replay``: the terminal session of a trial, at its original pace."""

from __future__ import annotations

from math import inf

import click

from kleio.cli.command import Command
from kleio.cli.options import Duration, NumberRange, check_attempt, remark_if_new, trial_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("replay", cls=Command)
@trial_argument
@click.option(
    "--speed",
    type=NumberRange(min=0, max=inf, min_open=True, max_open=True),
    default=1.0,
    metavar="X",
    help="X times as fast.",
)
@click.option("--max-pause", type=Duration(), metavar="S", help="Wait at most so long for the next output: 2, 500ms.")
@click.option("--attempt", type=click.IntRange(min=1), metavar="N", help="Only this execution; default: all in order.")
@click.option("--raw", is_flag=True, help="All control sequences, also those that a terminal answers.")
@click.pass_obj
def command(context: Context, word: str, speed: float, max_pause: float | None, attempt: int | None, raw: bool) -> None:
    """Show what a trial printed as it was printed: stdout and stderr, at the pace of then.

    On a terminal, what draws on the screen passes: colours, cursor movements, erasures. Other control sequences are
    spelled out. Ctrl-C ends it.
    """
    from kleio.cli.output.replaying import replay

    trial = context.select(word)
    check_attempt(trial, attempt)
    remark_if_new(context, trial)
    replay(context.console, trial.output, attempt=attempt, speed=speed, longest=max_pause, raw=raw)
