from __future__ import annotations

import time
from pathlib import Path

import pytest

from harness.recorded import Recorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BYTES = bytes(range(256)) + b" \t"


def test_the_bytes_are_exact_into_a_pipe_and_over_all_attempts(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x", word="suspended")
    recorder.reserve(trial)
    recorder.printed(trial, BYTES[:100])
    recorder.printed(trial, BYTES[100:], start=100)
    recorder.printed(trial, b"second\n", attempt=2)
    recorder.printed(trial, b"error\n", stream="stderr")
    said = kleio("cat", trial)
    assert (said.code, said.raw, said.err) == (0, BYTES + b"second\n", "")
    assert kleio("cat", "--attempt", "2", trial).raw == b"second\n"
    assert kleio("cat", trial, "--attempt", "1").raw == BYTES


def test_stderr_comes_in_the_order_of_time(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    recorder.printed(trial, b"1\n", time=1.0)
    recorder.printed(trial, b"2\n", time=2.0, stream="stderr")
    recorder.printed(trial, b"3\n", time=3.0, start=2)
    assert kleio("cat", "--stderr", trial).raw == b"1\n2\n3\n"


def test_on_a_terminal_control_sequences_are_spelled_out_unless_raw_is_asked_for(
    kleio: Any, recorder: Recorder
) -> None:
    trial = recorder.ended("x")
    recorder.printed(trial, b"\x1b[31mred\x1b[0m\x1b]0;title\x07\n")
    assert kleio("cat", trial, terminal=True).raw == b"\x1b[31mred\x1b[0m\\e]0;title\\x07\n\x1b[0m"
    assert kleio("cat", "--raw", trial, terminal=True).raw == b"\x1b[31mred\x1b[0m\x1b]0;title\x07\n"


def test_a_trial_without_output_prints_nothing(kleio: Any, recorder: Recorder) -> None:
    said = kleio("cat", recorder.ended("x"))
    assert (said.code, said.raw, said.err) == (0, b"", "")


@pytest.mark.parametrize("word", ["cat", "tail", "replay"])
def test_of_a_trial_that_was_saved_only_it_is_told_why_nothing_comes(kleio: Any, recorder: Recorder, word: str) -> None:
    trial = recorder.new("x")
    said = kleio(word, trial)
    assert (said.code, said.raw) == (0, b"")
    assert said.err == f"kleio: trial {trial[:7]} has not run yet, so that it printed nothing\n"


def test_the_name_of_a_file_is_answered_with_how_to_run_the_program(kleio: Any) -> None:
    Path("notes.txt").write_text("")
    said = kleio("cat", "notes.txt")
    assert said.code == 125
    assert said.err == (
        "kleio: no trial is called 'notes.txt'\n"
        "kleio: hint: for a program that has the name of one of kleio's commands: kleio -- PROGRAM ARGUMENTS…\n"
    )


@pytest.mark.parametrize("words", [["x", "--attempt", "0"], ["x", "y"], []])
def test_a_line_that_makes_no_sense_is_a_usage_error(kleio: Any, words: list[str]) -> None:
    assert kleio("cat", *words).code == 2


def test_every_line_has_the_time_at_which_it_began(kleio: Any, recorder: Recorder, monkeypatch: Any) -> None:
    monkeypatch.setenv("TZ", "UTC-1")
    time.tzset()
    trial = recorder.ended("x")
    recorder.printed(trial, b"one\ntw", time=1_700_000_000.25)
    recorder.printed(trial, b"o\n\n", start=6, time=1_700_000_001.5)
    recorder.printed(trial, b"oops\n", stream="stderr", time=1_700_000_002)
    one = b"2023-11-14 23:13:20.250+01:00  one\n2023-11-14 23:13:20.250+01:00  two\n2023-11-14 23:13:21.500+01:00  \n"
    assert kleio("cat", "--timestamps", trial).raw == one
    both = one + b"2023-11-14 23:13:22.000+01:00  oops\n"
    assert kleio("cat", "--timestamps", "--stderr", trial).raw == both


@pytest.mark.parametrize("command", ["cat", "replay", "stats"])
def test_an_attempt_that_never_was_is_refused(kleio: Any, recorder: Recorder, command: str) -> None:
    trial = recorder.ended("x")
    said = kleio(command, "--attempt", "2", trial)
    assert (said.code, said.raw) == (2, b"")
    assert said.err.startswith(
        f"kleio: Invalid value for --attempt: trial {trial[:7]} has no attempt 2; the latest is 1\n"
    )
