"""A program's answer arrives whole or is marked, and nothing is left running."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from harness.waiting import until
from kleio.capture.process import Finished, Running, find_program, run

SHELL = "/bin/sh"


def shell(script: str, timeout: float = 30.0, limit: int = 1 << 24) -> Finished:
    return run([SHELL, "-c", script], dict(os.environ), timeout, limit)


def test_the_answer_is_whole() -> None:
    answer = shell("echo out; echo err >&2; exit 0")
    assert (answer.code, answer.out, answer.err, answer.ok) == (0, b"out\n", b"err\n", True)


def test_a_large_answer_on_both_pipes_is_whole() -> None:
    answer = shell("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2")
    assert (len(answer.out), answer.ok) == (3_000_000, True)


def test_a_failure_is_a_value() -> None:
    assert (shell("exit 3").code, shell("exit 3").ok) == (3, False)
    assert shell("kill -9 $$").code == -9


@pytest.mark.parametrize("argv", [["/nonexistent"], [SHELL, "a\0b"], ["/etc/passwd"]])
def test_a_program_that_cannot_start_is_a_value(argv: list[str]) -> None:
    assert (run(argv, {}, 1).ran, run(argv, {}, 1).ok) == (False, False)


def test_a_late_program_dies_with_its_children(tmp_path: Path) -> None:
    answer = shell(f"sleep 600 & echo $! >{tmp_path}/pid; echo partial; wait", timeout=0.5)
    assert (answer.timed_out, answer.ok, answer.out) == (True, False, b"partial\n")
    pid = int((tmp_path / "pid").read_text())
    until(lambda: not os.path.exists(f"/proc/{pid}") or " Z " in Path(f"/proc/{pid}/stat").read_text(), "its death")


def test_an_endless_answer_is_cut() -> None:
    answer = shell("cat /dev/zero", limit=1000)
    assert (answer.truncated, answer.timed_out, len(answer.out)) == (True, False, 1000)


def test_a_program_reads_what_it_is_given() -> None:
    running = Running(["/bin/cat"], {}, stdin=b"x" * 500_000)
    assert running.result(time.monotonic() + 30).out == b"x" * 500_000


def test_a_program_without_input_reads_nothing() -> None:
    assert Running(["/bin/cat"], {}).result(time.monotonic() + 30).out == b""


def test_killing_twice_is_harmless() -> None:
    running = Running(["/bin/sleep", "600"], {})
    running.kill()
    running.kill()


def test_a_program_reaped_by_somebody_else_is_believed() -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps
    try:
        answer = shell("echo out")
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert (answer.code, answer.out, answer.ok) == (None, b"out\n", True)


def test_signals_mean_what_they_mean_by_default() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        assert shell("kill -INT $$; echo alive").out == b""
        assert shell("kill -TERM $$; echo alive").out == b""
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        signal.signal(signal.SIGINT, before)


def test_no_descriptor_is_left_open() -> None:
    before = os.listdir("/proc/self/fd")
    shell("echo x")
    shell("sleep 600", timeout=0.05)
    run(["/nonexistent"], {}, 1)
    Running([SHELL], {}, stdin=b"x").kill()
    assert os.listdir("/proc/self/fd") == before


def test_programs_are_looked_for_in_absolute_places_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\n")
    monkeypatch.chdir(tmp_path)
    assert find_program("tool", str(tmp_path)) is None
    (tmp_path / "tool").chmod(0o755)
    assert find_program("tool", str(tmp_path)) == str(tmp_path / "tool")
    assert find_program("tool", f".::{os.path.relpath(tmp_path, '/')}") is None
    assert find_program("sh", None) is not None
