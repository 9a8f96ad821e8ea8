"""What was printed on one stream, and comes again on the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.recorded import Recorder
from kleio.analysis import Trials
from kleio.analysis.finding import Tolerance
from kleio.analysis.printed import output_findings
from kleio.journal.memory import MemoryJournal
from kleio.trial import status
from kleio.trial.cut import Cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder.on(MemoryJournal(str(tmp_path)))


def printing(recorder: Recorder, capture: str, stdout: bytes, stderr: bytes = b"", **more: Any) -> str:
    """A trial whose output was recorded in this way; in no known way if ``capture`` is empty."""
    trial = recorder.new("train", **more)
    attempt(recorder, trial, 1, capture, stdout, stderr)
    return trial


def attempt(recorder: Recorder, trial: str, number: int, capture: str, stdout: bytes, stderr: bytes = b"") -> None:
    recorder.reserve(trial)
    recorder.move(trial, status.RUNNING, output=capture)
    for stream, data in (("stdout", stdout), ("stderr", stderr)):
        if data:
            recorder.printed(trial, data, stream=stream, attempt=number)
    recorder.end(trial, status.SUSPENDED)


def found(recorder: Recorder, recorded: str, again: str, number: int | None = None) -> dict[str, tuple[Any, str]]:
    trials = Trials(recorder.journal)
    pair = trials.trial(recorded), trials.trial(again)
    return {one.name: (one.agrees, one.detail) for one in output_findings(*pair, Tolerance(), ("", ""), number)}


def test_a_line_that_moved_to_the_other_stream_differs(recorder: Recorder) -> None:
    recorded = printing(recorder, "apart", b"a\nERROR\n")
    assert found(recorder, recorded, printing(recorder, "apart", b"a\n", b"ERROR\n")) == {
        "stdout": (False, "line 2: ERROR -> (the end)"),
        "stderr": (False, "line 1: (the end) -> ERROR"),
    }


def test_a_warning_that_is_new_differs_on_its_stream_alone(recorder: Recorder) -> None:
    recorded = printing(recorder, "apart", b"a\nb\n")
    assert found(recorder, recorded, printing(recorder, "apart", b"a\nb\n", b"warning\n")) == {
        "stdout": (True, "2 lines, equal"),
        "stderr": (False, "line 1: (the end) -> warning"),
    }


@pytest.mark.parametrize("capture", ["together", ""])
def test_what_may_have_been_recorded_as_one_stream_comes_again_in_two(recorder: Recorder, capture: str) -> None:
    recorded = printing(recorder, capture, b"a\nERROR\n")
    assert found(recorder, recorded, printing(recorder, "apart", b"a\n", b"ERROR\n")) == {
        "stdout and stderr": (True, "2 lines, equal; recorded as one stream")
    }


def test_of_several_attempts_that_one_decides_which_is_compared(recorder: Recorder) -> None:
    recorded = printing(recorder, "together", b"a\n")
    attempt(recorder, recorded, 2, "apart", b"a\nERROR\n")
    again = printing(recorder, "apart", b"a\n", b"ERROR\n")
    assert not any(agrees for agrees, _ in found(recorder, recorded, again, 2).values())
    assert list(found(recorder, recorded, again)) == ["stdout and stderr"]


def test_an_inherited_stderr_does_not_hide_that_the_branch_was_recorded_as_one_stream(recorder: Recorder) -> None:
    parent = printing(recorder, "apart", b"p\n", b"warning of the parent\n")
    refers = {"parent": parent, "cut": Cut(parent, 1).as_document()}
    recorded = printing(recorder, "together", b"a\nERROR\n", refers=refers)
    refers = {"parent": recorded, "cut": Cut(recorded, 0, 0.0).as_document()}
    assert found(recorder, recorded, printing(recorder, "apart", b"a\n", b"ERROR\n", refers=refers)) == {
        "stdout and stderr": (True, "2 lines, equal; recorded as one stream")
    }
