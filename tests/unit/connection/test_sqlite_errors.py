"""SQLite's real failures, provoked one by one."""

from __future__ import annotations

import shlex
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


@pytest.mark.parametrize(("failure", "word"), [(garbage, "sqlite3"), (locked, "fuser -v")])
def test_a_hint_is_a_command_whatever_the_path_is(tmp_path: Path, failure: object, word: str) -> None:
    with pytest.raises(sqlite3.Error) as raised:
        failure(tmp_path / "journal.sqlite")  # type: ignore[operator]
    hint = translated(raised.value, "/da ta/it's", 30.0).hint or ""
    command = hint[hint.index(word) :].partition("`")[0]
    named = [one for one in shlex.split(command) if one.startswith("/")]
    assert named == ["/da ta/it's", "/da ta/it's.recovered"][: len(named)]
    assert named


@pytest.mark.parametrize("failure", [absent, read_only])
def test_who_only_reads_is_not_told_of_writing(tmp_path: Path, failure: object) -> None:
    with pytest.raises(sqlite3.Error) as raised:
        failure(tmp_path / "journal.sqlite")  # type: ignore[operator]
    error = translated(raised.value, "/j", 30.0, for_writing=False)
    assert type(error) is JournalError
    assert error.message == f"the journal /j cannot be read: {raised.value}"
