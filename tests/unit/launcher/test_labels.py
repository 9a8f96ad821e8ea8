from __future__ import annotations

from pathlib import Path

import pytest

from harness.recorded import Recorder
from kleio.analysis.edits import read_edits
from kleio.errors import KleioError, UsageError
from kleio.journal.memory import MemoryJournal
from kleio.launcher.labels import add_note, change_tags


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
