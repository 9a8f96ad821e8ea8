from __future__ import annotations

import pytest

from harness.recorded import Recorder
from kleio.analysis.output import Piece
from kleio.cli.output.printing import SCREEN, Neutraliser
from kleio.cli.output.replaying import paced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def played(
    times: list[float], *, speed: float = 1.0, longest: float | None = None, drawing: float = 0.0
) -> list[float]:
    """When pieces of these times are shown, if showing each takes so long."""
    clock = [100.0]

    def wait(seconds: float) -> None:
        clock[0] += seconds

    shown = []
    pieces = [Piece(1, "stdout", number, b"x", 0, time) for number, time in enumerate(times)]
    for _ in paced(pieces, speed, longest, now=lambda: clock[0], wait=wait):
        shown.append(round(clock[0] - 100, 6))
        clock[0] += drawing
    return shown


@pytest.mark.parametrize(
    ("options", "times"),
    [
        ({}, [0, 1, 1, 61]),
        ({"speed": 2.0}, [0, 0.5, 0.5, 30.5]),
        ({"longest": 2.0}, [0, 1, 1, 3]),
        ({"speed": 10.0, "longest": 2.0}, [0, 0.1, 0.1, 2.1]),
        ({"drawing": 0.4}, [0, 1, 1.4, 61]),
    ],
)
def test_the_pace_is_that_of_then(options: dict[str, Any], times: list[float]) -> None:
    assert played([5.0, 6.0, 6.0, 66.0], **options) == times


def test_a_clock_that_was_set_back_makes_no_pause() -> None:
    assert played([5.0, 3.0, 6.0]) == [0, 0, 1]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x1b[2K\x1b[1A\r10%", "\x1b[2K\x1b[1A\r10%"),
        (b"\x1b[?25l\x1b[?1049h\x1b[H", "\x1b[?25l\x1b[?1049h\x1b[H"),
        (b"\x1b]0;t\x07\x1b[6n\x1b[?1000h\x1b[21t\x1bP$q", "\\e]0;t\\x07\\e[6n\\e[?1000h\\e[21t\\eP$q"),
    ],
)
def test_what_draws_passes_and_what_a_terminal_answers_does_not(data: bytes, text: str) -> None:
    whole = Neutraliser(SCREEN)
    assert (whole.feed(data) + whole.finish()).removesuffix("\x1b[0m") == text
    torn = Neutraliser(SCREEN)
    parts = [torn.feed(bytes([byte])) for byte in data]
    assert ("".join(parts) + torn.finish()).removesuffix("\x1b[0m") == text


def test_a_session_is_shown_in_order_and_the_terminal_left_as_it_was(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x", word="suspended")
    recorder.printed(trial, b"\x1b[?1049h\x1b[?25lone\n", time=1.0)
    recorder.printed(trial, b"two\n", stream="stderr", time=1.001)
    said = kleio("replay", trial)
    assert (said.code, said.err, said.raw) == (0, "", b"\x1b[?1049h\x1b[?25lone\ntwo\n")
    seen = kleio("replay", trial, terminal=True).raw
    assert seen.endswith(b"two\n\x1b[0m\x1b[?1049l\x1b[0m\x1b[?25h")


@pytest.mark.parametrize("speed", ["inf", "-1", "0", "nan", "fast"])
def test_a_speed_is_a_finite_number_above_0(kleio: Any, recorder: Recorder, speed: str) -> None:
    trial = recorder.ended("x")
    recorder.printed(trial, b"one\n")
    said = kleio("replay", f"--speed={speed}", trial)
    assert (said.code, said.raw) == (2, b"")
    assert said.err.startswith("kleio: Invalid value for '--speed': ")


def test_attempts_follow_one_another(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x", word="suspended")
    recorder.reserve(trial)
    recorder.printed(trial, b"one\n", time=1.0)
    recorder.printed(trial, b"two\n", attempt=2, time=90_000.0)
    said = kleio("replay", "--speed", "100", trial)
    assert (said.raw, said.err) == (b"one\ntwo\n", "kleio: attempt 1\nkleio: attempt 2\n")
    assert kleio("replay", "--attempt", "2", trial).raw == b"two\n"
