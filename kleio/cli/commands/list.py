"""``kleio ls``: trials, one line each."""

from __future__ import annotations

import click

from kleio.cli.options import CommaWords, SortField, SortingCommand, pager_option
from kleio.cli.selecting import StatusWords, tags_option, where_option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.cli.context import Context


@click.command("ls", cls=SortingCommand)
@tags_option
@click.option(
    "--status",
    "statuses",
    multiple=True,
    metavar="STATUS",
    type=StatusWords(),
    help="In this status, such as running; several: running,broken.",
)
@where_option
@click.option(
    "--sort",
    metavar="FIELD",
    type=SortField(),
    help="By a field, -FIELD for the greatest first. Default: newest first.",
)
@click.option("-n", "--limit", type=click.IntRange(min=1), metavar="N", help="At most N, the first.")
@click.option("-a", "--all", "everywhere", is_flag=True, help="Of all projects, not only of this repository.")
@click.option(
    "--columns",
    multiple=True,
    metavar="A,B",
    type=CommaWords(),
    callback=lambda _, __, several: tuple(word for words in several for word in words) or None,
    help="Fields such as exit, config.lr, stats.loss.min; label, progress, config. +A,B adds to the usual ones.",
)
@click.option("--save", is_flag=True, help="Keep these --columns for the next time, in your config.toml.")
@click.option("--tree", is_flag=True, help="Branches below the trials that they come from.")
@click.option("-w", "--watch", is_flag=True, help="Show it anew every two seconds, until Ctrl-C.")
@pager_option
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), help="For people, programs, spreadsheets."
)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.pass_obj
def command(context: Context, /, **asked: Any) -> None:  # fmt: skip
    """List trials, newest first: short id, [status], name and tags, times, what differs, command.

    Inside a repository those of its project, elsewhere all. Into a pipe, unless --columns, --tree or --format is given,
    each line is ID [STATUS] COMMAND, whatever columns are set.
    """
    from kleio.cli.lists.showing import Asked, show

    show(context, Asked(**asked))
