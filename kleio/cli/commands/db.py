"""``kleio db``: the journal that is in use."""

from __future__ import annotations

import click

from kleio.cli.command import Group
from kleio.cli.options import json_option
from kleio.errors import JournalError, JournalReadOnly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.group("db", cls=Group, no_args_is_help=False)
def command() -> None:
    """Look at the journal that is in use."""


@command.command("check")
@json_option
@click.pass_obj
def check(context: Context, as_json: bool) -> None:
    """Say what is connected, whether it can be written, and of a file whether its pages hang together.

    Exit codes: 0 all is well; 75 the journal cannot be reached or is locked; 125 it cannot be used, or only read.
    """
    from kleio.cli.terminal.table import Column, table
    from kleio.cli.terminal.wording import text_of
    from kleio.cli.upkeep.inspection import inspect_journal

    try:
        found = inspect_journal(context)
    except JournalError as error:
        if error.hint and "kleio db check" in error.hint:
            error.hint = "`kleio config` shows where the address comes from"
        raise
    if as_json:
        context.console.json("db check", found)
    else:
        rows = [(name.replace("_", " "), text_of(value)) for name, value in found.items()]
        for line in table(context.console, (Column(style="dim"), Column(wrap=True)), rows):
            context.console.line(line)
    if not found["writable"]:
        raise JournalReadOnly(
            f"{found['address']} can be read but not written: nothing can be run here",
            hint="get write access to it, or choose another journal with KLEIO_JOURNAL",
        )
