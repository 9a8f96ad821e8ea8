"""Many small blobs in one SQLite file beside the others, ``small.sqlite``: a batch is one transaction.

A file of its own costs a blob two or three waits for the disk, which is nothing for a model and everything for
thousands of predictions of a few kilobytes. Here a batch waits as often as one blob does. The content lies apart from
the names, so that renewing the time of a blob, by which the collector judges its age, does not write its bytes again.
A connection lives for one call: nothing is held across a fork, and nothing is opened where no such blob was kept.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager

from kleio.connection.sqlite_errors import translated
from kleio.errors import JournalFull, JournalLocked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kleio.clock import Clock

FILE = "small.sqlite"
MOST = 16 << 10
"""Bytes of a blob that is small."""
TIMEOUT = 30.0
"""Seconds to wait for another writer."""
PAGE = 16 << 10
"""Bytes of a page of the file: of 4 KB, a blob of 4 KB would take two."""
STEP = 500
"""Pages that are given back in one transaction, for which nobody waits long."""
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS contents (number INTEGER PRIMARY KEY, content BLOB NOT NULL)",
    """CREATE TABLE IF NOT EXISTS names (
        digest BLOB NOT NULL PRIMARY KEY,
        number INTEGER NOT NULL,
        size INTEGER NOT NULL,
        time REAL NOT NULL
    ) WITHOUT ROWID""",
)


class SmallBlobs:
    """Digests are checked by whoever calls."""

    def __init__(self, root: str, clock: Clock) -> None:
        self.path = os.path.join(root, FILE)
        self._clock = clock

    def put(self, blobs: Mapping[str, bytes]) -> None:
        """Store blobs by digest, durable on return; those that are here have their time renewed."""
        now = self._clock.wall()
        with self._connection(create=True) as connection:
            connection.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA:
                connection.execute(statement)
            for digest, content in blobs.items():
                key = bytes.fromhex(digest)
                if not connection.execute("UPDATE names SET time = ? WHERE digest = ?", (now, key)).rowcount:
                    number = connection.execute("INSERT INTO contents (content) VALUES (?)", (content,)).lastrowid
                    connection.execute("INSERT INTO names VALUES (?, ?, ?, ?)", (key, number, len(content), now))
            connection.execute("COMMIT")

    def renew(self, digest: str) -> bool:
        """Whether the blob is here; then its time is now."""
        statement = "UPDATE names SET time = ? WHERE digest = ?"
        return self.size(digest) is not None and self._changed(statement, (self._clock.wall(), bytes.fromhex(digest)))

    def read(self, digest: str) -> bytes | None:
        """Its bytes, if it is here."""
        found = self._rows("SELECT content FROM names JOIN contents USING (number) WHERE digest = ?", digest)
        return bytes(found[0][0]) if found else None

    def size(self, digest: str) -> int | None:
        """How many bytes, if it is here."""
        found = self._rows("SELECT size FROM names WHERE digest = ?", digest)
        return int(found[0][0]) if found else None

    def last_put(self, digest: str) -> float | None:
        """When it was put the last time, if it is here."""
        found = self._rows("SELECT time FROM names WHERE digest = ?", digest)
        return float(found[0][0]) if found else None

    def collect(self, digest: str, before: float) -> bool:
        """Remove it if it was put for the last time before that moment. One transaction, as a put is."""
        last = self.last_put(digest)
        if last is None or last >= before:
            return False
        chosen = "FROM names WHERE digest = ? AND time < ?"
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            values = (bytes.fromhex(digest), before)
            connection.execute(f"DELETE FROM contents WHERE number IN (SELECT number {chosen})", values)  # noqa: S608
            gone = connection.execute(f"DELETE {chosen}", values).rowcount
            connection.execute("COMMIT")
        return bool(gone)

    def shrink(self) -> None:
        """Give the room of what was removed back to the disk. Others write between the steps.

        It needs room for what moves in one step only. What a full disk or another's lock prevents is left to the next
        collection.
        """
        if not os.access(self.path, os.W_OK):
            return
        try:
            with self._connection() as connection:
                ((free,),) = connection.execute("PRAGMA freelist_count").fetchall()
                for _ in range(0, free, STEP):
                    connection.executescript(f"PRAGMA incremental_vacuum({STEP})")  # `execute` would free one page
        except (JournalFull, JournalLocked):
            pass

    def digests(self) -> list[str]:
        """All that are here."""
        return [digest.hex() for (digest,) in self._rows("SELECT digest FROM names")]

    def _rows(self, statement: str, digest: str | None = None) -> list[tuple[bytes]]:
        if not os.path.exists(self.path):
            return []
        with self._connection() as connection:
            if not connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'names'").fetchone()[0]:
                return []  # its maker was interrupted, or has not come to that yet
            return connection.execute(statement, () if digest is None else (bytes.fromhex(digest),)).fetchall()

    def _changed(self, statement: str, values: tuple[float, bytes]) -> bool:
        with self._connection() as connection:
            return connection.execute(statement, values).rowcount == 1

    @contextmanager
    def _connection(self, create: bool = False) -> Iterator[sqlite3.Connection]:
        connection = None
        try:
            if create:
                _make_private(self.path)
            connection = _open(self.path)
            yield connection
        except sqlite3.Error as error:
            raise translated(error, self.path, TIMEOUT) from error
        finally:
            if connection is not None:
                connection.close()  # what was not committed is rolled back


def _make_private(path: str) -> None:
    """Never opens a file that exists: closing it would drop the locks that this process has on it."""
    if not os.path.exists(path):
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            pass


def _open(path: str) -> sqlite3.Connection:
    """In autocommit mode. A rollback journal with full syncs survives power cuts on every version of SQLite."""
    name = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    mode = "rw" if os.access(path, os.W_OK) else "ro"
    connection = sqlite3.connect(f"file:{name}?mode={mode}", timeout=TIMEOUT, isolation_level=None, uri=True)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute(f"PRAGMA page_size = {PAGE}")
    if not os.path.getsize(path):
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a file that is in use it would be a write
    if mode == "rw":
        connection.execute("PRAGMA journal_mode = TRUNCATE")
    return connection
