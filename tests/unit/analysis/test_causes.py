from __future__ import annotations

from pathlib import Path

import pytest

from harness.recorded import Recorder
from kleio.analysis import Trials
from kleio.analysis.causes import explain
from kleio.analysis.code_diff import CodeChange, FileChange
from kleio.analysis.comparison import Comparison, Difference, compare
from kleio.journal.memory import MemoryJournal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.analysis.causes import Explanation


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder.on(MemoryJournal(str(tmp_path)))


def why(recorder: Recorder, first: str, second: str, code: CodeChange | None = None, **sections: Any) -> Explanation:
    trials = Trials(recorder.journal)
    found = compare([trials.trial(first), trials.trial(second)], "/", {})
    more = {name: tuple(Difference(key, values) for key, values in rows.items()) for name, rows in sections.items()}
    return explain(Comparison(found.trials, {**found.sections, **more}, (code,)), "/", {})


def test_what_is_left_of_a_comparison_is_explained_and_three_trials_are_not(recorder: Recorder) -> None:
    trials = Trials(recorder.journal)
    three = [trials.trial(recorder.ended("x", configuration={"lr": number})) for number in range(3)]
    code = (CodeChange("a", "b", (FileChange("m.py", "modified"),)),)
    both = Comparison(three[:2], compare(three[:2], "/", {}).sections, code)
    assert [cause.name for cause in explain(both.only(["configuration", "code"]), "/", {}).causes] == ["lr", "m.py"]
    with pytest.raises(ValueError, match="between two trials, not 3"):
        explain(compare(three, "/", {}))


def test_another_script_goes_before_its_options(recorder: Recorder) -> None:
    first = recorder.ended("x", configuration={"_pos_0": "python", "_pos_1": "train.py", "seed": 1})
    second = recorder.ended("x", configuration={"_pos_0": "python", "_pos_1": "other.py"})
    found = why(recorder, first, second, statistics={"loss.last": (1, 2)})
    assert [cause.name for cause in found.causes][:2] == ["_pos_1", "seed"]
    assert found.causes[0].text == "argument 1, which may be another program"


def test_causes_come_by_weight(recorder: Recorder) -> None:
    first = recorder.ended("x", configuration={"lr": 1, "seed": 1, "workers": 2})
    second = recorder.ended("x", configuration={"lr": 2, "seed": 2, "workers": 2})
    code = CodeChange("a", "b", (FileChange("m.py", "modified", ("-a", "+b", "+c")), FileChange("n.py", "modified")))
    found = why(
        recorder, first, second, code,
        inputs={"train.csv": ("aa", "bb")}, packages={"numpy": ("1", "2")}, environment={"python": ("3.10", "3.11")},
        machine={"host": ("a", "b")}, statistics={"loss.last": (1, 2)},
    )  # fmt: skip
    assert [cause.name for cause in found.causes] == [
        "train.csv", "seed", "lr", "m.py", "n.py", "python", "numpy", "host",
    ]  # fmt: skip
    assert [cause.likely for cause in found.causes] == [True] * 6 + [False] * 2
    assert found.causes[3].text == "m.py: lines +2 -1"
    assert [row.name for row in found.results] == ["loss.last"]
    assert found.seeds == (("seed", 2),)


def test_an_input_is_not_told_twice(recorder: Recorder) -> None:
    first, second = recorder.ended("x"), recorder.ended("x")
    code = CodeChange("a", "b", (FileChange("data.csv", "modified", ("-a", "+b")),))
    assert [one.kind for one in why(recorder, first, second, code, inputs={"data.csv": ("a", "b")}).causes] == [
        "inputs"
    ]


def test_the_course_of_a_trial_may_be_the_cause(recorder: Recorder) -> None:
    root = recorder.ended("x")
    child = recorder.ended("x", refers={"parent": root, "cut": {"trial": root, "attempt": 1}})
    other = recorder.ended("x", word="suspended")
    recorder.reserve(other)
    (cause,) = why(recorder, root, child).causes
    assert cause.text == f"{child[:7]} goes on from what {root[:7]} recorded, if it reads that"
    texts = [cause.text for cause in why(recorder, child, other).causes]
    assert texts == [
        "they go on from the records of different trials", "one was interrupted and resumed more often",
    ]  # fmt: skip


def test_nothing_recorded_that_differs_leaves_no_cause(recorder: Recorder) -> None:
    found = why(recorder, recorder.ended("x"), recorder.ended("x"), statistics={"loss.last": (1, 2)})
    assert (found.causes, found.seeds, found.inputs) == ((), (), 0)


@pytest.mark.parametrize(
    ("name", "is_seed"),
    [
        ("seed", True),
        ("random_seed", True),
        ("data.seed", True),
        ("rng-seed", True),
        ("seeds", False),
        ("proceed", False),
    ],
)
def test_a_seed_is_known_by_its_name(recorder: Recorder, name: str, is_seed: bool) -> None:
    first, second = (recorder.ended("x", configuration={name: value}) for value in (1, 2))
    (cause,) = why(recorder, first, second).causes
    assert cause.text.endswith(", a seed") is is_seed
