"""A command of kleio's in this process, on a journal in memory."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.recorded import Pipe, Recorder, Terminal
from kleio.cli.failures import guarded
from kleio.cli.group import run_group
from kleio.cli.terminal.console import Console
from kleio.journal.registry import open_journal


@dataclass
class Said:
    """What a command said, and its exit code. ``raw`` is what was written as bytes."""

    code: int
    out: str
    err: str
    raw: bytes


class Kleio:
    """``kleio("ls", "-a")``; the environment is that of the test."""

    def __init__(self, address: str) -> None:
        self.address = address

    def __call__(self, *words: str, terminal: bool = False) -> Said:
        stdout, stderr = Terminal() if terminal else Pipe(), io.StringIO()
        console = Console(stdout, stderr)
        code = guarded(lambda: run_group(words, console), console)
        return Said(code, stdout.getvalue(), stderr.getvalue(), stdout.buffer.getvalue())


@pytest.fixture
def kleio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kleio:
    """Kleio, in a directory outside git."""
    address = f"memory://{tmp_path}"
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("KLEIO_JOURNAL", address)
    monkeypatch.setenv("KLEIO_PAGER", "")
    return Kleio(address)


@pytest.fixture
def recorder(kleio: Kleio) -> Recorder:
    """Puts trials into the journal that ``kleio`` reads."""
    return Recorder.on(open_journal(kleio.address))
