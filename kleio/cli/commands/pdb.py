"""``kleio pdb``: a debugger's prompt with a trial, or with the command of a trial run again."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import trial_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("pdb", cls=Command)
@trial_argument
@click.option("--rerun", is_flag=True, help="Run the recorded script under the debugger, in its recorded code.")
@click.option("-c", "--continue", "onward", is_flag=True, help="With --rerun: do not stop before it raises something.")
@click.option("--attempt", type=click.IntRange(min=1), metavar="N", help="With --rerun: the code of this attempt.")
@click.option("--fetch", is_flag=True, help="With --rerun: ask the remote for a commit that is not here.")
@click.option(
    "--link", "links", multiple=True, metavar="PATH", help="With --rerun: link this path of your tree, such as data."
)
@click.pass_obj
def command(
    context: Context, word: str, rerun: bool, onward: bool, attempt: int | None, fetch: bool, links: tuple[str, ...]
) -> int:
    """Open the Python debugger with `trial` loaded: to be read, not to be written.

    At the prompt, `trial` is the trial and `trials` are all. With --rerun its recorded Python script runs under the
    debugger instead, in a temporary checkout of its recorded code; an exception opens the prompt where it was raised.
    Nothing of that is recorded.
    """
    if rerun:
        from kleio.cli.reproducing.debugging import rerun_under_debugger

        return rerun_under_debugger(context, context.select(word), attempt, onward=onward, fetch=fetch, links=links)
    if onward or attempt or fetch or links:
        raise click.UsageError("--continue, --attempt, --fetch and --link need --rerun")
    from kleio.cli.reproducing.debugging import prompt

    prompt(context, word)
    return 0
