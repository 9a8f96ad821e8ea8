"""How an end becomes a status."""

from __future__ import annotations

import signal

import pytest

from kleio.launcher.supervisor.ending import verdict
from kleio.spool.attempt.orders import Order

INT, TERM, HUP, USR1, SEGV = signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGSEGV


@pytest.mark.parametrize(
    ("code", "number", "seen", "order", "expected"),
    [
        (0, None, set(), None, ("completed", "exit", "exit 0")),
        (3, None, set(), None, ("broken", "exit", "exit 3")),
        (None, SEGV, set(), None, ("broken", "signal", "killed by SIGSEGV")),
        (None, INT, set(), None, ("broken", "signal", "killed by SIGINT")),
        (None, INT, {INT}, None, ("suspended", "user", "Ctrl-C")),
        (1, None, {INT}, None, ("suspended", "user", "Ctrl-C")),
        (0, None, {INT}, None, ("completed", "exit", "exit 0")),
        (None, signal.SIGQUIT, {signal.SIGQUIT}, None, ("suspended", "user", "SIGQUIT")),
        (None, TERM, {TERM}, None, ("interrupted", "terminated", "SIGTERM")),
        (0, None, {TERM}, None, ("interrupted", "terminated", "SIGTERM")),
        (None, HUP, {HUP, INT}, None, ("interrupted", "terminated", "SIGHUP")),
        (0, None, {USR1}, None, ("completed", "exit", "exit 0")),
        (1, None, {USR1}, None, ("interrupted", "terminated", "SIGUSR1")),
        (
            0,
            None,
            {TERM},
            Order(TERM, 30.0, "suspended", "suspended by ada"),
            ("suspended", "user", "suspended by ada"),
        ),
        (None, signal.SIGKILL, {INT}, Order(signal.SIGKILL, 0.0, "broken", "killed"), ("broken", "user", "killed")),
    ],
)
def test_verdict(
    code: int | None, number: int | None, seen: set[int], order: Order | None, expected: tuple[str, str, str]
) -> None:
    assert verdict(code, number, seen, order) == expected


@pytest.mark.parametrize(
    ("code", "number", "seen", "expected"),
    [
        (None, TERM, {TERM}, ("interrupted", "scheduler", "SIGTERM in SLURM job 7")),
        (1, None, {USR1}, ("interrupted", "scheduler", "SIGUSR1 in SLURM job 7")),
        (None, signal.SIGXCPU, {signal.SIGXCPU}, ("interrupted", "scheduler", "SIGXCPU in SLURM job 7")),
        (None, INT, {INT}, ("suspended", "user", "Ctrl-C")),
        (3, None, set(), ("broken", "exit", "exit 3")),
    ],
)
def test_verdict_inside_a_job(
    code: int | None, number: int | None, seen: set[int], expected: tuple[str, str, str]
) -> None:
    assert verdict(code, number, seen, None, "SLURM job 7") == expected


@pytest.mark.parametrize(
    ("code", "number", "seen", "expected"),
    [
        (None, signal.SIGKILL, set(), ("broken", "memory", "out of memory")),
        (1, None, set(), ("broken", "memory", "exit 1, out of memory")),
        (None, SEGV, set(), ("broken", "memory", "killed by SIGSEGV, out of memory")),
        (0, None, set(), ("completed", "exit", "exit 0")),
        (None, TERM, {TERM}, ("interrupted", "terminated", "SIGTERM")),
    ],
)
def test_verdict_when_memory_ran_out(
    code: int | None, number: int | None, seen: set[int], expected: tuple[str, str, str]
) -> None:
    assert verdict(code, number, seen, None, "", "out of memory") == expected
