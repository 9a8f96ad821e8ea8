"""Runs the *installed* kleio as a shell would: real processes, real repositories, bytes in and bytes out."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from harness.terminal import Terminal
from harness.waiting import PATIENCE, until

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

CHECKOUT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
MARK = "TEST_MARK"
"""A variable that every process started by a test inherits: by it the test finds those that it left behind."""


def program() -> list[str]:
    """How ``kleio`` is called: the script beside this interpreter, or the module of the checkout."""
    script = BIN / "kleio"
    return [str(script)] if script.exists() else [sys.executable, "-m", "kleio"]


def trial_in(text: bytes) -> str | None:
    """The id in the last ``reserved with id: …`` of ``text``."""
    found = re.findall(rb"reserved with id: *(\S+)", text, re.IGNORECASE)
    return found[-1].decode() if found else None


@dataclass(frozen=True)
class Result:
    """What a command left: ``code`` is negative for a signal, as ``subprocess`` has it."""

    code: int
    out: bytes
    err: bytes

    @property
    def status(self) -> int:
        """The code as a shell shows it: 128 + n for signal n."""
        return 128 - self.code if self.code < 0 else self.code

    @property
    def trial(self) -> str:
        """The id of the trial that was reserved."""
        trial = trial_in(self.err)
        assert trial, f"no trial was reserved:\n{self.err.decode(errors='replace')}"
        return trial

    @property
    def words(self) -> str:
        """What kleio and the command said on stderr."""
        return self.err.decode(errors="replace")

    def refused(self, code: int = 125) -> str:
        """What kleio said when it refused: in its own words, and with the documented exit code."""
        assert self.code == code, f"exit {self.code} instead of {code}:\n{self.words}"
        assert self.words.startswith("kleio: "), self.words
        assert "Traceback" not in self.words
        assert "bug in kleio" not in self.words
        return self.words


class Background:
    """A command that runs beside the test, in a session of its own with Ctrl-C at its default."""

    def __init__(self, argv: Sequence[str], directory: Path, environment: Mapping[str, str], logs: Path) -> None:
        self.out, self.err = logs / "out", logs / "err"
        logs.mkdir(parents=True)
        self._directory = directory
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=directory,
                env=dict(environment),
                start_new_session=True,
                preexec_fn=_interrupt_by_default,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def trial(self) -> str:
        """The id of its trial, as soon as it is reserved."""
        return until(lambda: trial_in(self.err.read_bytes()), "a trial to be reserved")

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def signal(self, number: int, *, group: bool = False) -> None:
        """Signal the launcher alone, or its whole foreground group as Ctrl-C does."""
        if group:
            os.killpg(self.pid, number)
        else:
            os.kill(self.pid, number)

    def interrupt(self) -> None:
        """What the terminal does at Ctrl-C."""
        self.signal(signal.SIGINT, group=True)

    def until_file(self, name: str = "pid.txt") -> str:
        """The content of a file, once the command has written it."""
        path = self._directory / name
        return until(lambda: path.exists() and path.read_text(), f"{path}; it said:\n{self._said()}")

    def until_output(self, part: bytes) -> None:
        """Wait until the command's stdout holds ``part``."""
        until(lambda: part in self.out.read_bytes(), f"{part!r} on stdout")

    def wait(self, patience: float = PATIENCE) -> Result:
        try:
            code = self._process.wait(patience)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {patience:g} s; it said:\n{self._said()}") from None
        return Result(code, self.out.read_bytes(), self.err.read_bytes())

    def end(self) -> None:
        """Leave nothing of it behind."""
        if self.running:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()

    def _said(self) -> str:
        return self.err.read_text(errors="replace")


def _interrupt_by_default() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass
class Kleio:
    """``kleio`` as typed in ``directory``: ``kleio("ls")``, ``kleio.background(…)``, ``kleio.terminal(…)``."""

    directory: Path
    logs: Path
    environment: dict[str, str]
    started: list[Background | Terminal] = field(default_factory=list)

    def __call__(
        self,
        *argv: str,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        patience: float = PATIENCE,
    ) -> Result:
        """Run ``kleio argv…`` to its end."""
        return self.bare(*program(), *argv, cwd=cwd, env=env, stdin=stdin, patience=patience)

    def bare(
        self,
        *argv: str,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        patience: float = PATIENCE,
    ) -> Result:
        """Run a command without kleio, in the same place: what kleio's run is compared with."""
        done = subprocess.run(
            argv,
            cwd=cwd or self.directory,
            env={**self.environment, **(env or {})},
            input=stdin,
            capture_output=True,
            timeout=patience,
            preexec_fn=_interrupt_by_default,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def background(
        self,
        *argv: str,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        through: Sequence[str] = (),
    ) -> Background:
        """Start ``kleio argv…`` beside the test; ``through`` are words before it, such as ``nohup``."""
        return self.bare_background(*through, *program(), *argv, cwd=cwd, env=env)

    def bare_background(self, *argv: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Background:
        """Start any command beside the test."""
        logs = self.logs / str(len(self.started))
        started = Background(argv, cwd or self.directory, {**self.environment, **(env or {})}, logs)
        self.started.append(started)
        return started

    def name_on_path(self, directory: Path) -> dict[str, str]:
        """The ``PATH`` of a shell that finds ``kleio`` by its short name, wherever it is installed."""
        directory.mkdir(parents=True, exist_ok=True)
        script = directory / "kleio"
        script.write_text(f'#!/bin/sh\nexec {" ".join(program())} "$@"\n')
        script.chmod(0o755)
        return {"PATH": f"{directory}{os.pathsep}{self.environment['PATH']}"}

    def terminal(self, *argv: str, env: Mapping[str, str] | None = None, rows: int = 24, columns: int = 80) -> Terminal:
        """Start ``kleio argv…`` on a terminal that the test types on and looks at."""
        return self.bare_terminal(*program(), *argv, env=env, rows=rows, columns=columns)

    def bare_terminal(
        self, *argv: str, env: Mapping[str, str] | None = None, rows: int = 24, columns: int = 80
    ) -> Terminal:
        """Start a command without kleio, or a shell to type ``kleio`` at, on a terminal."""
        started = Terminal(argv, self.directory, {**self.environment, **(env or {})}, rows, columns)
        self.started.append(started)
        return started

    def part(self, *argv: str, env: Mapping[str, str] | None = None, after: bytes = b"epoch 2") -> Result:
        """Run, and press Ctrl-C once ``after`` stands on stdout."""
        started = self.background(*argv, env=env)
        started.until_output(after)
        started.interrupt()
        return started.wait()

    def json(self, *argv: str) -> Any:
        """What a reading command says for programs; it must succeed."""
        result = self(*argv)
        assert result.code == 0, result.words
        return json.loads(result.out)["data"]

    def ids(self) -> list[str]:
        """All trials of the journal, newest first."""
        return [trial["id"] for trial in self.json("ls", "--all", "--json")]

    def info(self, trial: str) -> Any:
        """What is known of one trial."""
        return self.json("info", "--json", trial)

    def status(self, trial: str) -> str:
        """The status of one trial."""
        return str(self.info(trial)["status"])

    def leftovers(self) -> list[int]:
        """Processes of this test that still live. (The environment of a zombie is empty: it does not count.)"""
        mark = f"{MARK}={self.environment[MARK]}".encode()
        return [
            int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and mark in _environ(entry)
        ]

    def until_settled(self) -> None:
        """Wait until every process that the last command left has ended by itself. Two looks: a process that is just
        being executed shows no environment."""
        until(lambda: not self.leftovers() and not self.leftovers(), "the processes of this test to end")

    @property
    def spool(self) -> Path:
        """Where attempts record."""
        data = self.environment.get("XDG_DATA_HOME")
        return Path(data or f"{self.environment['HOME']}/.local/share") / "kleio/spool"

    def spools(self) -> list[str]:
        """The attempts whose records are not all in the journal."""
        return sorted(str(path.relative_to(self.spool)) for path in self.spool.glob("[0-9a-f]*/*"))

    def close(self, patience: float = 20) -> None:
        """End what the test started; whatever then lives on had escaped kleio's care, and fails the test."""
        for started in self.started:
            started.end()
        try:
            until(lambda: not self.leftovers(), "the processes of this test to end", patience)
        except AssertionError:
            names = [_end(pid) for pid in self.leftovers()]
            raise AssertionError(f"processes left behind: {names}") from None


def _environ(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:  # gone, or another user's
        return b""


def _end(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    os.kill(pid, signal.SIGKILL)
    return words
