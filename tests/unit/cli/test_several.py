from __future__ import annotations

from harness.recorded import Recorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from conftest import Kleio


def test_each_is_handled_and_the_last_failure_is_the_exit_code(kleio: Kleio, recorder: Recorder) -> None:
    first, second = recorder.ended("a", word="broken"), recorder.ended("b", word="broken")
    completed = recorder.ended("c")
    said = kleio("acknowledge", first, "nope", completed, second, first)
    assert said.code == 125
    assert [line for line in said.err.splitlines() if "hint" not in line] == [
        f"kleio: trial {first[:7]} is acknowledged",
        "kleio: no trial is called 'nope'",
        f"kleio: trial {completed[:7]} is completed and cannot become acknowledged",
        f"kleio: trial {second[:7]} is acknowledged",
    ]


def test_all_went_well_is_zero(kleio: Kleio, recorder: Recorder) -> None:
    trials = [recorder.ended(word, word="broken") for word in "ab"]
    assert kleio("switchover", *trials).code == 0


def test_none_is_a_usage_error(kleio: Kleio) -> None:
    assert kleio("switchover").code == 2
