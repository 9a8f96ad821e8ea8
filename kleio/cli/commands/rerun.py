"""``kleio rerun``: the command of a trial once more, on its recorded code."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.grammar import OPTIONS
from kleio.cli.options import checkout_options, click_options, trial_argument
from kleio.cli.selecting import labels_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.cli.context import Context

SHOWING = tuple(option for option in OPTIONS if option.key in ("output", "hide_output"))


@click.command("rerun", cls=Command, short_help="Run a trial's command once more, on its own code.")
@trial_argument
@checkout_options
@labels_options
@click.option("-n", "--name", metavar="NAME", help="A name for the new trial.")
@click.option("--keep", is_flag=True, help="Do not remove the checkout afterwards.")
@click_options(SHOWING)
@click.pass_obj
def command(context: Context, /, word: str, tags: tuple[str, ...], **given: Any) -> int:
    """Run the command of trial ID once more, on its own code, in a checkout that is removed afterwards.

    The run is recorded as a new trial that refers to the original; your own work tree is not touched. To vary options,
    use `kleio branch`. Files that the command writes into its directory go with the checkout, unless --keep: what is to
    stay should be logged as an artifact. One that is suspended keeps its checkout. The exit code is the command's.
    """
    from kleio.cli.reproducing.rerunning import RerunOrder, rerun
    from kleio.launcher.link import die_of

    order = RerunOrder(
        tags=tags, name=given["name"], attempt=given["attempt"], fetch=given["fetch"], links=given["links"],
        keep=given["keep"], output=given["output"], hide_output=given["hide_output"],
    )  # fmt: skip
    done = rerun(context, context.select(word).document, order)
    if done.code < 0:
        context.console.flush()
        die_of(-done.code)
    return done.code if done.code >= 0 else 128 - done.code
