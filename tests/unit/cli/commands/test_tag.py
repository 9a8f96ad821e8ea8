from __future__ import annotations

import pytest

from harness.recorded import Recorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (["-mesh"], ["h", "-dash"]),
        (["--json", "-mesh"], ["h", "-dash"]),
        (["--remove", "h"], ["mesh", "-dash"]),
        (["--remove", "-dash", "-mesh", "+oh"], ["h", "oh"]),
        (["--", "-mesh", "-h"], ["-dash"]),
    ],
)
def test_a_tag_behind_a_dash_is_removed_whatever_its_letters(
    kleio: Any, recorder: Recorder, words: list[str], left: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    trial = recorder.ended("x", tags=("mesh", "h", "-dash"))
    said = kleio("tag", trial, *words)
    assert said.code == 0, said.err
    document = recorder.journal.trial(trial)
    assert document is not None
    assert sorted(document["tags"]) == sorted(left)
    assert capsys.readouterr().out == "", "the help"


def test_help_is_help_and_an_unknown_option_no_tag(
    kleio: Any, recorder: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    trial = recorder.ended("x", tags=("-jsn",))
    assert kleio("tag", trial, "-h").code == 0
    assert capsys.readouterr().out.startswith("Usage: ")
    assert kleio("tag", trial, "--jsn").code == 2
    assert kleio("tag", trial).out == "-jsn\n"
