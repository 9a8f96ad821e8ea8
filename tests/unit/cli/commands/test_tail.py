from __future__ import annotations

import threading

import pytest

from harness.recorded import Recorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ALIVE = {"host": "elsewhere", "lease": 120.0}


@pytest.mark.parametrize(
    ("options", "lines"),
    [([], range(10, 20)), (["-n", "3"], range(17, 20)), (["--lines", "0"], []), (["-n", "99"], range(20))],
)
def test_the_last_lines_are_shown(kleio: Any, recorder: Recorder, options: list[str], lines: list[int]) -> None:
    trial = recorder.ended("x")
    recorder.printed(trial, b"".join(b"line %d\n" % number for number in range(20)))
    said = kleio("tail", *options, trial)
    assert (said.code, said.err) == (0, "")
    assert said.raw == b"".join(b"line %d\n" % number for number in lines)
    assert kleio("tail", trial, *options).raw == said.raw


def test_of_a_progress_bar_the_last_state_is_shown(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    recorder.printed(trial, b"start\r\n10%\r50%\r100%\nend")
    assert kleio("tail", trial).raw == b"start\r\n100%\nend"


def test_stderr_is_woven_in_by_time(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    recorder.printed(trial, b"1\n", time=1.0)
    recorder.printed(trial, b"2\n", time=2.0, stream="stderr")
    recorder.printed(trial, b"3\n", time=3.0, start=2)
    assert kleio("tail", trial).raw == b"1\n3\n"
    assert kleio("tail", "--stderr", "-n", "2", trial).raw == b"2\n3\n"


def test_following_what_is_over_ends_at_once(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    recorder.printed(trial, b"a\nb\n")
    said = kleio("tail", "-f", "-n", "1", trial)
    assert (said.code, said.raw) == (0, b"b\n")


def test_following_goes_on_until_the_trial_ends(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.running("x", holder=ALIVE)
    recorder.printed(trial, b"a\nb\n")

    def end() -> None:
        recorder.printed(trial, b"c\n", start=4)
        recorder.end(trial)

    timer = threading.Timer(0.2, end)
    timer.start()
    said = kleio("tail", "--follow", "-n", "1", trial)
    timer.join()
    assert (said.code, said.raw) == (0, b"b\nc\n")


@pytest.mark.parametrize("words", [["x", "-n", "-1"], ["x", "-n", "many"], []])
def test_a_line_that_makes_no_sense_is_a_usage_error(kleio: Any, words: list[str]) -> None:
    assert kleio("tail", *words).code == 2


def test_the_lines_of_several_trials_begin_with_their_ids(kleio: Any, recorder: Recorder) -> None:
    first, second = (recorder.ended(name) for name in "ab")
    recorder.printed(first, b"1\n10%\r2\n3")
    recorder.printed(second, b"4\n")
    said = kleio("tail", "-n", "2", first, second, first)
    a, b = first[:7].encode(), second[:7].encode()
    assert (said.code, said.err) == (0, "")
    assert said.raw == a + b" | 2\n" + b + b" | 4\n" + a + b" | 3\n"


def test_the_unfinished_ends_of_two_streams_are_not_joined(kleio: Any, recorder: Recorder) -> None:
    first, second = recorder.running("a", holder=ALIVE), recorder.ended("b")
    recorder.printed(first, b"out\n", time=1.0)
    recorder.printed(first, b"progress 10%", time=2.0, stream="stderr")

    def end() -> None:
        recorder.printed(first, b"next out\n", start=4, time=3.0)
        recorder.end(first)

    timer = threading.Timer(0.2, end)
    timer.start()
    said = kleio("tail", "-f", "--stderr", first, second)
    timer.join()
    prefix = first[:7].encode() + b" | "
    assert said.raw == prefix + b"out\n" + prefix + b"next out\n" + prefix + b"progress 10%\n"


def test_several_are_followed_until_the_last_ends(kleio: Any, recorder: Recorder) -> None:
    over, live = recorder.ended("a"), recorder.running("b", holder=ALIVE)
    recorder.printed(over, b"1\n")
    recorder.printed(live, b"2\nhal")

    def end() -> None:
        recorder.printed(live, b"f\nlast", start=5)
        recorder.end(live)

    timer = threading.Timer(0.2, end)
    timer.start()
    said = kleio("tail", "-f", over, live)
    timer.join()
    prefix = live[:7].encode() + b" | "
    assert said.raw == over[:7].encode() + b" | 1\n" + b"".join(
        prefix + line for line in (b"2\n", b"half\n", b"last\n")
    )


def test_no_line_of_several_can_command_the_terminal(kleio: Any, recorder: Recorder, monkeypatch: Any) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    trials = [recorder.ended(name) for name in "ab"]
    recorder.printed(trials[0], b"\x1b]0;x\x07\x1b[31mred\n")
    seen = kleio("tail", *trials, terminal=True).raw
    assert seen == trials[0][:7].encode() + b" | \\e]0;x\\x07\x1b[31mred\x1b[0m\n"
    assert b"\x1b]0;x" in kleio("tail", "--raw", *trials, terminal=True).raw
