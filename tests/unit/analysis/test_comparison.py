from __future__ import annotations

from pathlib import Path

import pytest

from harness.recorded import Recorder
from kleio.analysis import Trials
from kleio.analysis.comparison import ABSENT, compare, flat, same
from kleio.journal.memory import MemoryJournal
from kleio.spool.records.reader import Record
from kleio.spool.records.segments import segment_of
from kleio.trial.snapshot import IMPORTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.analysis.comparison import Comparison


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder.on(MemoryJournal(str(tmp_path)))


def captured(recorder: Recorder, trial: str, packages: dict[str, str], **compared: Any) -> None:
    body = {"type": "environment", "compared": {**compared, "packages": "digest"}, "packages": packages}
    recorder.journal.append([segment_of(trial, 1, "front", "capture", [Record(0, "capture", 0.0, body, 0, 0)])])


def of(recorder: Recorder, *ids: str) -> Comparison:
    trials = Trials(recorder.journal)
    return compare([trials.trial(one) for one in ids], "/", {})


def rows(found: Comparison, section: str) -> dict[str, tuple[Any, ...]]:
    return {row.name: row.values for row in found.sections[section]}


def test_only_what_differs_is_told(recorder: Recorder) -> None:
    nested = {"file": "c.yaml", "content": {"model": {"depth": 3}, "seed": 1}}
    other = {"file": "c.yaml", "content": {"model": {"depth": 4}, "seed": 1}}
    first = recorder.ended("train", configuration={"lr": 1, "config": nested, "old": None})
    second = recorder.ended("train", configuration={"lr": 1, "config": other, "new": [1]}, word="broken", code=3)
    for trial, last in ((first, 0.5), (second, 0.25)):
        loss = {"first": 9.0, "last": last, "min": last, "max": 9.0, "count": 3}
        recorder.journal.compare_and_set(trial, {}, {"summary": {"statistics": {"loss": loss}}})
        recorder.stored(trial, "weights", b"same", epoch=1)
        recorder.stored(trial, "weights", b"%f" % last, epoch=2)
        recorder.wrote(trial, "resources", {"name": "data", "sha256": f"{last}", "bytes": 3, "kind": "file"})
    captured(recorder, first, {"numpy": "1", "old": "1"}, python="3.11")
    captured(recorder, second, {"numpy": "2", "new": "1"}, python="3.11")
    found = of(recorder, first, second)
    assert found
    assert rows(found, "configuration") == {
        "config.model.depth": (3, 4), "old": (None, ABSENT), "new": (ABSENT, [1]),
    }  # fmt: skip
    assert rows(found, "packages") == {"numpy": ("1", "2"), "old": ("1", ABSENT), "new": (ABSENT, "1")}
    assert rows(found, "environment") == {}
    assert rows(found, "command") == {}
    assert rows(found, "inputs") == {"data": ("0.5", "0.25")}
    assert rows(found, "outcome") == {"status": ("completed", "broken"), "exit": (0, 3)}
    assert rows(found, "statistics") == {"loss.last": (0.5, 0.25), "loss.min": (0.5, 0.25)}
    assert list(rows(found, "artifacts")) == ['weights {"epoch": 2}']
    assert found.sections["packages"][1].present == (True, False)
    assert list(found.only(["inputs"]).sections) == ["inputs"]


def test_equal_trials_do_not_differ(recorder: Recorder) -> None:
    one = recorder.ended("train", configuration={"lr": float("nan")})
    other = recorder.ended("train", configuration={"lr": float("nan")})
    assert not of(recorder, one, other)


def test_of_one_that_never_ran_no_environment_is_compared(recorder: Recorder) -> None:
    ran, new = recorder.ended("train"), recorder.new("train")
    captured(recorder, ran, {"numpy": "1"}, python="3.11")
    assert rows(of(recorder, ran, new), "packages") == {}


def test_of_imported_code_only_what_is_known_is_compared(recorder: Recorder) -> None:
    def made(digest: str, commit: str | None, *notes: str, dirty: bool = False) -> str:
        code = {"kind": "git", "digest": digest, "commit": commit, "dirty": dirty, "notes": list(notes)}
        trial = recorder.ended("train", configuration={})
        recorder.journal.compare_and_set(trial, {}, {"code": code})
        return trial

    ours, theirs, other = made("a", "324c2ce571"), made("b", "324c2ce571", IMPORTED), made("c", None, IMPORTED)
    changed = made("d", "324c2ce571", IMPORTED, dirty=True)
    assert of(recorder, ours, theirs).code == (None,)
    assert of(recorder, other, made("e", None, IMPORTED)).code == (None,)
    (change,) = of(recorder, theirs, changed).code
    assert change is not None
    assert (change.old, change.new) == ("324c2ce571", "324c2ce571 with changes")


def test_code_whose_versions_read_alike_says_that_it_differs(recorder: Recorder) -> None:
    one, two = (recorder.ended("train") for _ in range(2))
    for trial, digest in ((one, "a"), (two, "b")):
        recorder.journal.compare_and_set(trial, {}, {"code": {"kind": "git", "digest": digest, "commit": "c"}})
    (change,) = of(recorder, one, two).code
    assert change is not None
    assert change.notes[-1] == "their digests differ: a -> b"


def test_of_several_each_has_a_value(recorder: Recorder) -> None:
    ids = [recorder.ended("train", configuration={"lr": lr}) for lr in (1, 1, 2)]
    assert rows(of(recorder, *ids), "configuration") == {"lr": (1, 1, 2)}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(1, 1.0, True), (1, True, False), (float("nan"), float("nan"), True), ("1", 1, False), (None, ABSENT, False)],
)
def test_values_are_the_same_if_they_say_the_same(first: Any, second: Any, expected: bool) -> None:
    assert same(first, second) is expected


def test_nested_options_are_named_by_their_way() -> None:
    assert flat({"a": {"b": {"c": 1}, "e": {}}, "d": [{"x": 1}]}) == {"a.b.c": 1, "a.e": {}, "d": [{"x": 1}]}
