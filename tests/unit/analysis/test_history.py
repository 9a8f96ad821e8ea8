from __future__ import annotations

import signal

import pytest

from harness.recorded import WHO, Recorder
from kleio.analysis.history import Outcome, attempts_of, read_history
from kleio.journal.memory import MemoryJournal
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.journal.contract import Journal


@pytest.fixture
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    return Recorder.on(MemoryJournal(str(tmp_path_factory.mktemp("journal"))))


def document(journal: Journal, trial_id: str) -> dict[str, object]:
    found = journal.trial(trial_id)
    assert found is not None
    return found


def test_every_move_is_told_in_order(recorder: Recorder) -> None:
    trial = recorder.ended("true")
    history = read_history(recorder.journal, document(recorder.journal, trial))
    assert [event.status for event in history] == ["new", "reserved", "running", "completed"]
    assert [event.attempt for event in history] == [0, 1, 1, 1]
    assert history[-1].who == WHO
    assert history[-1].why == "exit 0"


def test_the_latest_move_is_told_even_if_only_the_document_has_it(recorder: Recorder) -> None:
    trial = recorder.new("true")
    assert [event.status for event in read_history(recorder.journal, document(recorder.journal, trial))] == ["new"]


def test_each_attempt_has_its_own_start_end_and_outcome(recorder: Recorder) -> None:
    trial = recorder.ended("true", word=status.SUSPENDED, code=130)
    recorder.clock.advance(3600)
    recorder.reserve(trial)
    recorder.move(trial, status.RUNNING)
    recorder.end(trial)
    first, second = attempts_of(read_history(recorder.journal, document(recorder.journal, trial)), "completed")
    assert (first.number, first.status, str(first.outcome)) == (1, "suspended", "exit 130")
    assert (second.number, second.status, str(second.outcome)) == (2, "completed", "exit 0")
    assert first.duration == second.duration == 10.0
    assert second.started.time - first.started.time > 3600
    assert (first.cwd, first.argv, first.code) == ("/work", ("x",), {"digest": "c"})
    assert first.usage == {"max_rss": 1 << 20}


def test_an_attempt_that_runs_has_the_status_of_this_moment_and_no_end(recorder: Recorder) -> None:
    trial = recorder.running("true")
    history = read_history(recorder.journal, document(recorder.journal, trial))
    (attempt,) = attempts_of(history, status.FAILOVER)
    assert (attempt.status, attempt.ended, attempt.duration, attempt.outcome) == ("failover", None, None, None)
    assert attempts_of(history, status.RUNNING)[0].status == "running"


def test_a_holder_that_reclaimed_its_trial_ended_it_only_once(recorder: Recorder) -> None:
    trial = recorder.running("true")
    recorder.move(trial, status.FAILOVER, "cured")
    recorder.move(trial, status.RUNNING, "reclaimed")
    history = read_history(recorder.journal, document(recorder.journal, trial))
    assert attempts_of(history, status.RUNNING)[0].status == "running"
    recorder.end(trial)
    history = read_history(recorder.journal, document(recorder.journal, trial))
    assert [attempt.status for attempt in attempts_of(history, "completed")] == ["completed"]


def test_a_move_by_hand_after_the_end_does_not_change_how_the_attempt_ended(recorder: Recorder) -> None:
    trial = recorder.ended("false", word=status.BROKEN, code=1)
    recorder.move(trial, status.SWITCHOVER, "by hand")
    history = read_history(recorder.journal, document(recorder.journal, trial))
    assert [attempt.status for attempt in attempts_of(history, "switchover")] == ["broken"]


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (Outcome(3, None, "exit 3"), "exit 3"),
        (Outcome(130, None, "Ctrl-C"), "exit 130 (Ctrl-C)"),
        (Outcome(None, signal.SIGSEGV, "killed by SIGSEGV"), "killed by SIGSEGV"),
        (Outcome(None, signal.SIGTERM, "SIGTERM"), "killed by SIGTERM"),
        (Outcome(None, 64, ""), "killed by SIGRTMAX"),
        (Outcome(None, 200, ""), "killed by signal 200"),
        (Outcome(None, None, "could not be executed"), "could not be executed"),
    ],
)
def test_an_outcome_is_told_in_few_words(outcome: Outcome, text: str) -> None:
    assert str(outcome) == text
