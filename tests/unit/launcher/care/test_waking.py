"""What is stopped goes on; what runs is left alone, and so is whatever is not the trial's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.waiting import until
from kleio.launcher.care.waking import wake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def start_ticks(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


@pytest.fixture
def stopped() -> Iterator[Callable[..., int]]:
    """``stopped(**environment)``: the pid of a process that is stopped."""
    started = []

    def start(**environment: str) -> int:
        process = subprocess.Popen(SLEEP, env={**os.environ, **environment})
        started.append(process)
        os.kill(process.pid, signal.SIGSTOP)
        until(lambda: state(process.pid) == "T", "the process to stop")
        return process.pid

    yield start
    for process in started:
        process.kill()
        process.wait()


def holder(pid: int, **changes: object) -> dict[str, object]:
    return {"holder": {"host": os.uname().nodename, "pid": pid, "start_ticks": start_ticks(pid), **changes}}


def test_a_stopped_launcher_goes_on(stopped: Callable[..., int], tmp_path: Path) -> None:
    pid = stopped()
    assert wake(holder(pid), str(tmp_path)) == [pid]
    until(lambda: state(pid) != "T", "the process to go on")


def test_a_stopped_command_of_a_dead_launcher_goes_on(stopped: Callable[..., int], tmp_path: Path) -> None:
    pid = stopped(KLEIO_SPOOL=str(tmp_path))
    gone = {"holder": {"host": os.uname().nodename, "pid": 1, "start_ticks": "not those of init"}}
    assert wake(gone, str(tmp_path)) == [pid]


def test_what_runs_gets_no_signal(tmp_path: Path) -> None:
    assert wake(holder(os.getpid()), str(tmp_path)) == []


@pytest.mark.parametrize("changes", [{"host": "elsewhere"}, {"start_ticks": "1"}])
def test_a_process_of_somebody_else_stays_stopped(
    stopped: Callable[..., int], tmp_path: Path, changes: dict[str, str]
) -> None:
    pid = stopped()
    assert wake(holder(pid, **changes), str(tmp_path)) == []
    assert state(pid) == "T"
