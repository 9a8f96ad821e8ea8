"""``kleio cat``: what a trial printed, byte for byte."""

from __future__ import annotations

import click

from kleio.cli.options import trial_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("cat")
@trial_argument
@click.option("--stderr", is_flag=True, help="With its stderr, in the order of time.")
@click.option("--attempt", type=click.IntRange(min=1), metavar="N", help="Only this execution; default: all in order.")
@click.option("--raw", is_flag=True, help="Control sequences untouched even on a terminal.")
@click.pass_obj
def command(context: Context, word: str, stderr: bool, attempt: int | None, raw: bool) -> None:
    """Print what a trial printed.

    Exact bytes, unless stdout is a terminal: there, colours pass and other control sequences are spelled out.
    """
    from kleio.cli.printing import Printer

    trial = context.select(word)
    output = trial.output
    pieces = output.interleaved(attempt=attempt) if stderr else output.pieces(attempt=attempt)
    with Printer(context.console, raw=raw) as printer:
        for piece in pieces:
            printer.put(piece)
