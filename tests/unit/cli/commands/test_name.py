from __future__ import annotations

from harness.recorded import Recorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def test_a_name_is_given_and_printed(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    said = kleio("name", trial, "best")
    assert (said.code, said.err) == (0, f"kleio: trial {trial[:7]} is called best\n")
    assert kleio("name", "best").out == "best\n"


def test_a_name_that_another_trial_bears_is_warned_of(kleio: Any, recorder: Recorder) -> None:
    first, second, tagged = recorder.ended("x"), recorder.ended("y"), recorder.ended("z", tags=["best"])
    assert "warning" in kleio("name", first, "best").err
    said = kleio("name", second, "best")
    assert said.code == 0
    assert f"warning: trial {first[:7]} has that name, too, so that it means neither" in said.err
    assert f"to free it: kleio name {first[:7]} --unset" in " ".join(said.err.split())
    assert f"to free it: kleio tag {tagged[:7]} -best" in " ".join(said.err.split())
    assert kleio("name", first, "--unset").code == kleio("tag", tagged, "-best").code == 0
    assert kleio("name", "best").out == "best\n"
    assert "warning" not in kleio("name", second, "best").err


def test_a_trial_that_is_made_with_a_name_that_another_bears_is_warned_of(kleio: Any, recorder: Recorder) -> None:
    first = recorder.ended("x")
    kleio("name", first, "best")
    warning = f"warning: trial {first[:7]} has that name, too, so that it means neither"
    said = kleio("save", "--name", "best", "true")
    assert said.code == 0
    assert warning in said.err
    assert "warning" not in kleio("save", "--name", "other", "true", "2").err
