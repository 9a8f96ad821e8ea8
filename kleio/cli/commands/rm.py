"""``kleio rm``: put trials into the trash, look at it, delete for good."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import TrialWord, json_option, why_option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("rm", cls=Command)
@click.argument("words", metavar="[ID]…", nargs=-1, type=TrialWord())
@click.option("-r", "--recursive", is_flag=True, help="The branches of the trials as well, and theirs.")
@click.option("--list", "listed", is_flag=True, help="Show what is in the trash.")
@click.option("--purge", is_flag=True, help="Delete for good, from the trash or at once.")
@click.option("--dry-run", is_flag=True, help="With --purge: say what would be deleted, and its size.")
@why_option
@json_option
@click.pass_obj
def command(
    context: Context,
    words: tuple[str, ...],
    recursive: bool,
    listed: bool,
    purge: bool,
    dry_run: bool,
    why: str,
    as_json: bool,
) -> int:
    """Put trials into the trash. They are hidden, keep everything, and come back with `kleio restore ID`.

    Refused while a trial is reserved or running, and while it has branches, which read through it. The same command
    again is refused as long as its trial is in the trash; after --purge it is a new trial. `kleio gc` purges what has
    been in the trash for long, and frees the artifacts of what was purged.

    Each of the IDs is handled; the exit code is 0 if all could be.
    """
    from kleio.cli.upkeep.removing import Removal, show_trash

    if listed:
        if words or purge or recursive:
            raise click.UsageError("--list shows the trash, and removes nothing")
        show_trash(context, as_json)
        return 0
    if not words:
        raise click.UsageError("which trials? Name them, or look at the trash with --list")
    if dry_run and not purge:
        raise click.UsageError("--dry-run goes with --purge: what is only put into the trash comes back")
    return Removal(context, recursive=recursive, purge=purge, dry_run=dry_run, why=why).of(words)
