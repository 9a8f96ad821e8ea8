from __future__ import annotations

import io
from pathlib import Path

import pytest

from harness.recorded import Pipe, Terminal
from kleio.cli.terminal.console import Console
from kleio.cli.terminal.pager import page, pager_of


@pytest.mark.parametrize(
    ("environ", "pager"),
    [
        ({"PAGER": "head -c 9"}, "head -c 9"),
        ({"KLEIO_PAGER": "head", "PAGER": "tail"}, "head"),
        ({"KLEIO_PAGER": "", "PAGER": "tail"}, None),
        ({"PAGER": "cat"}, None),
        ({"PAGER": "no-such-pager -x"}, None),
        ({"PAGER": "head", "TERM": "dumb"}, None),
    ],
)
def test_the_pager_is_the_users_if_it_is_there(environ: dict, pager: str | None) -> None:
    assert pager_of({"PATH": "/usr/bin:/bin", **environ}) == pager


def shown(stdout: io.StringIO, file: Path, pager: str, lines: int) -> str:
    console = Console(stdout, io.StringIO(), environ={})
    page(console, {"PATH": "/usr/bin:/bin", "PAGER": pager}, (f"line {number}" for number in range(lines)))
    console.line("after")
    return file.read_text() if file.exists() else ""


def test_results_for_a_terminal_go_through_it(tmp_path: Path) -> None:
    stdout, file = Terminal(), tmp_path / "seen"
    assert shown(stdout, file, f"tee {file} >/dev/null", 2) == "line 0\nline 1\n"
    assert stdout.getvalue() == "after\n"


def test_a_reader_who_leaves_early_is_no_failure(tmp_path: Path) -> None:
    file = tmp_path / "seen"
    assert shown(Terminal(), file, f"head -n 1 >{file}", 100_000) == "line 0\n"


def test_results_for_a_pipe_go_there(tmp_path: Path) -> None:
    stdout, file = Pipe(), tmp_path / "seen"
    assert shown(stdout, file, f"tee {file}", 1) == ""
    assert stdout.getvalue() == "line 0\nafter\n"
