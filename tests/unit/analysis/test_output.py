from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.recorded import Recorder
from kleio.analysis.output import Output, Piece
from kleio.journal.contract import Segment
from kleio.journal.memory import MemoryJournal
from kleio.spool.output import OutputWriter, pending_output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

TRIAL = "a" * 64
BIG = 1 << 20


def journal(tmp_path: Path) -> MemoryJournal:
    return MemoryJournal(str(tmp_path))


def joined(pieces: Iterable[Piece]) -> bytes:
    return b"".join(piece.data for piece in pieces)


class Attempt:
    """An attempt whose spool lies in ``root``; ship() does what the shipper does."""

    def __init__(self, journal: MemoryJournal, root: Path, number: int = 1) -> None:
        self.journal = journal
        self.number = number
        self.directory = root / TRIAL / f"{number:06d}-abcdef01"
        self.directory.mkdir(parents=True)
        self._writers = {one: OutputWriter(str(self.directory), one, BIG, BIG) for one in ("stdout", "stderr")}
        self._acked: dict[str, int] = {}

    def write(self, data: bytes, time: float, stream: str = "stdout") -> None:
        self._writers[stream].write(memoryview(data), time)

    def ship(self) -> None:
        for chunk in list(pending_output(str(self.directory), self._acked, final=True)):
            self.journal.append(
                [Segment(TRIAL, self.number, chunk.stream, "output", chunk.start, chunk.end - 1, chunk.body)]
            )
            self._acked[chunk.stream] = chunk.end - 1

    def close(self) -> None:
        for writer in self._writers.values():
            writer.close()


def test_the_end_of_two_streams_comes_in_the_order_in_which_they_are_read_whole(tmp_path: Path) -> None:
    attempt = Attempt(journal(tmp_path), tmp_path)
    for text, time, stream in (
        (b"one\n", 5.0, "stdout"), (b"error\n", 5.0, "stderr"), (b"two\n", 5.0, "stdout"),
        (b"three\n", 4.0, "stdout"), (b"late\n", 6.0, "stderr"),
    ):  # fmt: skip
        attempt.write(text, time, stream)
    attempt.ship()
    attempt.close()
    output = Output(attempt.journal, TRIAL, 1)
    pieces, _ = output.tail(("stdout", "stderr"), 10)
    assert pieces == list(output.interleaved())
    assert joined(pieces) == b"one\ntwo\nthree\nerror\nlate\n"


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=300), st.booleans()), max_size=20))
def test_shipped_or_not_every_byte_comes_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[bytes, bool]]
) -> None:
    root = tmp_path_factory.mktemp("spool")
    attempt = Attempt(MemoryJournal(str(root)), root)
    for position, (data, shipped) in enumerate(parts):
        attempt.write(data, float(position))
        if shipped:
            attempt.ship()
    attempt.close()
    output = Output(attempt.journal, TRIAL, 1, (str(root),))
    whole = b"".join(data for data, _ in parts)
    assert joined(output.pieces()) == whole
    for start in (0, 1, len(whole) // 2, len(whole)):
        assert joined(output.pieces(since={(1, "stdout"): start})) == whole[start:]
    assert output.size(1, "stdout") == len(whole)


def test_attempts_follow_each_other_and_one_can_be_asked_for(tmp_path: Path) -> None:
    store = journal(tmp_path)
    for number in (1, 2, 3):
        attempt = Attempt(store, tmp_path / "spool", number)
        attempt.write(b"attempt %d\n" % number, 1.0)
        attempt.ship()
        attempt.close()
    output = Output(store, TRIAL, 3)
    assert joined(output.pieces()) == b"attempt 1\nattempt 2\nattempt 3\n"
    assert joined(output.pieces(attempt=2)) == b"attempt 2\n"
    assert joined(output.pieces(attempt=9)) == b""


def test_both_streams_come_in_the_order_of_time(tmp_path: Path) -> None:
    attempt = Attempt(journal(tmp_path), tmp_path / "spool")
    for time, stream, data in [
        (1, "stdout", b"a\n"),
        (2, "stderr", b"b\n"),
        (3, "stdout", b"c\n"),
        (4, "stderr", b"d\n"),
    ]:
        attempt.write(data, float(time), stream)
        if time == 2:
            attempt.ship()
    attempt.close()
    output = Output(attempt.journal, TRIAL, 1, (str(tmp_path / "spool"),))
    assert [(piece.stream, piece.data) for piece in output.interleaved()] == [
        ("stdout", b"a\n"),
        ("stderr", b"b\n"),
        ("stdout", b"c\n"),
        ("stderr", b"d\n"),
    ]
    assert joined(output.pieces("stderr")) == b"b\nd\n"


def test_a_clock_that_jumps_back_does_not_disorder_a_stream(tmp_path: Path) -> None:
    attempt = Attempt(journal(tmp_path), tmp_path / "spool")
    for time, data in [(100.0, b"a"), (1.0, b"b"), (101.0, b"c")]:
        attempt.write(data, time)
    attempt.ship()
    attempt.close()
    assert joined(Output(attempt.journal, TRIAL, 1).interleaved()) == b"abc"


def test_a_hole_is_told_with_the_piece_behind_it(tmp_path: Path) -> None:
    recorder = Recorder.on(journal(tmp_path))
    recorder.printed(TRIAL, b"head")
    recorder.printed(TRIAL, b"tail", start=1000)
    pieces = list(Output(recorder.journal, TRIAL, 1).pieces())
    assert [(piece.start, piece.data, piece.hole) for piece in pieces] == [(0, b"head", 0), (1000, b"tail", 996)]


@pytest.mark.parametrize("lines", [0, 1, 3, 10, 100_000])
def test_the_tail_holds_the_last_lines_and_tells_where_to_go_on(tmp_path: Path, lines: int) -> None:
    attempt = Attempt(journal(tmp_path), tmp_path / "spool")
    text = b"".join(b"line %d of the output\n" % number for number in range(40_000))
    for start in range(0, len(text), 50_000):
        attempt.write(text[start : start + 50_000], float(start))
    attempt.ship()
    attempt.close()
    pieces, positions = Output(attempt.journal, TRIAL, 1).tail(("stdout",), lines)
    data = joined(pieces)
    assert text.endswith(data)
    assert data.count(b"\n") > lines or data == text
    assert positions == {(1, "stdout"): len(text)}
    assert lines > 1000 or len(data) < 300_000


def test_the_tail_reaches_back_into_earlier_attempts(tmp_path: Path) -> None:
    recorder = Recorder.on(journal(tmp_path))
    recorder.printed(TRIAL, b"a\nb\n", attempt=1)
    recorder.printed(TRIAL, b"c\n", attempt=2)
    pieces, positions = Output(recorder.journal, TRIAL, 2).tail(("stdout",), 2)
    assert joined(pieces) == b"a\nb\nc\n"
    assert positions == {(1, "stdout"): 4, (2, "stdout"): 2}


def test_following_gives_every_byte_once_until_the_end(tmp_path: Path) -> None:
    attempt = Attempt(journal(tmp_path), tmp_path / "spool")
    output = Output(attempt.journal, TRIAL, 1, (str(tmp_path / "spool"),), is_over=lambda: over)
    attempt.write(b"0\n", 0.0)
    steps = iter(range(1, 6))
    over = False

    def wait(_: float) -> None:
        nonlocal over
        step = next(steps)
        attempt.write(b"%d\n" % step, float(step))
        if step % 2:
            attempt.ship()
        over = step == 5

    assert joined(output.follow(wait=wait)) == b"0\n1\n2\n3\n4\n5\n"
    attempt.close()


def test_following_sees_the_last_words_that_came_with_the_end(tmp_path: Path) -> None:
    recorder = Recorder.on(journal(tmp_path))
    recorder.printed(TRIAL, b"a")

    def is_over() -> bool:
        recorder.printed(TRIAL, b"b", start=1)
        return True

    pieces = Output(recorder.journal, TRIAL, 1, is_over=is_over).follow(("stdout",))
    assert joined(pieces) == b"ab"


def test_one_stream_is_read_as_bytes_and_another_is_refused(tmp_path: Path) -> None:
    recorder = Recorder.on(journal(tmp_path))
    recorder.printed(TRIAL, b"a\n")
    recorder.printed(TRIAL, b"b\n", attempt=2)
    recorder.printed(TRIAL, b"c\n", attempt=2, stream="stderr")
    output = Output(recorder.journal, TRIAL, 2)
    assert output.read() == b"a\nb\n"
    assert output.read(attempt=2) == b"b\n"
    assert output.read("stderr") == b"c\n"
    for ask in (output.read, lambda one: list(output.interleaved(streams=[one])), lambda one: output.tail([one])):
        with pytest.raises(ValueError, match="a trial has the streams stdout and stderr, and no 'stdot'"):
            ask("stdot")
