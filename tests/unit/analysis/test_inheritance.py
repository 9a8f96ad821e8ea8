from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.recorded import Recorder
from kleio.analysis import Trial, Trials
from kleio.journal.memory import MemoryJournal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PARENT, CHILD, GRANDCHILD = "a" * 64, "b" * 64, "c" * 64


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    recorder = Recorder.on(MemoryJournal(str(tmp_path)))
    recorder.new("x", trial_id=PARENT)
    return recorder


def branch(recorder: Recorder, parent: str, child: str, attempt: int = 1, time: float | None = None) -> None:
    cut = {"trial": parent, "attempt": attempt, "time": time, "output": None}
    recorder.new("x", trial_id=child, refers={"parent": parent, "cut": cut})


def log(recorder: Recorder, trial: str, *epochs: int, attempt: int = 1) -> None:
    for epoch in epochs:
        recorder.logged(trial, {"epoch": epoch, "by": f"{trial[0]}{attempt}"}, attempt=attempt)
        recorder.stored(trial, "weights", b"", attempt=attempt, epoch=epoch, by=f"{trial[0]}{attempt}")


def seen(recorder: Recorder, trial_id: str) -> list[str]:
    """What is seen of epochs, the same for points, columns and artifacts."""
    trial = Trials(recorder.journal).trial(trial_id)
    found = [f"{one['by']}.{one['epoch']}" for one in trial.statistics]
    columns = trial.columns().values
    assert [f"{by}.{at}" for by, at in zip(columns["by"], columns["epoch"], strict=True)] == found
    assert [f"{one.metadata['by']}.{one.metadata['epoch']}" for one in trial.artifacts("weights")] == found
    return found


def test_a_restoration_inside_a_branch_hides_what_was_inherited(recorder: Recorder) -> None:
    log(recorder, PARENT, 1, 2, 3)
    branch(recorder, PARENT, CHILD)
    recorder.wrote(CHILD, "resume", {"epoch": 1})
    log(recorder, CHILD, 2)
    assert seen(recorder, CHILD) == ["a1.1", "b1.2"]
    assert seen(recorder, PARENT) == ["a1.1", "a1.2", "a1.3"]
    assert len(Trials(recorder.journal).trial(CHILD).artifacts(superseded=True)) == 4


def test_a_restoration_in_a_later_attempt_of_a_branch_hides_both(recorder: Recorder) -> None:
    log(recorder, PARENT, 1, 2, 3)
    branch(recorder, PARENT, CHILD)
    log(recorder, CHILD, 4, 5)
    recorder.wrote(CHILD, "resume", {"epoch": 2}, attempt=2)
    log(recorder, CHILD, 3, attempt=2)
    assert seen(recorder, CHILD) == ["a1.1", "a1.2", "b2.3"]


def test_what_the_parent_took_back_after_the_cut_hides_nothing_of_the_branch(recorder: Recorder) -> None:
    log(recorder, PARENT, 1, 2, 3)
    branch(recorder, PARENT, CHILD, attempt=1)
    recorder.wrote(PARENT, "resume", {"epoch": 1}, attempt=2)
    log(recorder, PARENT, 2, attempt=2)
    assert seen(recorder, CHILD) == ["a1.1", "a1.2", "a1.3"]
    assert seen(recorder, PARENT) == ["a1.1", "a2.2"]


def test_what_the_parent_took_back_before_the_cut_stays_hidden(recorder: Recorder) -> None:
    log(recorder, PARENT, 1, 2, 3)
    recorder.wrote(PARENT, "resume", {"epoch": 1}, attempt=2)
    log(recorder, PARENT, 2, 3, attempt=2)
    branch(recorder, PARENT, CHILD, attempt=2)
    log(recorder, CHILD, 4)
    assert seen(recorder, CHILD) == ["a1.1", "a2.2", "a2.3", "b1.4"]


def test_a_grandchild_takes_back_what_it_has_from_the_first(recorder: Recorder) -> None:
    log(recorder, PARENT, 1, 2, 3)
    branch(recorder, PARENT, CHILD)
    log(recorder, CHILD, 4)
    branch(recorder, CHILD, GRANDCHILD)
    recorder.wrote(GRANDCHILD, "resume", {"epoch": 2})
    log(recorder, GRANDCHILD, 3)
    assert seen(recorder, GRANDCHILD) == ["a1.1", "a1.2", "c1.3"]


def test_what_others_attached_is_never_taken_back_and_comes_last(recorder: Recorder) -> None:
    log(recorder, PARENT, 1, 2)
    remark = {"values": {"epoch": 2, "bleu": 27.5}, "creator": {"trial": "d" * 64}}
    recorder.wrote(PARENT, "remarks", remark, writer="r")
    branch(recorder, PARENT, CHILD)
    recorder.wrote(CHILD, "resume", {"epoch": 1})
    recorder.logged(CHILD, {"epoch": 2})
    trial = Trials(recorder.journal).trial(CHILD)
    assert trial.statistics.epoch == [1, 2, 2]
    assert trial.statistics[-1] == {"epoch": 2, "bleu": 27.5}
    assert list(trial.columns().values["bleu"]) == [None, None, 27.5]


STEPS = st.lists(
    st.tuples(st.sampled_from("pc"), st.integers(1, 3), st.booleans(), st.lists(st.integers(0, 5), max_size=3)),
    max_size=8,
)


@given(STEPS, st.integers(1, 3))
def test_columns_say_what_records_say_over_a_lineage(steps: list[Any], attempt: int) -> None:
    journal = MemoryJournal("inherited columns")
    for trial in (PARENT, CHILD):
        journal.delete_trial(trial)
    recorder = Recorder.on(journal)
    recorder.new("x", trial_id=PARENT)
    branch(recorder, PARENT, CHILD, attempt, recorder.clock.wall() + 8)
    for who, number, restored, epochs in steps:
        trial_id = PARENT if who == "p" else CHILD
        if restored and epochs:
            recorder.wrote(trial_id, "resume", {"epoch": epochs[0]}, attempt=number)
        elif epochs:
            recorder.logged(trial_id, *({"epoch": epoch} for epoch in epochs), attempt=number)
    trial: Trial = Trials(journal).trial(CHILD)
    assert list(trial.columns().values.get("epoch", [])) == trial.statistics.column("epoch")
