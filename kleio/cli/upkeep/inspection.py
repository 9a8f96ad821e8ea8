"""What ``kleio db check`` finds out about the journal and its blobs."""

from __future__ import annotations

import os

from kleio.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.cli.context import Context

UNMADE = "the first `kleio COMMAND` will make it"


def inspect_journal(context: Context) -> dict[str, Any]:
    """Facts about the journal. Raises the ``JournalError`` that a launch would meet."""
    from kleio.artifacts.registry import open_blobs
    from kleio.connection.address import parse_address
    from kleio.journal.contract import TrialQuery
    from kleio.journal.registry import is_unmade, open_journal

    settings = context.settings
    where = parse_address(settings.journal)
    found: dict[str, Any] = {"address": where.printable, "from": settings.origins["journal"]}
    if is_unmade(where):
        return {**found, "exists": False, **_not_yet(where.location)}
    journal = open_journal(settings.journal, create=False)
    try:
        health = journal.ping()
        found |= {
            "exists": True,
            "server": health.server,
            "latency_ms": round(health.latency * 1000, 3),
            "writable": health.writable,
            "schema": health.schema,
            "trials": journal.count_trials(TrialQuery()),
            **health.details,
        }
        if not found["exists"]:
            found["note"] = UNMADE
    finally:
        journal.close()
    if where.scheme == "sqlite":
        from kleio.journal.sqlite.pages import checked_pages

        found["pages"] = checked_pages(where.location)
    blobs = open_blobs(settings.journal)
    try:
        found["artifact_store"] = "reachable" if not blobs.has("0" * 64) else "damaged"
    finally:
        blobs.close()
    return found


def _not_yet(path: str) -> dict[str, Any]:
    """What can be said of a file that the first run will make."""
    from kleio.journal.sqlite.file import refuse_network_file_system

    refuse_network_file_system(path)
    above = os.path.dirname(path)
    while not os.path.exists(above):
        above = os.path.dirname(above)
    if not os.access(above, os.W_OK | os.X_OK):
        raise SettingsError(
            f"the journal {path} does not exist, and {above} cannot be written",
            hint="set KLEIO_DATA, or KLEIO_JOURNAL=sqlite:///PATH, to a place of yours",
        )
    return {"writable": True, "note": UNMADE}
