from __future__ import annotations

import io
from pathlib import Path

import pytest

from harness.recorded import Recorder
from kleio.analysis import Trials
from kleio.analysis.readonly import READS, ReadOnly, read_only
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


WRITES = "append collect compare_and_set delete_trial extend insert_trial put put_many replace_trial sweep".split()


@pytest.mark.parametrize("name", WRITES)
def test_whatever_would_change_it_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(JournalReadOnly):
        getattr(read_only(MemoryJournal(str(tmp_path))), name)({})


def test_of_all_that_journals_and_blob_stores_do_it_is_known_whether_it_writes(tmp_path: Path) -> None:
    both = MemoryJournal(str(tmp_path)), MemoryBlobs(str(tmp_path))
    offered = {name for one in both for name in dir(one) if not name.startswith("_")}
    assert offered == READS | {*WRITES}


def test_bytes_cannot_be_put(tmp_path: Path) -> None:
    blobs = MemoryBlobs(str(tmp_path))
    with pytest.raises(JournalReadOnly):
        ReadOnly(blobs).put(io.BytesIO(b"x"))
    assert repr(ReadOnly(blobs)).startswith("<read-only ")
