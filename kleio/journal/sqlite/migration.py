"""Brings the rows of an older journal into the tables of this one, inside the transaction that makes them."""

from __future__ import annotations

from kleio.connection.sqlite_errors import unreadable
from kleio.journal.sqlite.codec import load
from kleio.journal.sqlite.index import insert_trial

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from typing import Any

PAGE = 500


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


def from_1_to_2(connection: sqlite3.Connection, path: str) -> None:
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
