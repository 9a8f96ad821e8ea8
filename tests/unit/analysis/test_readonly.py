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

READS = {
    "address",
    "close",
    "count_trials",
    "find_trials",
    "last_sequence",
    "ping",
    "segments",
    "streams",
    "tally",
    "trial",
}
"""What a journal offers to readers. A method that is new there is put here or among ``WRITES``."""


def test_a_trial_can_be_read_and_not_written(tmp_path: Path) -> None:
    journal = MemoryJournal(str(tmp_path))
    made = Recorder.on(journal).ended("x")
    trial = Trials(read_only(journal)).select(made)
    assert [attempt.number for attempt in trial.attempts()] == [1]
    with pytest.raises(JournalReadOnly):
        trial.journal.delete_trial(made)
    assert journal.trial(made) is not None


def test_everything_that_a_journal_offers_is_told_to_read_or_to_write() -> None:
    offered = {name for name in dir(MemoryJournal) if not name.startswith("_")}
    assert offered - READS - WRITES == set()


def test_bytes_cannot_be_put(tmp_path: Path) -> None:
    blobs = MemoryBlobs(str(tmp_path))
    with pytest.raises(JournalReadOnly):
        ReadOnly(blobs).put(io.BytesIO(b"x"))
    assert repr(ReadOnly(blobs)).startswith("<read-only ")
