"""``kleio import``: trials out of an archive, or out of the store of another tool."""

from __future__ import annotations

import click

from kleio.cli.moving import report_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("import")
@click.argument("words", metavar="FILE", nargs=-1, required=True, type=click.Path(allow_dash=True))
@report_options
@click.pass_obj
def command(context: Context, words: tuple[str, ...], dry_run: bool, as_json: bool) -> int:
    """Take trials into the journal.

    FILE is an archive of `kleio export`, `-` stdin. All of it is verified before anything is written. What is there
    already is passed over, what is older there is brought up to date, and nothing newer is ever written over: a trial
    that was run in both journals is refused (exit code 125). After an interruption repeat the command.
    """
    from kleio.cli.archiving import import_archive
    from kleio.errors import UsageError

    if len(words) != 1:
        raise UsageError("one archive at a time")
    return import_archive(context, words[0], dry_run=dry_run, as_json=as_json)
