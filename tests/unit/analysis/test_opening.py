from __future__ import annotations

from pathlib import Path

import pytest

from harness.recorded import Recorder, ids
from kleio.analysis.opening import connect, open_for_reading
from kleio.errors import SettingsError, TrialNotFound
from kleio.journal.contract import TrialQuery
from kleio.journal.registry import open_journal


def test_connect_finds_the_trials_of_an_address(journal_address: str) -> None:
    journal = open_journal(journal_address)
    trial = Recorder.on(journal).ended("true", name="first")
    journal.close()
    with connect(journal_address) as trials:
        assert ids(list(trials.find())) == [trial]
        found = trials.trial("first")
        assert (found.status, found.argv, len(found.attempts())) == ("completed", ("true",), 1)
    trials.close()


def test_without_an_address_it_is_the_journal_of_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KLEIO_JOURNAL", f"memory://{tmp_path}")
    trial = Recorder.on(open_journal(f"memory://{tmp_path}")).new("true")
    assert ids(list(connect().find())) == [trial]


def test_an_empty_file_is_a_journal_that_nobody_has_written(tmp_path: Path) -> None:
    """Nothing that reads writes to it."""
    (tmp_path / "journal").touch()
    with connect(f"sqlite://{tmp_path}/journal") as trials:
        assert repr(trials) == f"<Trials: 0; there is no journal at {tmp_path}/journal yet>"
    assert [path.name for path in tmp_path.iterdir()] == ["journal"]
    assert (tmp_path / "journal").stat().st_size == 0


def test_a_journal_that_nobody_has_written_is_empty_and_stays_unmade(tmp_path: Path) -> None:
    journal = open_for_reading(f"sqlite://{tmp_path}/x/journal.sqlite")
    assert list(journal.find_trials(TrialQuery())) == []
    trials = connect(f"sqlite://{tmp_path}/x/journal.sqlite")
    assert repr(trials) == f"<Trials: 0; there is no journal at {tmp_path}/x/journal.sqlite yet>"
    with pytest.raises(TrialNotFound, match="no trial is called 'abc'") as caught:
        trials.trial("abc")
    assert (
        caught.value.hint
        == f"there is no journal at {tmp_path}/x/journal.sqlite yet; the first `kleio COMMAND` makes it"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_bad_address_is_a_settings_error() -> None:
    with pytest.raises(SettingsError):
        connect("redis://x/y")


def test_what_is_no_address_is_refused_in_words_of_python() -> None:
    with pytest.raises(SettingsError, match=r"^connect: this is not an address such as sqlite:") as caught:
        connect("garbage")
    assert "connect(" in str(caught.value.hint)
