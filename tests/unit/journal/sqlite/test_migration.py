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
from kleio.journal.sqlite.schema import APPLICATION_ID, SCHEMA, VERSION_1
from kleio.trial.statement import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

TRIALS = [
    new_trial(
        f"{number:064x}", 1000.0 + number, name=f"n{number}", tags=["x", "\ud800"], rvn=3, hb=5.0, status="completed",
        configuration={"lr": number / 10, "odd": "\ud800"},
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


def test_every_trial_is_there_and_is_found_by_what_it_says(old: Path) -> None:
    journal = open_journal(f"sqlite://{old}")
    assert list(journal.find_trials(TrialQuery(trash=None))) == TRIALS[::-1]
    where = parse("stats.loss.last >= 1198 and config.lr > 1 and 'x' in tags")
    assert [found["name"] for found in journal.find_trials(TrialQuery(where=where))] == ["n1199", "n1198"]
    assert [found["name"] for found in journal.find_trials(TrialQuery(trash=True))] == ["n2"]
    assert journal.count_trials(TrialQuery(tags=("\ud800",))) == len(TRIALS) - 1
    assert journal.append([batch(TRIALS[0]["_id"], 0, 3)]) == [3]
    assert journal.compare_and_set(TRIALS[5]["_id"], {"status": "completed"}, {"status": "broken"})
    journal.close()
    with sqlite3.connect(old) as outside:
        assert outside.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
        assert outside.execute("SELECT * FROM meta").fetchall() == [(SCHEMA, SCHEMA, SCHEMA)]
        assert outside.execute("PRAGMA integrity_check").fetchone() == ("ok",)
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
