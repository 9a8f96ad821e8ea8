"""A journal that an older kleio wrote opens, is whole, and is found by what stands in it."""

from __future__ import annotations

import os
import sqlite3

import pytest
from contract.samples import batch, new_trial

from kleio.errors import JournalCorrupt, JournalReadOnly
from kleio.journal.contract import TrialQuery
from kleio.journal.registry import open_journal
from kleio.journal.sqlite.codec import dump
from kleio.journal.sqlite.schema import APPLICATION_ID, SCHEMA, VERSION_1, VERSIONS
from kleio.trial.statement import parse
from kleio.trial.table import FIGURES, Table, listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from kleio.journal.contract import Journal

TRIALS = [
    new_trial(
        f"{number:064x}", 1000.0 + number, name=f"n{number}", rvn=3, hb=5.0, status="completed",
        tags=["x", "\ud800"] if number % 10 == 0 else ["x"],
        configuration={"lr": number / 10, **({"odd": "\ud800"} if number % 10 == 0 else {})},
        summary={"statistics": {"loss": {"count": 1, "last": float(number), "min": 0.5, "max": 9, "first": 9}}},
        trashed={"why": ""} if number == 2 else None,
    )
    for number in range(1200)
]  # fmt: skip


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file as version 1 left it."""
    path = tmp_path / "journal.sqlite"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    for statement in VERSION_1:
        connection.execute(statement)
    for trial in TRIALS:
        columns = (trial["_id"], trial["created"]["time"], trial["status"], "p1", trial["name"], None, dump(trial))
        connection.execute("INSERT INTO trials VALUES (?, ?, ?, ?, ?, ?, ?)", columns)
        tags = ["x", ";trashed"] if trial["trashed"] else ["x"]
        connection.executemany("INSERT INTO tags VALUES (?, ?)", [(tag, trial["_id"]) for tag in tags])
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 1")
    connection.execute("COMMIT")
    connection.close()
    return path


@pytest.fixture
def second(old: Path) -> Path:
    """The same journal as version 2 left it, where a kleio of today would have a row of figures for each trial."""
    open_journal(f"sqlite://{old}").close()
    connection = sqlite3.connect(old)
    for what in ("TRIGGER statistics_written", "TRIGGER statistics_deleted", "TABLE figures"):
        connection.execute(f"DROP {what}")
    connection.execute("UPDATE meta SET schema = 2, min_reader = 2, min_writer = 2")
    connection.execute("PRAGMA user_version = 2")
    connection.commit()
    assert tables_of(connection) == tables_of_version(2)
    connection.close()
    return old


def tables_of_version(version: int) -> list[str]:
    connection = sqlite3.connect(":memory:")
    for statements in VERSIONS[:version]:
        for statement in statements:
            connection.execute(statement)
    connection.execute("DROP TABLE trials_1")
    return tables_of(connection)


def tables_of(connection: sqlite3.Connection) -> list[str]:
    return sorted(name for (name,) in connection.execute("SELECT name FROM sqlite_master"))


@pytest.fixture(params=["old", "second"])
def older(request: pytest.FixtureRequest) -> Path:
    """A file of each older version."""
    return request.getfixturevalue(request.param)


def test_every_trial_is_there_and_is_found_by_what_it_says(older: Path) -> None:
    journal = open_journal(f"sqlite://{older}")
    assert list(journal.find_trials(TrialQuery(trash=None))) == TRIALS[::-1]
    where = parse("stats.loss.last >= 1198 and config.lr > 1 and 'x' in tags")
    assert [found["name"] for found in journal.find_trials(TrialQuery(where=where))] == ["n1199", "n1198"]
    assert [found["name"] for found in journal.find_trials(TrialQuery(trash=True))] == ["n2"]
    assert journal.count_trials(TrialQuery(tags=("\ud800",))) == len(TRIALS) / 10
    assert_columns(journal, TRIALS[::-1])
    assert journal.append([batch(TRIALS[0]["_id"], 0, 3)]) == [3]
    assert journal.compare_and_set(TRIALS[5]["_id"], {"status": "completed"}, {"status": "broken"})
    journal.close()
    with sqlite3.connect(older) as outside:
        assert outside.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
        assert outside.execute("SELECT * FROM meta").fetchall() == [(SCHEMA, 2, 2)]
        assert outside.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert outside.execute("SELECT count(*) FROM figures").fetchone() == (len(TRIALS),)
    outside.close()


def assert_columns(journal: Journal, documents: list[dict[str, Any]]) -> None:
    """The journal's columns are what these documents say, the newest first."""
    found = journal.tabulate(TrialQuery(trash=None), FIGURES)
    expected = Table.of(documents, FIGURES).columns()
    assert {name: repr(listed(cells)) for name, cells in found.items()} == {
        name: repr(cells) for name, cells in expected.items()
    }


def test_figures_are_packed_without_a_look_at_the_documents(second: Path) -> None:
    with sqlite3.connect(second) as outside:
        outside.execute("UPDATE documents SET document = '{' WHERE number = 702")
    outside.close()
    journal = open_journal(f"sqlite://{second}")
    found = journal.tabulate(TrialQuery(), ("last",))
    assert list(found["stats.loss.last"])[:2] == [1199.0, 1198.0]
    journal.close()


def test_an_older_file_that_nobody_may_write_is_read_as_it_is(second: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = second.read_bytes()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    journal = open_journal(f"sqlite://{second}")
    assert not journal.ping().writable
    assert_columns(journal, TRIALS[::-1])
    journal.close()
    assert second.read_bytes() == before


def test_what_an_older_kleio_writes_into_a_newer_file_is_read(second: Path) -> None:
    """It has had the journal open since before, say in a launcher, or may open it now: the file admits version 2."""
    earlier = sqlite3.connect(second)
    journal = open_journal(f"sqlite://{second}")
    documents = {document["name"]: document for document in TRIALS}
    with earlier:
        for name, last in (("n7", 0.25), ("n9", None)):
            ((number,),) = earlier.execute("SELECT number FROM trials WHERE name = ?", (name,)).fetchall()
            statistics = {} if last is None else {"loss": {"count": 2, "last": last}}
            documents[name] = {**documents[name], "summary": {"statistics": statistics}}
            earlier.execute("UPDATE documents SET document = ? WHERE number = ?", (dump(documents[name]), number))
            if last is None:
                earlier.execute("DELETE FROM statistics WHERE trial = ?", (number,))
            else:
                name_of = "(SELECT number FROM names WHERE name = 'stats.loss')"
                row = (number, last, None, None, 2, None)
                earlier.execute(f"INSERT OR REPLACE INTO statistics VALUES ({name_of}, ?, ?, ?, ?, ?, ?)", row)
    earlier.close()
    assert_columns(journal, list(documents.values())[::-1])
    assert journal.compare_and_set(documents["n7"]["_id"], {}, {"summary": {"statistics": {"loss": {"last": 0.5}}}})
    documents["n7"] = journal.trial(documents["n7"]["_id"]) or {}
    assert_columns(journal, list(documents.values())[::-1])
    journal.close()
    with sqlite3.connect(second) as outside:
        assert outside.execute("SELECT count(*) FROM figures").fetchone() == (len(TRIALS) - 1,)
    outside.close()


def test_a_file_that_cannot_be_brought_over_is_left_as_it_was(old: Path) -> None:
    connection = sqlite3.connect(old)
    connection.execute("UPDATE trials SET document = '{' WHERE name = 'n700'")
    connection.commit()
    before = list(connection.iterdump())
    connection.close()
    with pytest.raises(JournalCorrupt, match=f"{old} holds a row that cannot be read"):
        open_journal(f"sqlite://{old}")
    connection = sqlite3.connect(old)
    assert list(connection.iterdump()) == before
    connection.close()


def test_who_may_only_read_is_told_who_must_open_it_first(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(JournalReadOnly, match="has the older schema 1, and cannot be written"):
        open_journal(f"sqlite://{old}")
