from __future__ import annotations

import contextlib
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.recorded import Pipe, Terminal
from kleio import __version__
from kleio.cli.terminal.console import Console
from kleio.cli.terminal.envelope import plain
from kleio.errors import OutputFailed
from kleio.trial.quoting import UNPRINTABLE

HOSTILE = [
    "\x1b]0;title\x07",
    "\x1b[2J",
    "\x1b]8;;http://evil\x1b\\x",
    "\x9b31m",
    "a\rb",
    "\u202e",
    "\0",
    "\x7f",
    "\udcff",
]


def spoken(message: str, **options: bool) -> str:
    stderr = io.StringIO()
    Console(io.StringIO(), stderr, environ={}, **options).say(message)
    return stderr.getvalue()


def test_every_line_of_a_message_bears_the_name() -> None:
    assert spoken("one\ntwo") == "kleio: one\nkleio: two\n"


def test_quiet_silences_words_and_warnings_but_not_failures() -> None:
    stderr = io.StringIO()
    console = Console(io.StringIO(), stderr, quiet=True, environ={})
    console.say("a")
    console.warn("b")
    console.fail("c", "d")
    assert stderr.getvalue() == "kleio: c\nkleio: hint: d\n"


HINT = "run what changed as a branch of it with: kleio run --allow-code-change and the same command"


def test_a_message_that_is_wider_than_the_terminal_is_not_cut_within_a_word() -> None:
    stderr = Terminal()
    Console(io.StringIO(), stderr, environ={"COLUMNS": "70", "NO_COLOR": "1"}).say(HINT)
    assert stderr.getvalue() == (
        "kleio: run what changed as a branch of it with: kleio run\nkleio:   --allow-code-change and the same command\n"
    )


def test_a_command_in_a_message_stays_in_one_piece() -> None:
    stderr = Terminal()
    message = "trial 3f9c2ab is completed and is not run again; see it with `kleio info 3f9c2ab` or `kleio ls`"
    Console(io.StringIO(), stderr, environ={"COLUMNS": "80", "NO_COLOR": "1"}).say(message)
    assert stderr.getvalue() == (
        "kleio: trial 3f9c2ab is completed and is not run again; see it with\n"
        "kleio:   `kleio info 3f9c2ab` or `kleio ls`\n"
    )


@pytest.mark.parametrize(
    "message",
    ["  code.commit ==" + " x" * 60, "the details are in /" + "x" * 80, "short"],
)
def test_what_is_laid_out_or_cannot_be_broken_stays_whole(message: str) -> None:
    stderr = Terminal()
    Console(io.StringIO(), stderr, environ={"COLUMNS": "70", "NO_COLOR": "1"}).say(message)
    assert stderr.getvalue() == f"kleio: {message}\n"


def test_a_difference_in_a_message_has_its_colours() -> None:
    stderr = Terminal()
    lines = [
        "the code changed:",
        "  modified: a.py",
        "      @@ -1 +1 @@",
        "      -x",
        "      +y",
        "       -z",
        "  -5 < 3",
    ]
    Console(io.StringIO(), stderr, environ={"TERM": "xterm"}).fail("\n".join(lines))
    assert [line.partition("kleio:\x1b[0m ")[2] for line in stderr.getvalue().splitlines()] == [
        "the code changed:", "  modified: a.py", "\x1b[36m      @@ -1 +1 @@\x1b[0m", "\x1b[31m      -x\x1b[0m",
        "\x1b[32m      +y\x1b[0m", "       -z", "  -5 < 3",
    ]  # fmt: skip


def test_a_message_into_a_file_is_one_line() -> None:
    stderr = Pipe()
    Console(io.StringIO(), stderr, environ={"COLUMNS": "70"}).say(HINT)
    assert stderr.getvalue() == f"kleio: {HINT}\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_stored_text_in_a_message_cannot_command_the_terminal(text: str) -> None:
    assert not UNPRINTABLE.search(spoken(f"trial {text} is gone")[:-1])


@given(st.text())
def test_no_message_holds_a_control_character(text: str) -> None:
    assert not UNPRINTABLE.search(spoken(text).replace("\n", ""))


def test_a_locale_without_the_character_gets_an_escape() -> None:
    raw = io.BytesIO()
    console = Console(io.TextIOWrapper(raw, encoding="ascii"), io.StringIO(), environ={})
    console.line("é☃")
    assert raw.getvalue() == b"\\xe9\\u2603\n"


def test_on_a_terminal_with_ascii_only_what_kleio_draws_stays_as_wide() -> None:
    class Ascii(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    raw = io.BytesIO()
    console = Console(Ascii(raw, encoding="ascii"), io.StringIO(), environ={})
    console.line("├─ 3f9c2ab  é cut…")
    assert raw.getvalue() == b"|- 3f9c2ab  \\xe9 cut~\n"


def test_closed_standard_streams_are_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", None)
    monkeypatch.setattr("sys.stderr", None)
    console = Console(environ={})
    console.say("a")
    console.line("b")
    console.raw(b"c")
    console.flush()
    assert not console.is_terminal


@pytest.mark.parametrize(
    ("stream", "environ", "coloured"),
    [
        (Terminal, {}, True),
        (Terminal, {"NO_COLOR": "1"}, False),
        (Terminal, {"NO_COLOR": ""}, True),
        (Terminal, {"TERM": "dumb"}, False),
        (Pipe, {}, False),
        (Pipe, {"FORCE_COLOR": "1"}, True),
        (Pipe, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_are_for_terminals_and_for_those_who_ask(
    stream: type[io.StringIO], environ: dict[str, str], coloured: bool
) -> None:
    console = Console(stream(), io.StringIO(), environ=environ)
    assert console.paint("x", "bold red") == ("\x1b[1;31mx\x1b[0m" if coloured else "x")


def test_nothing_is_cut_where_there_is_no_terminal() -> None:
    assert Console(Pipe(), io.StringIO(), environ={}).width == 0
    assert Console(Pipe(), io.StringIO(), environ={"COLUMNS": "33"}).width == 33
    assert Console(Terminal(), io.StringIO(), environ={}).width == 80


def test_json_comes_in_a_versioned_envelope_in_plain_ascii() -> None:
    stdout = io.StringIO()
    Console(stdout, io.StringIO(), environ={}).json("ls", {"é": ["\udcff", 10**30, None]})
    assert stdout.getvalue().isascii()
    assert json.loads(stdout.getvalue()) == {
        "kleio": {"version": __version__, "schema": 1, "command": "ls"},
        "data": {"é": ["\udcff", 10**30, None]},
    }


def test_what_json_lacks_becomes_text() -> None:
    values = {1: float("nan"), "i": (float("inf"), float("-inf")), "b": b"\0\xff", "f": 0.5}
    assert plain(values) == {"1": "NaN", "i": ["Infinity", "-Infinity"], "b": "AP8=", "f": 0.5}


def test_a_disk_that_is_full_below_stdout_is_told_as_such() -> None:
    for write in (lambda console: console.line("x"), lambda console: console.raw(b"x")):
        with open("/dev/full", "w", buffering=1, encoding="utf-8") as full:
            console = Console(full, io.StringIO(), environ={})
            with pytest.raises(OutputFailed, match="stdout cannot be written: No space left on device"):
                write(console)
            with contextlib.suppress(OSError):
                full.close()


def test_a_bar_that_nobody_looks_at_any_more_stops_no_result() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    stdout = io.StringIO()
    console = Console(stdout, Gone(), environ={})
    console.has_bar = True
    console.line("found")
    console.say("a remark")
    assert stdout.getvalue() == "found\n"
