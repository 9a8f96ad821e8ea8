"""Whether the pages of a journal's file hang together, which no command notices that reads others of them."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

from kleio.connection.sqlite_errors import translated
from kleio.journal.sqlite.file import connect

PATIENCE = 5.0
"""Seconds; SQLite looks through about half a gigabyte in one. Who writes has to wait meanwhile."""
STEPS = 10_000
"""Instructions of SQLite's between two looks at the clock."""


def checked_pages(path: str, seconds: float = PATIENCE) -> str:
    """``ok``, or that the time was over. Raises ``JournalCorrupt`` with the first thing that SQLite finds."""
    deadline = time.monotonic() + seconds
    connection, _ = connect(path, create=False, timeout=seconds)
    with closing(connection):
        connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
        try:
            ((found,),) = connection.execute("PRAGMA quick_check(1)").fetchall()
        except sqlite3.Error as error:
            if str(error) == "interrupted":
                return f"not all were looked at in {seconds:g} s"
            raise translated(error, path, seconds) from error
    if found != "ok":
        raise translated(sqlite3.DatabaseError(f"malformed, {found}"), path, seconds)
    return "ok"
