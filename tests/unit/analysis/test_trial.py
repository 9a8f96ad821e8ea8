from __future__ import annotations

import pkgutil
from pathlib import Path

import kleio.analysis
from harness.recorded import Recorder
from kleio.analysis import Trials
from kleio.journal.memory import MemoryJournal
from kleio.spool.records.reader import Record
from kleio.spool.records.segments import segment_of


def test_the_public_names_are_sorted_and_all_there() -> None:
    names = kleio.analysis.__all__
    assert names == sorted(names)
    assert all(hasattr(kleio.analysis, name) for name in names)


def test_no_module_is_called_as_a_public_name_is() -> None:
    """Once it was imported, it would be what ``from kleio.analysis import …`` gives."""
    assert not set(kleio.analysis.__all__) & {module.name for module in pkgutil.iter_modules(kleio.analysis.__path__)}


def test_a_trial_may_be_an_element_of_a_set(tmp_path: Path) -> None:
    recorder = Recorder.on(MemoryJournal(str(tmp_path)))
    recorder.ended("a")
    recorder.ended("b")
    trials = Trials(recorder.journal)
    assert len({*trials, *trials}) == 2


def test_a_trial_shows_what_its_document_says(tmp_path: Path) -> None:
    recorder = Recorder.on(MemoryJournal(str(tmp_path)))
    made = recorder.ended("python", "a b", name="n", tags=("t",), refers={"parent": "p" * 64, "cut": {"attempt": 1}})
    trial = Trials(recorder.journal).trial(made)
    assert trial.short_id == made[:7]
    assert trial.command == "python 'a b'"
    assert (trial.name, trial.tags, trial.parent_id) == ("n", ("t",), "p" * 64)
    assert trial.started is not None
    assert trial.ended is not None
    assert trial.ended.time - trial.started.time == 12.0
    assert trial.duration == 10.0
    assert [attempt.number for attempt in trial.attempts()] == [1]
    assert len(trial.statistics) == 0
    assert list(trial.output.pieces()) == []


def test_what_capture_saw_is_read_by_attempt(tmp_path: Path) -> None:
    recorder = Recorder.on(MemoryJournal(str(tmp_path)))
    made = recorder.ended("true", word="suspended")
    recorder.reserve(made)
    for number in (1, 2):
        bodies = [{"type": "code", "digest": f"c{number}"}, {"type": "environment", "digest": f"e{number}"}, {"x": 1}]
        records = [Record(at, "capture", 0.0, body, 0, 0) for at, body in enumerate(bodies)]
        recorder.journal.append([segment_of(made, number, "front", "capture", records)])
    trial = Trials(recorder.journal).trial(made)
    assert trial.capture() == {
        "code": {"type": "code", "digest": "c2"},
        "environment": {"type": "environment", "digest": "e2"},
    }
    assert trial.capture(1)["code"]["digest"] == "c1"
    assert trial.capture(3) == {}


def test_an_old_document_without_later_fields_is_still_shown(tmp_path: Path) -> None:
    journal = MemoryJournal(str(tmp_path))
    journal.insert_trial({"_id": "a" * 64, "schema": 1, "status": "new", "argv": ["true"]})
    trial = Trials(journal).trial("a")
    assert (trial.command, trial.created, trial.outcome, trial.attempts()) == ("true", None, None, [])
