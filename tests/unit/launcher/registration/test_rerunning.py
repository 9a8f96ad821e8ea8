from __future__ import annotations

import uuid

import pytest

from harness.recorded import Recorder
from kleio.journal.memory import MemoryJournal
from kleio.launcher.registration.rerunning import register_rerun

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@pytest.fixture
def recorder() -> Recorder:
    return Recorder.on(MemoryJournal(uuid.uuid4().hex))


def test_repetitions_are_numbered_on_also_when_the_last_one_lies_in_the_trash(recorder: Recorder) -> None:
    journal = recorder.journal
    original: Any = journal.trial(recorder.ended("train"))
    repetitions = []
    for _ in range(3):
        repetitions.append(register_rerun(journal, original, recorder.clock))
        assert journal.compare_and_set(repetitions[-1]["_id"], {}, {"trashed": {"why": ""}})
    assert [one["refers"]["rerun"] for one in repetitions] == [1, 2, 3]
    assert len({one["_id"] for one in repetitions}) == 3
