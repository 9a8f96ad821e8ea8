"""SQLite's real failures, provoked one by one."""

from __future__ import annotations

import sqlite3

import pytest

from kleio.connection.sqlite_errors import translated
from kleio.errors import JournalCorrupt, JournalError, JournalFull, JournalLocked, JournalReadOnly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


def full(path: Path) -> None:
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA max_page_count = 2")
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    finally:
        connection.close()


def read_only(path: Path) -> None:
    sqlite3.connect(path).close()
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        connection.execute("CREATE TABLE t (x)")
    finally:
        connection.close()


def absent(path: Path) -> None:
    sqlite3.connect(f"file:{path}/none/journal.sqlite?mode=rw", uri=True)


def no_text(path: Path) -> None:
    connection = sqlite3.connect(path)
    try:
        connection.execute("SELECT CAST(x'ff' AS TEXT)").fetchall()
    finally:
        connection.close()


def garbage(path: Path) -> None:
    path.write_bytes(b"garbage " * 600)
    connection = sqlite3.connect(path)
    try:
        connection.execute("SELECT * FROM sqlite_master")
    finally:
        connection.close()


def no_table(path: Path) -> None:
    connection = sqlite3.connect(path)
    try:
        connection.execute("SELECT * FROM trials")
    finally:
        connection.close()


def locked(path: Path) -> None:
    holder, connection = sqlite3.connect(path, isolation_level=None), sqlite3.connect(path, timeout=0)
    try:
        holder.execute("BEGIN EXCLUSIVE")
        connection.execute("CREATE TABLE t (x)")
    finally:
        holder.close()
        connection.close()


@pytest.mark.parametrize(
    ("failure", "kind", "message"),
    [
        (full, JournalFull, "no space is left for the journal /j"),
        (read_only, JournalReadOnly, "the journal /j cannot be written: attempt to write a readonly database"),
        (absent, JournalReadOnly, "the journal /j cannot be written: unable to open database file"),
        (no_text, JournalCorrupt, "the journal /j is damaged: Could not decode to UTF-8 column"),
        (garbage, JournalCorrupt, "the journal /j is damaged: file is not a database"),
        (no_table, JournalCorrupt, "the journal /j is damaged: no such table: trials"),
        (locked, JournalLocked, "the journal /j has been locked by another process for 30 s"),
    ],
)
def test_each_failure_has_its_error(tmp_path: Path, failure: object, kind: type[JournalError], message: str) -> None:
    with pytest.raises(sqlite3.Error) as raised:
        failure(tmp_path / "journal.sqlite")  # type: ignore[operator]
    error = translated(raised.value, "/j", 30.0)
    assert type(error) is kind
    assert error.message.startswith(message)
    assert error.hint
