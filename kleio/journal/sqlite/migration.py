"""Brings the rows of an older journal into the tables of this one, inside the transaction that makes them.

The tables of all later versions are there already: rows are written as of today, whatever version they come from.
"""

from __future__ import annotations

from kleio.connection.sqlite_errors import unreadable
from kleio.journal.sqlite.codec import load
from kleio.journal.sqlite.figures import ASPECTS, packed
from kleio.journal.sqlite.index import insert_trial

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from typing import Any

PAGE = 500
MANY = 1000
"""Numbers of trials whose statistics are held at a time."""


class _Connection:
    """What the index needs of a session."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        return self._connection.execute(sql, parameters).fetchall()

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        return self._connection.execute(sql, parameters).rowcount

    def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self._connection.executemany(sql, rows)


def from_1(connection: sqlite3.Connection, path: str) -> None:
    """Version 1 kept the document in the row that queries look at, and had no index of values."""
    writer = _Connection(connection)
    last = -1
    while True:
        rows = writer.read("SELECT rowid, document FROM trials_1 WHERE rowid > ? ORDER BY rowid LIMIT ?", (last, PAGE))
        if not rows:
            break
        for _, text in rows:
            try:
                document = load(text)
            except (ValueError, TypeError, AttributeError) as error:
                raise unreadable(path, error)
            insert_trial(writer, document, text)
        last = rows[-1][0]
    connection.execute("DROP TABLE trials_1")


def from_2(connection: sqlite3.Connection) -> None:
    """Version 2 had statistics only by name. The documents are not read: one of them that is damaged stops nobody."""
    writer = _Connection(connection)
    names = [number for (number,) in writer.read("SELECT DISTINCT name FROM statistics")]
    ((last,),) = writer.read("SELECT ifnull(max(number), 0) FROM trials")
    of_name = f"SELECT trial, {', '.join(ASPECTS)} FROM statistics WHERE name = ? AND trial BETWEEN ? AND ?"  # noqa: S608
    for first in range(0, last + 1, MANY):
        stretch = (first, first + MANY - 1)
        trials = writer.read("SELECT number FROM trials WHERE number BETWEEN ? AND ?", stretch)
        found: dict[int, dict[int, Sequence[Any]]] = {number: {} for (number,) in trials}
        for name in names if found else ():
            for trial, *figures in writer.read(of_name, (name, *stretch)):
                if trial in found:
                    found[trial][name] = figures
        rows = [(trial, *packed(statistics)) for trial, statistics in found.items()]
        writer.run_many("INSERT INTO figures VALUES (?, ?, ?, ?)", rows)
