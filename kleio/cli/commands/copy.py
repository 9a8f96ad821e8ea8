"""``kleio copy``: trials from one journal to another."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.moving.transfers import report_options, selection_options, words_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("copy", cls=Command, short_help="Copy trials to another journal, verified.")
@words_argument
@click.option("--to", "target", metavar="ADDRESS", help="The journal to copy to. Default: the one in use.")
@click.option("--from", "source", metavar="ADDRESS", help="The journal to copy from. Default: the one in use.")
@selection_options
@report_options
@click.pass_obj
def command(
    context: Context,
    words: tuple[str, ...],
    target: str | None,
    source: str | None,
    where: str | None,
    everything: bool,
    descendants: bool,
    running: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Copy trials to another journal, with all that they recorded, verified.

    Branches take their ancestors along. What is there already is passed over, what is older there is brought up to
    date, and nothing newer is ever written over: a trial that was run in both journals is refused. After an
    interruption repeat the command. Exit codes: 75 if a trial still runs (repeat it later), 125 if one was refused.
    """
    from kleio.cli.moving.copying import copy
    from kleio.cli.moving.transfers import Wish

    wish = Wish(words, where, everything, descendants, running)
    return copy(context, wish, source, target, dry_run=dry_run, as_json=as_json)
