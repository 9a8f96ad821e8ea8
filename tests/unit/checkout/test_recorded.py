"""The code of an attempt, as the journal holds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.recorded import Recorder
from kleio.checkout.recorded import recorded_code
from kleio.errors import CodeLost
from kleio.journal.memory import MemoryJournal

CODE = {"type": "code", "kind": "git", "digest": "d", "commit": "c"}
PIECE = {
    "type": "snapshot",
    "kind": "patch",
    "path": "",
    "mode": "",
    "commit": "c",
    "notes": ["redacted"],
    "digest": "b",
}


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder.on(MemoryJournal(str(tmp_path)))


def test_each_attempt_has_its_code(recorder: Recorder) -> None:
    trial = recorder.ended("python", "a.py", word="suspended")
    recorder.reserve(trial)
    recorder.wrote(trial, "capture", CODE, PIECE, attempt=1)
    recorder.wrote(trial, "capture", {**CODE, "digest": "e"}, attempt=2)
    document = recorder.journal.trial(trial) or {}
    latest, first = recorded_code(recorder.journal, document), recorded_code(recorder.journal, document, 1)
    assert (latest.attempt, latest.version["digest"], latest.pieces) == (2, "e", ())
    assert (first.version["digest"], first.pieces[0].digest, first.pieces[0].notes) == ("d", "b", ("redacted",))


def test_the_documents_summary_will_do_for_the_latest_attempt(recorder: Recorder) -> None:
    trial = recorder.new("python", "a.py")
    recorder.reserve(trial, code={"kind": "git", "digest": "d"})
    assert recorded_code(recorder.journal, recorder.journal.trial(trial) or {}).version["digest"] == "d"


@pytest.mark.parametrize(
    ("ran", "attempt", "why"),
    [(False, None, "was never run"), (True, None, "has no code recorded"), (True, 7, "has no attempt 7")],
)
def test_what_was_not_recorded_is_told(recorder: Recorder, ran: bool, attempt: int | None, why: str) -> None:
    trial = recorder.ended("true") if ran else recorder.new("true")
    with pytest.raises(CodeLost, match=why):
        recorded_code(recorder.journal, recorder.journal.trial(trial) or {}, attempt)
