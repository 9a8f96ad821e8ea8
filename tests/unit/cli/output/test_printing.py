from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.recorded import Pipe, Terminal
from kleio.analysis.output import Piece
from kleio.cli.output.printing import COLOUR, Neutraliser, Printer, folded, last_lines
from kleio.cli.terminal.console import Console
from kleio.trial.quoting import UNPRINTABLE


def shown(data: bytes) -> str:
    neutraliser = Neutraliser()
    return neutraliser.feed(data) + neutraliser.finish()


def printed(stream: Terminal | Pipe, data: bytes, *, raw: bool = False, hole: int = 0) -> tuple[bytes, str]:
    stderr = io.StringIO()
    with Printer(Console(stream, stderr, environ={}), raw=raw) as printer:
        printer.put(Piece(1, "stdout", 0, data, hole))
    return stream.buffer.getvalue(), stderr.getvalue()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain \t\r\n\b", "plain \t\r\n\b"),
        ("é☃".encode(), "é☃"),
        (b"\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m\x1b[0m"),
        (b"\x1b]0;title\x07", "\\e]0;title\\x07"),
        (b"\x1b[2J\x1b[6n", "\\e[2J\\e[6n"),
        (b"\xff\x00", "\\xff\\x00"),
        ("\x9b31m\u202e".encode(), "\\u009b31m\\u202e"),
        (b"end \x1b", "end \\e"),
    ],
)
def test_on_a_terminal_colours_pass_and_commands_are_spelled_out(data: bytes, text: str) -> None:
    assert shown(data) == text


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_was_printed_the_terminal_is_never_commanded(data: bytes) -> None:
    assert set(UNPRINTABLE.findall(COLOUR.sub("", shown(data)))) <= set("\n\t\r\b")


@given(st.lists(st.sampled_from([b"\x1b", b"[", b"3", b"1", b"m", b";", b"a", b"\xc3", b"\xa9", b"\n"])))
def test_pieces_are_shown_as_the_whole_would_be(parts: list[bytes]) -> None:
    neutraliser = Neutraliser()
    assert "".join(map(neutraliser.feed, parts)) + neutraliser.finish() == shown(b"".join(parts))


def test_into_a_pipe_go_the_exact_bytes() -> None:
    data = bytes(range(256))
    assert printed(Pipe(), data) == (data, "")
    assert printed(Terminal(), data, raw=True) == (data, "")


def test_what_was_not_kept_is_said_at_the_end() -> None:
    assert printed(Pipe(), b"x", hole=2048) == (b"x", "kleio: warning: 2 KiB in between were not kept\n")


@pytest.mark.parametrize(
    ("line", "left"),
    [(b"a\rb", b"b"), (b"a\r", b"a\r"), (b"10%\r20%\r\r", b"20%\r"), (b"", b""), (b"x", b"x")],
)
def test_a_line_is_what_was_written_over_it_last(line: bytes, left: bytes) -> None:
    assert folded(line) == left


@pytest.mark.parametrize(
    ("data", "count", "lines"),
    [
        (b"a\nb\nc\n", 2, b"b\nc\n"),
        (b"a\nb\nc", 2, b"b\nc"),
        (b"a\n", 5, b"a\n"),
        (b"a\nb\n", 0, b""),
        (b"", 3, b""),
        (b"x\n1\r2\r\n", 1, b"2\r\n"),
    ],
)
def test_the_last_lines_keep_their_ends(data: bytes, count: int, lines: bytes) -> None:
    assert last_lines(data, count) == lines
