"""What counts as the same, and how a difference is told."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from harness.recorded import Recorder
from kleio.analysis import Trials
from kleio.analysis.agreement import agreement_of
from kleio.analysis.finding import Tolerance
from kleio.journal.memory import MemoryJournal
from kleio.trial import status
from kleio.trial.cut import Cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.analysis.finding import Finding


class Pair:
    """A trial and its repetition."""

    def __init__(self, tmp_path: Path) -> None:
        self.recorder = Recorder.on(MemoryJournal(str(tmp_path)))
        self.ids = [self.recorder.running("python", "a.py"), self.recorder.running("python", "a.py")]

    def compare(self, *codes: int, places: tuple[str, str] = ("", ""), **tolerance: Any) -> dict[str, Finding]:
        """Findings by what and name."""
        for trial, code in zip(self.ids, codes or (0, 0), strict=True):
            self.recorder.end(trial, code=code)
        trials = Trials(self.recorder.journal)
        one, other = (trials.trial(trial) for trial in self.ids)
        self.agreement = agreement_of(one, other, Tolerance(**tolerance), places)
        return {f"{found.what} {found.name}".strip(): found for found in self.agreement.findings}


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


@pytest.mark.parametrize(
    ("one", "other", "agrees", "detail"),
    [
        ([1, 2], [1, 2], True, "2 values, equal"),
        ([1], [2], False, "value 1 of 1: 1 -> 2"),
        ([1.0, 2.0], [1.0, 2.0000001], True, "2 values within tolerance, at most 2.0 -> 2.0000001"),
        ([1.0, 2.0], [1.0, 2.1], False, "value 2 of 2: 2.0 -> 2.1"),
        ([10**12], [10**12 + 1], False, "value 1 of 1: 1000000000000 -> 1000000000001"),
        ([math.nan, math.inf], [math.nan, math.inf], True, "2 values, equal"),
        ([math.inf], [1.0], False, "value 1 of 1: inf -> 1.0"),
        ([math.nan], [1.0], False, "value 1 of 1: nan -> 1.0"),
        ([0.0], [1e-9], True, "1 value within tolerance, at most 0.0 -> 1e-09"),
        ([1], [1.0], True, "1 value, equal"),
        ([True], [1], False, "value 1 of 1: True -> 1"),
        (["a"], ["a"], True, "1 value, equal"),
        (["a"], ["b"], False, "value 1 of 1: a -> b"),
        ([[1, {"k": 2}]], [[1, {"k": 2}]], True, "1 value, equal"),
        ([1, 2, 3], [1, 2], False, "logged 3 times -> 2"),
        ([1], [], False, "logged 1 time -> 0"),
        ([], [1], False, "logged 0 times -> 1"),
    ],
)
def test_statistics(pair: Pair, one: list[Any], other: list[Any], agrees: bool, detail: str) -> None:
    for trial, values in zip(pair.ids, (one, other), strict=True):
        for value in values:
            pair.recorder.logged(trial, {"x": value})
    found = pair.compare()["statistic x"]
    assert (found.agrees, found.detail) == (agrees, detail)
    assert pair.agreement.reproduced is agrees


def test_tolerance_is_what_was_asked_for(pair: Pair) -> None:
    pair.recorder.logged(pair.ids[0], {"x": 1.0})
    pair.recorder.logged(pair.ids[1], {"x": 1.1})
    assert pair.compare(relative=0.2)["statistic x"].agrees
    trials = [Trials(pair.recorder.journal).trial(trial) for trial in pair.ids]
    assert agreement_of(trials[0], trials[1], Tolerance(0.0, 0.11)).reproduced
    assert not agreement_of(trials[0], trials[1], Tolerance(0.0, 0.0)).reproduced


def test_the_order_of_several_processes_does_not_count(pair: Pair) -> None:
    pair.recorder.logged(pair.ids[0], {"x": 1}, writer="a")
    pair.recorder.logged(pair.ids[0], {"x": 2}, writer="b")
    pair.recorder.logged(pair.ids[1], {"x": 2}, writer="c")
    pair.recorder.logged(pair.ids[1], {"x": 1}, writer="d")
    found = pair.compare()["statistic x"]
    assert (found.agrees, found.detail) == (True, "2 values, equal, in another order: several processes logged")


def test_the_order_of_several_attempts_counts(pair: Pair) -> None:
    """Each of them has a process of its own, but they logged one after the other."""
    pair.recorder.logged(pair.ids[0], {"x": 1}, writer="a")
    pair.recorder.logged(pair.ids[0], {"x": 2}, writer="b", attempt=2)
    pair.recorder.logged(pair.ids[1], {"x": 2}, {"x": 1}, writer="c")
    assert not pair.compare()["statistic x"].agrees


def test_the_order_of_one_process_counts(pair: Pair) -> None:
    pair.recorder.logged(pair.ids[0], {"x": 1}, {"x": 2})
    pair.recorder.logged(pair.ids[1], {"x": 2}, {"x": 1})
    assert not pair.compare()["statistic x"].agrees


def test_exits(pair: Pair) -> None:
    found = pair.compare(0, 3)["exit"]
    assert (found.agrees, found.detail) == (False, "exit 0 -> exit 3")


def test_what_one_environment_lacks_is_told_and_does_not_count(pair: Pair) -> None:
    for trial, compared in zip(pair.ids, ({}, {"python": "3.12"}), strict=True):
        environment = {"digest": str(compared), "compared": compared}
        pair.recorder.journal.compare_and_set(trial, {}, {"environment": environment})
    found = pair.compare()["environment python"]
    assert (found.agrees, found.detail) == (None, "(none) -> 3.12")


def test_artifacts(pair: Pair) -> None:
    one, other = pair.ids
    for trial in pair.ids:
        pair.recorder.stored(trial, "same", b"x", epoch=1)
        pair.recorder.stored(trial, "same", b"y", epoch=2)
    pair.recorder.stored(one, "changed", b"x", epoch=1)
    pair.recorder.stored(other, "changed", b"y", epoch=1)
    pair.recorder.stored(one, "missing", b"x")
    pair.recorder.stored(other, "extra", b"x")
    found = pair.compare()
    assert {name: (one.agrees, one.detail) for name, one in found.items() if name.startswith("artifact")} == {
        "artifact same": (True, "2, all equal"),
        "artifact changed": (False, '1 of other content of 1 (metadata {"epoch":1})'),
        "artifact missing": (False, "1 missing of 1"),
        "artifact extra": (False, "1 not there before"),
    }
    assert pair.agreement.text == "not reproduced: artifact changed, artifact extra, artifact missing"


@pytest.mark.parametrize(
    ("one", "other", "agrees", "detail"),
    [
        (b"a\nb\n", b"a\nb\n", True, "2 lines, equal"),
        (b"", b"", True, "nothing was printed"),
        (b"a\r\n\x1b[31mb\x1b[0m\r\n", b"a\nb\n", True, "2 lines, equal"),
        (b"at /home/u/r/x\n", b"at /data/room/r/x\n", True, "1 line, equal"),
        (b"a\nb\n", b"a\nc\n", False, "line 2: b -> c"),
        (b"a\n", b"a\nb\n", False, "line 2: (the end) -> b"),
        (b"took 1 s\na\n", b"took 2 s\na\n", True, "1 line, equal"),
        (b"\xff\n", b"\xfe\n", False, "line 1: \ufffd -> \ufffd"),
    ],
)
def test_output(pair: Pair, one: bytes, other: bytes, agrees: bool, detail: str) -> None:
    for trial, data in zip(pair.ids, (one, other), strict=True):
        if data:
            pair.recorder.printed(trial, data)
    found = pair.compare(places=("/home/u/r", "/data/room/r"), lines=("^took",))["output stdout"]
    assert (found.agrees, found.detail) == (agrees, detail)


def test_what_is_ignored_does_not_count(pair: Pair) -> None:
    pair.recorder.logged(pair.ids[0], {"time_x": 1})
    pair.recorder.stored(pair.ids[0], "log", b"x")
    pair.recorder.printed(pair.ids[0], b"x")
    found = pair.compare(statistics=("time_*",), artifacts=("log",), output=True)
    assert {name: one.agrees for name, one in found.items()} == {
        "exit": True, "statistic time_x": None, "artifact log": None, "output stdout": None, "output stderr": None,
    }  # fmt: skip
    assert pair.agreement.text == "reproduced: exit"


def test_the_sum_names_what_was_compared(pair: Pair) -> None:
    for trial in pair.ids:
        pair.recorder.logged(trial, {"x": 1, "y": 2})
        pair.recorder.stored(trial, "log", b"x")
    pair.compare()
    assert pair.agreement.text == "reproduced: exit, 2 statistics, 1 artifact, output"


def test_a_trial_that_began_again_is_compared_by_its_last_attempt(pair: Pair) -> None:
    recorder, (one, other) = pair.recorder, pair.ids
    recorder.logged(one, {"x": 1.0}, {"x": 2.0}, attempt=1)
    recorder.end(one, status.SUSPENDED)
    recorder.reserve(one)
    recorder.move(one, status.RUNNING)
    recorder.logged(one, {"x": 1.0}, {"x": 2.0}, {"y": 1}, attempt=2)
    recorder.logged(other, {"x": 1.0}, {"x": 2.0}, {"y": 2})
    found = pair.compare()
    assert (found["statistic x"].agrees, found["statistic x"].detail) == (
        True, "2 values, equal, in attempt 2, its last"
    )  # fmt: skip
    assert found["statistic y"].agrees is False


def test_a_trial_that_was_resumed_is_compared_by_all_its_attempts(pair: Pair) -> None:
    recorder, (one, other) = pair.recorder, pair.ids
    recorder.logged(one, {"x": 1.0}, attempt=1)
    recorder.end(one, status.SUSPENDED)
    recorder.reserve(one)
    recorder.move(one, status.RUNNING)
    recorder.logged(one, {"x": 2.0}, attempt=2)
    recorder.logged(other, {"x": 1.0}, {"x": 2.0})
    found = pair.compare()["statistic x"]
    assert (found.agrees, found.detail) == (True, "2 values, equal")


class Branch(Pair):
    """A branch and its repetition. Its parent was given a remark, too."""

    def __init__(self, tmp_path: Path) -> None:
        self.recorder = recorder = Recorder.on(MemoryJournal(str(tmp_path)))
        parent = recorder.running("python", "a.py")
        record(recorder, parent, 1.0, 2.0)
        remark(recorder, parent, 0.5)
        recorder.end(parent)
        branch = recorder.running("python", "a.py", refers={"parent": parent, "cut": Cut(parent, 1).as_document()})
        before_all = Cut(branch, 0, 0.0).as_document()
        self.ids = [branch, recorder.running("python", "a.py", refers={"parent": branch, "cut": before_all})]


def record(recorder: Recorder, trial: str, *values: float, attempt: int = 1) -> None:
    """Of each value a statistic, an artifact and a line."""
    for value in values:
        recorder.logged(trial, {"x": value}, attempt=attempt)
        recorder.stored(trial, "model", str(value).encode(), attempt=attempt, x=value)
    recorder.printed(trial, b"".join(b"x is %r\n" % value for value in values), attempt=attempt)


def remark(recorder: Recorder, trial: str, value: float) -> None:
    """A statistic that somebody attached."""
    recorder.wrote(trial, "remarks", {"values": {"x": value}, "creator": {"name": "ada"}}, attempt=1, writer="remark")


def another_attempt(recorder: Recorder, trial: str) -> None:
    recorder.end(trial, status.SUSPENDED)
    recorder.reserve(trial)
    recorder.move(trial, status.RUNNING)


@pytest.mark.parametrize("kind", [Pair, Branch])
def test_a_root_and_a_branch_that_began_again_are_compared_by_their_last_attempt(
    tmp_path: Path, kind: type[Pair]
) -> None:
    pair = kind(tmp_path)
    recorder, (one, other) = pair.recorder, pair.ids
    record(recorder, one, 3.0)
    another_attempt(recorder, one)
    record(recorder, one, 3.0, 4.0, attempt=2)
    record(recorder, other, 3.0, 4.0)
    found = pair.compare()
    assert {name: (one.agrees, one.detail) for name, one in found.items() if name != "exit"} == {
        "statistic x": (True, "2 values, equal, in attempt 2, its last"),
        "artifact model": (True, "2, all equal, in attempt 2, its last"),
        "output stdout": (True, "2 lines, equal, in attempt 2, its last"),
        "output stderr": (True, "nothing was printed"),
    }


@pytest.mark.parametrize("kind", [Pair, Branch])
@pytest.mark.parametrize("resumed", [False, True])
def test_a_root_and_a_branch_are_compared_by_all_that_they_recorded_themselves(
    tmp_path: Path, kind: type[Pair], resumed: bool
) -> None:
    pair = kind(tmp_path)
    recorder, (one, other) = pair.recorder, pair.ids
    record(recorder, one, 3.0)
    if resumed:
        another_attempt(recorder, one)
    recorder.logged(one, {"x": 4.0}, attempt=1 + resumed)
    recorder.stored(one, "model", b"4.0", attempt=1 + resumed, x=4.0)
    remark(recorder, one, 0.7)
    record(recorder, other, 3.0, 4.0)
    found = pair.compare()
    assert (found["statistic x"].agrees, found["statistic x"].detail) == (True, "2 values, equal")
    assert (found["artifact model"].agrees, found["artifact model"].detail) == (True, "2, all equal")
    assert (found["output stdout"].agrees, found["output stdout"].detail) == (False, "line 2: (the end) -> x is 4.0")


def test_what_a_branch_recorded_otherwise_than_its_repetition_differs(tmp_path: Path) -> None:
    pair = Branch(tmp_path)
    for trial, value in zip(pair.ids, (3.0, 5.0), strict=True):
        record(pair.recorder, trial, value)
    found = pair.compare()
    assert {name: one.detail for name, one in found.items() if one.agrees is False} == {
        "statistic x": "value 1 of 1: 3.0 -> 5.0",
        "artifact model": '1 missing, 1 not there before of 1 (metadata {"x":"3.0"})',
        "output stdout": "line 1: x is 3.0 -> x is 5.0",
    }


def test_the_directory_in_which_a_parent_ran_makes_no_difference(tmp_path: Path) -> None:
    pair = Branch(tmp_path)
    parent = Trials(pair.recorder.journal).trial(pair.ids[0]).parent_id
    pair.recorder.printed(str(parent), b"in /home/u/r\n", start=1000)
    assert pair.compare(places=("/home/u/r", "/data/room/r"))["output stdout"].agrees
