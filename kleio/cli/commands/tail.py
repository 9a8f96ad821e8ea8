"""``kleio tail``: the last lines of a trial's output, and what follows."""

from __future__ import annotations

import time

import click

from kleio.cli.options import trial_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("tail")
@trial_argument
@click.option("-f", "--follow", is_flag=True, help="Go on until the trial ends. Ctrl-C leaves the trial alone.")
@click.option("-n", "--lines", type=click.IntRange(min=0), default=10, metavar="N", show_default=True, help="So many.")
@click.option("--stderr", is_flag=True, help="With its stderr, in the order of time.")
@click.option("--raw", is_flag=True, help="Control sequences untouched even on a terminal.")
@click.pass_obj
def command(context: Context, word: str, follow: bool, lines: int, stderr: bool, raw: bool) -> None:
    """Print the last lines of what a trial printed.

    Of a line that was overwritten (a progress bar) the last state is shown.
    """
    from kleio.cli.printing import Printer, last_lines
    from kleio.trial.status import HELD

    trial = context.select(word)
    streams = ("stdout", "stderr") if stderr else ("stdout",)
    pieces, positions = trial.output.tail(streams, lines)

    def is_over() -> bool:
        now = context.trials.get(trial.id)
        return now is None or now.status not in HELD

    with Printer(context.console, raw=raw) as printer:
        printer.put_bytes(last_lines(b"".join(piece.data for piece in pieces), lines))
        if follow:
            for piece in trial.output.follow(streams, is_over, time.sleep, positions):
                printer.put(piece)
