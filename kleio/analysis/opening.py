"""``connect()``: the door to recorded trials, for notebooks and scripts."""

from __future__ import annotations

import os

from kleio.analysis.query import Trials
from kleio.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from kleio.journal.contract import Journal

OPTION = "--journal: "
"""How a fault in an address begins that was given on a command line."""


def open_for_reading(address: str, *, on_wait: Callable[[str], None] | None = None) -> Journal:
    """The journal at ``address``; a file that nobody has written yet is an empty journal, and stays unmade."""
    from kleio.connection.address import parse_address
    from kleio.journal.registry import is_unmade, open_journal, stand_in

    where = parse_address(address)
    if is_unmade(where):
        return stand_in(where.location)
    return open_journal(address, create=False, on_wait=on_wait)


def connect(address: str | None = None) -> Trials:
    """The trials of a journal: that at ``address``, or the one that kleio uses here. For reading, whatever its user may
    do."""
    from kleio.analysis.readonly import ReadOnly, read_only
    from kleio.artifacts.registry import open_blobs
    from kleio.settings import load_settings
    from kleio.spool.attempt.directory import spool_roots
    from kleio.spool.enclosing import with_password

    try:
        settings = with_password(load_settings({"journal": address}, os.environ, os.getcwd()), os.environ)
    except SettingsError as error:
        if address is None or not error.message.startswith(OPTION):
            raise
        hint = 'connect("sqlite:///path/to/journal.sqlite") or connect("mongodb://host/name")'
        raise SettingsError(f"connect: {error.message.removeprefix(OPTION)}", hint=hint) from None
    spools = tuple(spool_roots(settings.data, os.environ))
    return Trials(read_only(open_for_reading(settings.journal)), ReadOnly(open_blobs(settings.journal)), spools)
