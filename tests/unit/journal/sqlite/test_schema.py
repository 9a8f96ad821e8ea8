from __future__ import annotations

import sqlite3

import pytest

from kleio.errors import JournalError
from kleio.journal.sqlite.schema import APPLICATION_ID, SCHEMA, prepare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    yield connection
    connection.close()


def value(connection: sqlite3.Connection, pragma: str) -> object:
    return connection.execute(f"PRAGMA {pragma}").fetchone()[0]


def test_an_empty_file_becomes_a_journal_that_says_so(connection: sqlite3.Connection) -> None:
    assert prepare(connection, "/j", writable=True)
    assert (value(connection, "application_id"), value(connection, "user_version")) == (APPLICATION_ID, SCHEMA)
    assert connection.execute("SELECT * FROM meta").fetchall() == [(SCHEMA, 2, 2)]
    assert not connection.in_transaction


def test_preparing_twice_changes_nothing(connection: sqlite3.Connection) -> None:
    prepare(connection, "/j", writable=True)
    before = connection.execute("SELECT * FROM sqlite_master").fetchall()
    assert prepare(connection, "/j", writable=True)
    assert not prepare(connection, "/j", writable=False)
    assert connection.execute("SELECT * FROM sqlite_master").fetchall() == before


def test_an_empty_file_that_cannot_be_written_is_no_journal(connection: sqlite3.Connection) -> None:
    with pytest.raises(JournalError, match=r"^there is no journal in /j yet, and it cannot be written$"):
        prepare(connection, "/j", writable=False)


def test_an_interrupted_creation_leaves_an_empty_file(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE theirs (x)")
    with pytest.raises(JournalError, match="the SQLite database of another program"):
        prepare(connection, "/j", writable=True)
    assert not connection.in_transaction
    assert value(connection, "user_version") == 0


@pytest.mark.parametrize(
    "question",
    [
        "SELECT number FROM trials WHERE trashed = 0 ORDER BY created DESC, id DESC LIMIT 20",
        "SELECT number FROM trials WHERE project = 'p' AND trashed = 0 ORDER BY created DESC, id DESC LIMIT 20",
        "SELECT count(*) FROM trials WHERE status IN ('running', 'reserved') AND project = 'p' AND trashed = 0",
        "SELECT body FROM segments WHERE writer = 1 AND first >= 5 ORDER BY first LIMIT 500",
        "SELECT number FROM writers WHERE trial = 't' ORDER BY attempt, stream, writer",
    ],
)
def test_frequent_questions_are_answered_by_an_index_alone(connection: sqlite3.Connection, question: str) -> None:
    prepare(connection, "/j", writable=True)
    plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {question}"))
    assert "INDEX" in plan
    assert "TEMP B-TREE" not in plan
