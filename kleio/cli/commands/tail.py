"""``kleio tail``: the last lines of the output of trials, and what follows."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import remark_if_new, trials_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("tail", cls=Command)
@trials_argument
@click.option("-f", "--follow", is_flag=True, help="Go on until the trials end. Ctrl-C leaves them alone.")
@click.option("-n", "--lines", type=click.IntRange(min=0), default=10, metavar="N", show_default=True, help="So many.")
@click.option("--stderr", is_flag=True, help="With stderr, in the order of time.")
@click.option("--raw", is_flag=True, help="Control sequences untouched even on a terminal.")
@click.pass_obj
def command(context: Context, words: tuple[str, ...], follow: bool, lines: int, stderr: bool, raw: bool) -> None:
    """Print the last lines of what trials printed; of several, each line begins with the id of its trial.

    Of a line that was overwritten (a progress bar) the last state is shown.
    """
    from kleio.cli.output.following import follow_one, follow_several

    trials = list({trial.id: trial for trial in map(context.select, words)}.values())
    streams = ("stdout", "stderr") if stderr else ("stdout",)
    for trial in trials:
        remark_if_new(context, trial)
    if len(trials) == 1:
        follow_one(context, trials[0], streams, lines, follow=follow, raw=raw)
    else:
        follow_several(context, trials, streams, lines, follow=follow, raw=raw)
