"""``kleio log``. ``cli/main.py`` calls ``cli/inside.py`` itself; click shows the help."""

from __future__ import annotations

import click

from kleio.cli.command import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command(
    "log",
    cls=Command,
    short_help="Record a statistic, from any language.",
    context_settings={"ignore_unknown_options": True},
)
@click.option("--durable", is_flag=True, help="Survive a power cut, which costs a wait for the disk.")
@click.argument("words", metavar="NAME=VALUE...", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def command(context: Context, durable: bool, words: tuple[str, ...]) -> int:
    """Record a statistic of the command in which this is called, from any language.

    A VALUE is a number, true, false, null, JSON, or text: `kleio log epoch=3 loss=0.12 note='any text'`. Outside of a
    command that kleio started it is printed, and nothing is written. Exit code: 2 if a word is no NAME=VALUE, or a NAME
    is given twice; never that of a record that could not be kept, which is only said.
    """
    from kleio.cli.inside import log

    return log(["--durable"] * durable + list(words), context.console)
