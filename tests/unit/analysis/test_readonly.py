from __future__ import annotations

import io
from pathlib import Path

import pytest

from harness.recorded import Recorder
from kleio.analysis import Trials
from kleio.analysis.readonly import WRITES, ReadOnly, read_only
from kleio.artifacts.memory import MemoryBlobs
from kleio.errors import JournalReadOnly
from kleio.journal.memory import MemoryJournal


def test_a_trial_can_be_read_and_not_written(tmp_path: Path) -> None:
    journal = MemoryJournal(str(tmp_path))
    made = Recorder.on(journal).ended("x")
    trial = Trials(read_only(journal)).trial(made)
    assert [attempt.number for attempt in trial.attempts()] == [1]
    with pytest.raises(JournalReadOnly):
        trial.journal.delete_trial(made)
    assert journal.trial(made) is not None


@pytest.mark.parametrize("name", sorted(WRITES))
def test_whatever_would_change_it_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(JournalReadOnly):
        getattr(read_only(MemoryJournal(str(tmp_path))), name)({})


def test_bytes_cannot_be_put(tmp_path: Path) -> None:
    blobs = MemoryBlobs(str(tmp_path))
    with pytest.raises(JournalReadOnly):
        ReadOnly(blobs).put(io.BytesIO(b"x"))
    assert repr(ReadOnly(blobs)).startswith("<read-only ")
