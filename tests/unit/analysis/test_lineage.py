from __future__ import annotations

from pathlib import Path

import pytest

from harness.recorded import Recorder, ids
from kleio.analysis import Trials
from kleio.analysis.lineage import Lineage
from kleio.journal.memory import MemoryJournal


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder.on(MemoryJournal(str(tmp_path)))


def branch(recorder: Recorder, parent: str, **configuration: object) -> str:
    cut = {"trial": parent, "attempt": 1, "time": None, "output": None}
    return recorder.new("x", refers={"parent": parent, "cut": cut}, configuration=configuration)


def test_the_tree_is_walked_up_and_down(recorder: Recorder) -> None:
    root = recorder.ended("x")
    left, right = branch(recorder, root), branch(recorder, root)
    below = branch(recorder, left)
    trials = Trials(recorder.journal)
    trial = trials.trial(below)
    assert ids(list(trial.lineage)) == [root, left, below]
    assert trial.parent is not None
    assert (trial.parent.id, trial.parent_id, trial.lineage.root.id) == (left, left, root)
    top = trials.trial(root)
    assert top.parent is None
    assert ids(top.children) == [right, left]
    assert ids(top.lineage.descendants) == [right, left, below]
    assert ids(top.lineage.leaves) == [right, below]
    assert ids(trial.lineage.leaves) == [below]
    assert repr(trial.lineage) == f"<Lineage: {root[:7]} > {left[:7]} > {below[:7]}>"


def test_a_missing_parent_and_a_circle_end_the_line(recorder: Recorder) -> None:
    lost = branch(recorder, "f" * 64)
    trial = Trials(recorder.journal).trial(lost)
    assert trial.parent is None
    assert ids(list(trial.lineage)) == [lost]
    one, two = "1" * 64, "2" * 64
    for made, above in ((one, two), (two, one)):
        recorder.new("x", trial_id=made, refers={"parent": above, "cut": {"attempt": 1}})
    circle = Trials(recorder.journal).trial(one)
    assert ids(circle.lineage.ancestors) == [two]
    assert ids(circle.lineage.descendants) == [two]


def test_a_trial_on_its_own_is_its_own_lineage(recorder: Recorder) -> None:
    trial = Trials(recorder.journal).trial(recorder.new("x"))
    alone = Lineage(trial, None)
    assert (alone.parent, alone.children, alone.root) == (None, [], trial)


def test_the_configuration_of_a_lineage_is_told_key_by_key(recorder: Recorder) -> None:
    root = recorder.ended("x", configuration={"lr": 1, "epochs": 3, "old": True})
    middle = branch(recorder, root, lr=2, epochs=3)
    recorder.end(middle)
    history = Trials(recorder.journal).trial(branch(recorder, middle, lr=2, epochs=3, new=5)).configuration_history()
    assert {name: [value for _, value in past] for name, past in history.items()} == {
        "lr": [1, 2], "epochs": [3], "old": [True, None], "new": [5],
    }  # fmt: skip
    first, second = (moment for moment, _ in history["lr"])
    assert first is not None
    assert second is not None
    assert first < second
