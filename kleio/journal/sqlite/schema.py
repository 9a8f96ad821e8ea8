"""The tables of the SQLite journal, and how an older file is brought up to date.

``documents`` holds the trials; ``trials``, ``tags``, ``facts``, ``statistics`` and ``figures`` repeat what queries look
for and are written with it (see ``index.py``), ``names`` numbers the names of facts. ``writers`` has one row for each
spool file that was shipped, so that segments are keyed by a small number, and ``writers.last`` is the highest sequence
number stored. ``application_id`` marks the file as ours, ``user_version`` is the schema; ``meta`` says which readers
and writers a newer schema still admits.
"""

from __future__ import annotations

import sqlite3

from kleio.errors import JournalError, JournalReadOnly, JournalTooNew

SCHEMA = 3
"""Of the tables; what the documents say is :data:`kleio.journal.contract.SCHEMA`."""
OLDEST_READ = 2
"""The oldest schema that is read where it cannot be brought up to date: 3 is 2 and one more table to read faster."""
APPLICATION_ID = 0x6B6C656F  # "kleo"

VERSION_1 = (
    "CREATE TABLE meta (schema INTEGER NOT NULL, min_reader INTEGER NOT NULL, min_writer INTEGER NOT NULL)",
    "INSERT INTO meta VALUES (1, 1, 1)",
    """CREATE TABLE trials (
        id TEXT NOT NULL PRIMARY KEY,
        created REAL NOT NULL,
        status TEXT,
        project TEXT,
        name TEXT,
        parent TEXT,
        document TEXT NOT NULL
    )""",
    "CREATE INDEX trials_created ON trials (created, id)",
    "CREATE INDEX trials_status ON trials (status, created, id)",
    "CREATE INDEX trials_project ON trials (project, created, id)",
    "CREATE INDEX trials_name ON trials (name) WHERE name IS NOT NULL",
    "CREATE INDEX trials_parent ON trials (parent) WHERE parent IS NOT NULL",
    "CREATE TABLE tags (tag TEXT NOT NULL, trial TEXT NOT NULL, PRIMARY KEY (tag, trial)) WITHOUT ROWID",
    "CREATE INDEX tags_trial ON tags (trial)",
    """CREATE TABLE writers (
        number INTEGER PRIMARY KEY,
        trial TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        stream TEXT NOT NULL,
        writer TEXT NOT NULL,
        last INTEGER NOT NULL,
        UNIQUE (trial, attempt, stream, writer)
    )""",
    """CREATE TABLE segments (
        writer INTEGER NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        body BLOB NOT NULL,
        UNIQUE (writer, first)
    )""",
)

VERSION_2 = (
    "ALTER TABLE trials RENAME TO trials_1",
    *(f"DROP INDEX trials_{name}" for name in ("created", "status", "project", "name", "parent")),
    "DROP TABLE tags",
    """CREATE TABLE trials (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        created REAL NOT NULL,
        project TEXT,
        trashed INTEGER NOT NULL,
        command, dirty, born, started, ended, duration, exit, attempts,
        status, name, parent, label, directory, head, branch
    )""",
    "CREATE TABLE documents (number INTEGER PRIMARY KEY, document TEXT NOT NULL)",
    "CREATE INDEX trials_created ON trials (trashed, created, id)",
    "CREATE INDEX trials_project ON trials (project, trashed, created, id)",
    "CREATE INDEX trials_status ON trials (status, project, trashed)",
    "CREATE INDEX trials_name ON trials (name) WHERE name IS NOT NULL",
    "CREATE INDEX trials_parent ON trials (parent) WHERE parent IS NOT NULL",
    """CREATE TABLE tags (
        tag TEXT NOT NULL,
        trial INTEGER NOT NULL,
        status, project TEXT, trashed INTEGER NOT NULL,
        PRIMARY KEY (tag, trial)
    ) WITHOUT ROWID""",
    "CREATE TABLE names (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """CREATE TABLE facts (
        name INTEGER NOT NULL,
        trial INTEGER NOT NULL,
        value,
        number,
        PRIMARY KEY (name, trial)
    ) WITHOUT ROWID""",
    """CREATE TABLE statistics (
        name INTEGER NOT NULL,
        trial INTEGER NOT NULL,
        last, min, max, count, first,
        PRIMARY KEY (name, trial)
    ) WITHOUT ROWID""",
    "UPDATE meta SET schema = 2, min_reader = 2, min_writer = 2",
)

VERSION_3 = (
    "CREATE TABLE figures (trial INTEGER PRIMARY KEY, names BLOB NOT NULL, kinds BLOB NOT NULL, cells BLOB NOT NULL)",
    """CREATE TRIGGER statistics_written AFTER INSERT ON statistics
        BEGIN DELETE FROM figures WHERE trial = new.trial; END""",
    """CREATE TRIGGER statistics_deleted AFTER DELETE ON statistics
        BEGIN DELETE FROM figures WHERE trial = old.trial; END""",
    "UPDATE meta SET schema = 3",
)
"""A kleio that knows version 2 reads and writes on: its rows take the packed one away, and the document is asked."""

VERSIONS: tuple[tuple[str, ...], ...] = (VERSION_1, VERSION_2, VERSION_3)
"""``VERSIONS[n]`` leads from schema n to n + 1; 0 is the empty file. Old entries are never edited."""
assert len(VERSIONS) == SCHEMA


def prepare(connection: sqlite3.Connection, path: str, *, writable: bool) -> bool:
    """Create or upgrade the tables if need be. True if this kleio may write, ``JournalTooNew`` if not even read."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == SCHEMA:
        return writable
    if version > SCHEMA:
        schema, min_reader, min_writer = connection.execute(
            "SELECT schema, min_reader, min_writer FROM meta"
        ).fetchone()
        if min_reader > SCHEMA:
            raise too_new(path, schema)
        return writable and min_writer <= SCHEMA
    if writable:
        _upgrade(connection, path)
    elif not version:
        raise JournalReadOnly(f"there is no journal in {path} yet, and it cannot be written")
    elif version < OLDEST_READ:
        raise JournalReadOnly(
            f"the journal {path} has the older schema {version}, and cannot be written",
            hint="let somebody who may write it open it once, with: kleio ls",
        )
    return writable


def too_new(path: str, schema: int) -> JournalTooNew:
    return JournalTooNew(
        f"the journal {path} has schema {schema}, and this kleio knows {SCHEMA}",
        hint="upgrade kleio: pip install -U kleio",
    )


def _upgrade(connection: sqlite3.Connection, path: str) -> None:
    """Under the write lock, so that of many processes one does it and the others find it done."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("PRAGMA busy_timeout = 30000")  # for the readers that the end of a long migration waits for
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if not version and connection.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,):
            raise JournalError(
                f"{path} is the SQLite database of another program", hint="choose another file with KLEIO_JOURNAL"
            )
        for statement in (statement for statements in VERSIONS[version:] for statement in statements):
            connection.execute(statement)
        if version in (1, 2):
            from kleio.journal.sqlite.migration import from_1, from_2

            from_1(connection, path) if version == 1 else from_2(connection)
        if version < SCHEMA:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
