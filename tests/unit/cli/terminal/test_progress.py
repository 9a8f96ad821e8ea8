from __future__ import annotations

import io

import pytest

from harness.recorded import Pipe, Terminal
from harness.waiting import until
from kleio.cli.terminal.console import Console
from kleio.cli.terminal.progress import progress, remark_after


def test_what_lasts_gets_a_bar_that_vanishes_at_the_end() -> None:
    stderr = Terminal()
    console = Console(Pipe(), stderr, environ={"NO_COLOR": "1"})
    with progress(console, "sending a\x1b[2Jb", total=4, patience=0) as advance:
        advance(1)
        until(lambda: "1/4" in stderr.getvalue(), "the bar")
        assert "kleio: sending a\\e[2Jb" in stderr.getvalue()
        advance(2)
    assert stderr.getvalue().endswith("\x1b[2K")


def test_sizes_are_told_as_sizes() -> None:
    stderr = Terminal()
    console = Console(Pipe(), stderr, environ={"NO_COLOR": "1"})
    with progress(console, "packing", total=1 << 21, unit="bytes", patience=0) as advance:
        advance(1 << 20)
        until(lambda: "1.0/2.0 MiB" in stderr.getvalue(), "the size")


def test_the_speed_has_the_units_of_the_size() -> None:
    stderr = Terminal()
    console = Console(Pipe(), stderr, environ={"NO_COLOR": "1"})
    with progress(console, "packing", total=1 << 40, unit="bytes", patience=0) as advance:

        def seen() -> bool:
            advance(3 << 20)
            return "iB/s" in stderr.getvalue()

        until(seen, "the speed")


def test_a_terminal_that_can_only_print_gets_no_bar() -> None:
    stderr = Terminal()
    console = Console(Pipe(), stderr, environ={"TERM": "dumb"})
    with progress(console, "sending", total=4, patience=0) as advance:
        advance(1)
        console.say("a word")
    assert stderr.getvalue() == "kleio: a word\n"


@pytest.mark.parametrize(("stderr", "quiet"), [(io.StringIO(), False), (Terminal(), True)])
def test_nothing_is_drawn_where_nobody_looks(stderr: io.StringIO, quiet: bool) -> None:
    console = Console(Pipe(), stderr, quiet=quiet, environ={})
    with progress(console, "sending", total=4, patience=0) as advance:
        advance(1)
    with remark_after(console, "connecting", patience=0):
        pass
    assert stderr.getvalue() == ""


def test_what_is_soon_done_is_not_mentioned() -> None:
    stderr = Terminal()
    console = Console(Pipe(), stderr, environ={})
    with progress(console, "sending", total=4, patience=3600) as advance, remark_after(console, "x", patience=3600):
        advance(4)
    assert stderr.getvalue() == ""


def test_a_long_wait_is_explained() -> None:
    stderr = Terminal()
    with remark_after(Console(Pipe(), stderr, environ={}), "connecting to lab…", patience=0):
        until(lambda: stderr.getvalue() == "kleio: connecting to lab…\n", "the remark")


def test_what_is_said_beside_a_bar_takes_its_place() -> None:
    terminal = Terminal()
    console = Console(terminal, terminal, environ={"NO_COLOR": "1"})
    with progress(console, "checking", total=2, patience=0) as advance:
        advance(1)
        until(lambda: "1/2" in terminal.getvalue(), "the bar")
        console.line("3f9c2ab ok")
        console.say("so far")
    assert "\r\x1b[2K3f9c2ab ok\n" in terminal.getvalue()
    assert "\r\x1b[2Kkleio: so far\n" in terminal.getvalue()
    console.line("after")
    assert terminal.getvalue().endswith("\x1b[2Kafter\n")
