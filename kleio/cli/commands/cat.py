"""``kleio cat``: what a trial printed, byte for byte."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import check_attempt, remark_if_new, trial_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("cat", cls=Command, short_help="Print what a trial printed.")
@trial_argument
@click.option("--stderr", is_flag=True, help="With its stderr, in the order of time.")
@click.option("--attempt", type=click.IntRange(min=1), metavar="N", help="Only this execution; default: all in order.")
@click.option("--timestamps", is_flag=True, help="Before each line the time at which it began.")
@click.option("--raw", is_flag=True, help="Control sequences untouched even on a terminal.")
@click.pass_obj
def command(context: Context, word: str, stderr: bool, attempt: int | None, timestamps: bool, raw: bool) -> None:
    """Print what a trial printed, of a branch after what it shares with its parents.

    Exact bytes, unless stdout is a terminal: there, colours pass and other control sequences are spelled out.
    """
    from kleio.cli.output.printing import Printer, Stamper
    from kleio.clock import SystemClock

    trial = context.select(word)
    check_attempt(trial, attempt)
    remark_if_new(context, trial)
    streams = ("stdout", "stderr") if stderr else ("stdout",)
    timed = stderr or timestamps
    output = trial.output
    pieces = output.interleaved(attempt=attempt, streams=streams) if timed else output.pieces(attempt=attempt)
    stamper = Stamper(SystemClock().offset()) if timestamps else None
    with Printer(context.console, raw=raw) as printer:
        for piece in pieces:
            printer.put(piece, None if stamper is None else stamper.stamped(piece))
