from __future__ import annotations

from pathlib import Path

import pytest

from harness.recorded import Recorder
from kleio.analysis.edits import read_edits
from kleio.errors import KleioError, UsageError
from kleio.journal.memory import MemoryJournal
from kleio.launcher.care.labels import add_note, change_name, change_tags


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder.on(MemoryJournal(str(tmp_path)))


def test_tags_are_a_sorted_set_and_each_change_is_kept(recorder: Recorder) -> None:
    trial = recorder.new("true", tags=["b"])
    assert change_tags(recorder.journal, trial, recorder.clock, add=["a", "b"]) == ["a", "b"]
    recorder.clock.advance(1)
    assert change_tags(recorder.journal, trial, recorder.clock, add=["c"], remove=["a", "x"]) == ["b", "c"]
    assert change_tags(recorder.journal, trial, recorder.clock, remove=["x"]) == ["b", "c"]
    assert [str(edit) for edit in read_edits(recorder.journal, trial)] == ["+a", "+c -a"]


def test_a_tag_changes_no_status_and_no_attempt(recorder: Recorder) -> None:
    trial = recorder.ended("true")
    before = recorder.journal.trial(trial)
    change_tags(recorder.journal, trial, recorder.clock, add=["a"])
    add_note(recorder.journal, before or {}, "x", recorder.clock)
    after = recorder.journal.trial(trial)
    assert before is not None
    assert after is not None
    assert {key for key in after if after[key] != before[key]} <= {"tags", "rvn", "hb"}


def test_tags_by_two_at_once_are_both_kept(recorder: Recorder) -> None:
    trial = recorder.new("true")

    class Racing(MemoryJournal):
        """Somebody else adds a tag between our reading and our writing."""

        raced = False

        def trial(self, trial_id: str) -> dict[str, object] | None:
            document = super().trial(trial_id)
            if not self.raced:
                self.raced = True
                self.compare_and_set(trial_id, {}, {"tags": ["theirs"]})
            return document

    journal = Racing(recorder.journal.address.removeprefix("memory://"))
    assert change_tags(journal, trial, recorder.clock, add=["ours"]) == ["ours", "theirs"]


@pytest.mark.parametrize("tag", ["", " ", "a;b", " a", "a\n", "\x1b[31m", "x" * 201])
def test_what_could_not_be_typed_again_is_no_tag(recorder: Recorder, tag: str) -> None:
    trial = recorder.new("true")
    with pytest.raises(UsageError):
        change_tags(recorder.journal, trial, recorder.clock, add=[tag])


@pytest.mark.parametrize("text", ["", " \n", "x" * 100_001])
def test_empty_and_endless_notes_are_refused(recorder: Recorder, text: str) -> None:
    trial = recorder.new("true")
    with pytest.raises(UsageError):
        add_note(recorder.journal, recorder.journal.trial(trial) or {}, text, recorder.clock)
    assert read_edits(recorder.journal, trial) == []


def test_a_trial_that_is_gone_cannot_be_tagged(recorder: Recorder) -> None:
    with pytest.raises(KleioError, match="was deleted meanwhile"):
        change_tags(recorder.journal, "0" * 64, recorder.clock, add=["a"])


def test_a_name_is_given_changed_and_taken_away(recorder: Recorder) -> None:
    trial = recorder.new("true")
    for name in ("first", "second", "second", None):
        change_name(recorder.journal, trial, name, recorder.clock)
        recorder.clock.advance(1)
        assert (recorder.journal.trial(trial) or {})["name"] == name
    found = [str(edit) for edit in read_edits(recorder.journal, trial)]
    assert found == ["named first", "named second", "the name was taken away"]


@pytest.mark.parametrize("name", ["", " ", "a\nb", " a", "x" * 201, "0123abc", "f" * 64])
def test_what_could_not_be_typed_or_told_from_an_id_is_no_name(recorder: Recorder, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be a name"):
        change_name(recorder.journal, recorder.new("true"), name, recorder.clock)


@pytest.mark.parametrize("name", ["abc123", "0123abg", "f" * 65, "Größe 2"])
def test_other_names_are_taken(recorder: Recorder, name: str) -> None:
    trial = recorder.new("true")
    change_name(recorder.journal, trial, name, recorder.clock)
    assert (recorder.journal.trial(trial) or {})["name"] == name
