from __future__ import annotations

from pathlib import Path

import pytest

from harness.recorded import Recorder
from kleio.analysis import Trials
from kleio.analysis.printed_difference import BEFORE, LONGEST, MOST, incomparable, printed_differences
from kleio.journal.memory import MemoryJournal
from kleio.trial import status
from kleio.trial.cut import Cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder.on(MemoryJournal(str(tmp_path)))


def printing(recorder: Recorder, *chunks: bytes, stream: str = "stdout", capture: str = "") -> str:
    return begun(recorder, recorder.new("train"), *chunks, stream=stream, capture=capture)


def begun(recorder: Recorder, trial: str, *chunks: bytes, stream: str = "stdout", capture: str = "") -> str:
    recorder.reserve(trial)
    recorder.move(trial, status.RUNNING, output=capture)
    start = 0
    for chunk in chunks:
        recorder.printed(trial, chunk, start=start, stream=stream)
        start += len(chunk)
    return trial


def found(recorder: Recorder, *ids: str) -> dict[str, tuple[Any, ...]]:
    trials = Trials(recorder.journal)
    return dict(printed_differences([trials.trial(one) for one in ids]))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([b"a\nb\n"], [b"a\n", b"b\n"], {}),
        ([b"a\nb\n"], [b"a\r\n\x1b[1mb\x1b[0m\r\n"], {}),
        ([b"a\nb"], [b"a\nb\n"], {}),
        ([b"a\nb"], [b"a\nc"], {"stdout, line 2": ("b", "c")}),
        ([b"a\n", b"b\nd\n"], [b"a\nb", b"\n"], {"stdout, line 3": ("d", None)}),
        ([b"\xff\n"], [b"\xfe\n"], {"stdout, line 1": ("\\xff", "\\xfe")}),
        ([], [b"a"], {"stdout, line 1": (None, "a")}),
    ],
)
def test_the_first_line_that_differs_is_told(
    recorder: Recorder, one: list[bytes], other: list[bytes], expected: dict[str, Any]
) -> None:
    assert found(recorder, printing(recorder, *one), printing(recorder, *other)) == expected


def test_of_several_each_has_its_line(recorder: Recorder) -> None:
    ids = [printing(recorder, text, stream="stderr") for text in (b"a", b"a", b"b")]
    assert found(recorder, *ids) == {"stderr, line 1": ("a", "a", "b")}


def test_a_long_line_is_told_where_it_differs(recorder: Recorder) -> None:
    ids = [printing(recorder, b"x" * 500 + end + b"y" * 500) for end in (b"1", b"2")]
    ((_, texts),) = found(recorder, *ids).items()
    assert texts == tuple(f"…{'x' * BEFORE}{end}{'y' * (LONGEST - BEFORE - 1)}…" for end in "12")


@pytest.mark.parametrize(("end", "expected"), [(b"b", {}), (b"bc", {"stdout, bytes": (MOST + 18, MOST + 19)})])
def test_behind_the_bound_sizes_count(recorder: Recorder, end: bytes, expected: dict[str, Any]) -> None:
    lines = (b"0123456789abcde\n") * (MOST // 16 + 1)
    assert found(recorder, printing(recorder, lines, b"a"), printing(recorder, lines, end)) == expected


@pytest.mark.parametrize(
    ("capture", "why"),
    [("off", "that of {} was not recorded"), ("together", "stdout and stderr of {} were recorded as one")],
)
def test_what_was_recorded_otherwise_is_not_compared(recorder: Recorder, capture: str, why: str) -> None:
    one, other, alike = printing(recorder, b"a"), printing(recorder, b"b", capture=capture), printing(recorder, b"c")
    trials = {trial.id: trial for trial in Trials(recorder.journal)}
    for words in ((one, other), (other, one), (one, alike, other)):
        assert incomparable([trials[word] for word in words]) == why.format(other[:7])
    assert incomparable([trials[one], trials[alike]]) is None


@pytest.mark.parametrize(("more", "expected"), [(b"ab", {}), (b"abc", {"stdout, bytes": (MOST + 7, MOST + 8)})])
def test_a_line_without_an_end_is_held_up_to_the_bound(
    recorder: Recorder, more: bytes, expected: dict[str, Any]
) -> None:
    part = b"x" * (MOST // 2)
    one = printing(recorder, part, part, b"0123", b"ba")
    other = printing(recorder, part + part, b"0" + b"123" + more)
    assert found(recorder, one, other) == expected


@pytest.mark.parametrize(
    ("line", "cut"),
    [(b"0123456789abcde\r\n", 16), (b"\x1b[1;31m0123456789\x1b[0mabcde\n", 4), (b"0123456789abcde\x1b[0m\n", 16)],
    ids=["carriage return", "colour", "escape"],
)
def test_behind_the_bound_it_makes_no_difference_what_a_terminal_added(
    recorder: Recorder, line: bytes, cut: int
) -> None:
    """Nor that a piece ends in the middle of that."""
    count = MOST // 16 + 1
    plain = printing(recorder, b"0123456789abcde\n" * (count + 10))
    added = printing(recorder, line * count, *(part for _ in range(10) for part in (line[:cut], line[cut:])))
    assert found(recorder, plain, added) == {}


@pytest.mark.parametrize(("more", "size"), [(b"", 0), (b"another\n", 8)])
def test_behind_the_bound_what_a_branch_inherits_counts_as_its_own(recorder: Recorder, more: bytes, size: int) -> None:
    lines = b"0123456789abcde\n" * (MOST // 16 + 1)
    parent = printing(recorder, lines, b"epoch 1\n")
    cut = Cut(parent, 1, recorder.clock.wall())
    recorder.clock.advance(10)
    recorder.printed(parent, b"epoch 2\n", start=len(lines) + 8)
    refers = {"parent": parent, "cut": cut.as_document()}
    branch = begun(recorder, recorder.new("train", refers=refers), *filter(None, [b"epoch 2\n", more]))
    read = len(lines) + 16
    assert found(recorder, parent, branch) == ({"stdout, bytes": (read, read + size)} if size else {})


def test_a_line_beyond_the_bound_is_the_same_wherever_its_pieces_end(recorder: Recorder) -> None:
    line = b"x" * (MOST + 10)
    assert found(recorder, printing(recorder, line, b"\n"), printing(recorder, line[20:], line[:20] + b"\n")) == {}
