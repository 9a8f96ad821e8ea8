"""``kleio export``: trials into a file."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.moving.transfers import report_options, selection_options, words_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("export", cls=Command)
@words_argument
@click.argument("file", type=click.Path(allow_dash=True))
@selection_options
@click.option("-f", "--force", is_flag=True, help="Replace FILE if it exists.")
@report_options
@click.pass_obj
def command(
    context: Context,
    words: tuple[str, ...],
    file: str,
    where: str | None,
    everything: bool,
    descendants: bool,
    running: bool,
    force: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write trials into FILE: an archive that needs nothing else, for `kleio import` anywhere.

    It holds all that they recorded, their code, and the ancestors that branches read through. FILE appears when all
    of it is written; `-` is stdout. A trial that still runs is refused (exit code 75), unless --running takes it as of
    now.
    """
    from kleio.cli.moving.archiving import export
    from kleio.cli.moving.transfers import Wish

    wish = Wish(words, where, everything, descendants, running)
    export(context, wish, file, force=force, dry_run=dry_run, as_json=as_json)
