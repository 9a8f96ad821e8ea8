"""``connect()``: the door to recorded trials, for notebooks and scripts."""

from __future__ import annotations

import os

from kleio.analysis.query import Trials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.journal.contract import Journal


def open_for_reading(address: str) -> Journal:
    """The journal at ``address``; a file that nobody has written yet is an empty journal, and stays unmade."""
    from kleio.connection.address import parse_address
    from kleio.journal.registry import open_journal

    where = parse_address(address)
    if where.scheme == "sqlite" and not os.path.lexists(where.location):
        return open_journal(f"memory://nothing recorded at {where.location}")
    return open_journal(address, create=False)


def connect(address: str | None = None) -> Trials:
    """The trials of a journal: that at ``address``, or the one that kleio uses here. For reading, whatever its user may
    do."""
    from kleio.analysis.readonly import ReadOnly, read_only
    from kleio.artifacts.registry import open_blobs
    from kleio.settings import load_settings
    from kleio.spool.directory import spool_roots

    settings = load_settings({"journal": address}, os.environ, os.getcwd())
    spools = tuple(spool_roots(settings.data, os.environ))
    return Trials(read_only(open_for_reading(settings.journal)), ReadOnly(open_blobs(settings.journal)), spools)
