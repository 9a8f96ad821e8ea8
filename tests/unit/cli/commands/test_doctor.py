from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.recorded import Recorder
from kleio.journal.registry import open_journal
from kleio.spool.attempt.directory import AttemptFile, create

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ALL = {"python", "git", "sqlite", "data", "space", "spool", "journal", "clock", "limits", "terminal"}


def checks(kleio: Any, code: int = 0) -> dict[str, dict[str, str]]:
    said = kleio("doctor", "--json")
    assert said.code == code
    return {check["name"]: check for check in json.loads(said.out)["data"]}


def test_all_is_looked_at(kleio: Any) -> None:
    found = checks(kleio)
    assert found.keys() >= ALL
    assert {check["state"] for check in found.values()} <= {"ok", "warn"}


def test_each_line_begins_with_its_state(kleio: Any) -> None:
    said = kleio("doctor")
    assert said.code == 0
    assert {line.split()[1] for line in said.out.splitlines()} >= ALL
    assert {line.split()[0] for line in said.out.splitlines()} <= {"ok", "warn"}


def test_a_full_disk_of_the_journal_fails(kleio: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "elsewhere"
    open_journal(f"sqlite://{place}/journal.sqlite").close()
    monkeypatch.setenv("KLEIO_JOURNAL", f"sqlite://{place}/journal.sqlite")
    free = SimpleNamespace(free=1 << 40)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=0) if path == str(place) else free)
    check = checks(kleio, 1)["space"]
    assert (check["state"], check["message"]) == ("fail", f"0 B free in {place}")
    assert check["mend"] == "make room, or set KLEIO_JOURNAL"


def test_a_setting_that_cannot_be_used_fails(kleio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLEIO_LEASE", "soon")
    assert checks(kleio, 1)["settings"]["message"].startswith("KLEIO_LEASE: 'soon' is not a duration")


def test_a_data_directory_that_cannot_be_made_fails(kleio: Any, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KLEIO_DATA", str(tmp_path / "file" / "x"))
    check = checks(kleio, 1)["data"]
    assert check["state"] == "fail"
    assert check["mend"] == "set KLEIO_DATA to a directory of yours on a local disk"


def test_a_data_directory_that_others_may_write_fails(kleio: Any, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    monkeypatch.setenv("KLEIO_DATA", str(tmp_path / "open"))
    assert checks(kleio, 1)["data"]["mend"] == f"chmod 700 {tmp_path}/open"


def test_attempts_that_wait_to_be_sent_are_counted_and_live_ones_are_not_among_them(
    kleio: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("KLEIO_DATA", str(tmp_path / "data"))
    for number in (1, 2):
        attempt = AttemptFile("a" * 64, number, "b" * 32, kleio.address)
        directory, lock = create(attempt, [str(tmp_path / "data" / "spool")])
        if number == 1:
            os.close(lock)
            left = directory
    check = checks(kleio)["spool"]
    assert check["state"] == "warn"
    assert check["message"] == f"1 running; attempts that wait to be sent: 1, the first in {left}"
    os.close(lock)


def test_a_variable_that_means_nothing_is_a_warning(kleio: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("KLEIO_JOURNL", "x")
    check = checks(kleio)["settings"]
    assert (check["state"], check["mend"]) == ("warn", "did you mean KLEIO_JOURNAL?")


def test_a_file_with_a_password_that_others_may_read_is_a_warning(kleio: Any, home: Path, monkeypatch: Any) -> None:
    path = home / ".config" / "kleio" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("journal = 'mongodb://ada:PASSWORD@/lab'\n")
    path.chmod(0o644)
    monkeypatch.delenv("KLEIO_JOURNAL")
    found = checks(kleio, 1)
    assert found["settings"]["mend"] == f"chmod 600 {path}"
    assert found["journal"]["state"] == "fail"
    assert "PASSWORD" not in json.dumps(found)


def test_no_git_is_a_warning(kleio: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert checks(kleio)["git"]["state"] == "warn"


def test_a_journal_that_answers_is_named_with_its_latency(kleio: Any, sqlite_address: str, monkeypatch: Any) -> None:
    journal = open_journal(sqlite_address)
    Recorder.on(journal).new("true")
    journal.close()
    monkeypatch.setenv("KLEIO_JOURNAL", sqlite_address)
    found = checks(kleio)
    assert found["journal"]["message"].startswith(f"{sqlite_address}: SQLite ")
    assert found["clock"]["state"] == "ok"
    assert found["clock"]["message"].endswith(" the journal's")
