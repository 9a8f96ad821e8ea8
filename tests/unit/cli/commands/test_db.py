from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.recorded import Recorder
from kleio.journal import contract
from kleio.journal.registry import open_journal
from kleio.journal.sqlite import schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def test_it_says_what_is_connected(kleio: Any, journal_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLEIO_JOURNAL", journal_address)
    journal = open_journal(journal_address)
    Recorder.on(journal).new("true")
    journal.close()
    said = kleio("db", "check", "--json")
    assert (said.code, said.err) == (0, "")
    data = json.loads(said.out)["data"]
    assert data["from"] == "KLEIO_JOURNAL"
    assert data["exists"] is True
    assert data["writable"] is True
    assert data["trials"] == 1
    assert data["schema"] == (schema.SCHEMA if journal_address.startswith("sqlite") else contract.SCHEMA)
    assert data["latency_ms"] >= 0
    assert data["artifact_store"] == "reachable"
    assert data["server"].startswith("SQLite" if journal_address.startswith("sqlite") else "MongoDB")
    assert "writable" in kleio("db", "check").out


def test_a_file_that_is_not_there_yet_will_be_made(kleio: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KLEIO_JOURNAL")
    said = kleio("db", "check")
    assert said.code == 0
    assert "the first `kleio COMMAND` will make it" in said.out
    assert not (home / ".local").exists()


def test_a_damaged_file_is_refused_with_125(kleio: Any, tmp_path: Path) -> None:
    (tmp_path / "damaged").write_text("no database at all " * 100)
    said = kleio("--journal", f"sqlite://{tmp_path}/damaged", "db", "check")
    assert said.code == 125
    assert str(tmp_path / "damaged") in said.err


def test_pages_that_are_damaged_are_found_though_nobody_reads_them(kleio: Any, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = open_journal(f"sqlite://{path}")
    for number in range(200):
        Recorder.on(journal).new("true", str(number), configuration={"text": "x" * 2000})
    journal.close()
    assert json.loads(kleio("--journal", f"sqlite://{path}", "db", "check", "--json").out)["data"]["pages"] == "ok"
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 4096 * 4)
    for words in (["db", "check"], ["doctor"]):
        said = kleio("--journal", f"sqlite://{path}", *words)
        assert said.code != 0
        assert f"the journal {path} is damaged" in said.out + said.err


@pytest.mark.mongo
def test_a_database_that_nobody_wrote_to_will_be_made(kleio: Any, mongodb_address: str) -> None:
    said = kleio("--journal", mongodb_address, "db", "check", "--json")
    data = json.loads(said.out)["data"]
    assert (said.code, data["exists"], data["writable"], data["trials"]) == (0, False, True, 0)
    assert "the first `kleio COMMAND` will make it" in data["note"]


@pytest.mark.slow
def test_a_server_that_does_not_answer_is_75_and_its_password_stays_secret(kleio: Any) -> None:
    address = "mongodb://ada:PASSWORD@127.0.0.1:1/lab"
    said = kleio("--journal", address, "db", "check")
    assert said.code == 75
    assert "127.0.0.1:1" in said.err
    assert "kleio db check" not in said.err
    assert "`kleio config`" in said.err
    assert "PASSWORD" not in said.out + said.err


@pytest.mark.parametrize(
    "address", ["mongodb://host", "mongodb:///x", "sqlite://rel", "sqlite:///", "redis://h/x", "nonsense", "sqlite"]
)
def test_a_bad_address_is_125_with_what_is_good(kleio: Any, address: str) -> None:
    said = kleio("--journal", address, "db", "check")
    assert (said.code, said.out) == (125, "")
    assert "kleio: hint: " in said.err
