"""How an end becomes a status."""

from __future__ import annotations

import signal

import pytest

from kleio.launcher.ending import verdict
from kleio.spool.orders import Order

INT, TERM, HUP, USR1, SEGV = signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGSEGV


@pytest.mark.parametrize(
    ("code", "number", "seen", "order", "expected"),
    [
        (0, None, set(), None, ("completed", "exit 0")),
        (3, None, set(), None, ("broken", "exit 3")),
        (None, SEGV, set(), None, ("broken", "killed by SIGSEGV")),
        (None, INT, set(), None, ("broken", "killed by SIGINT")),
        (None, INT, {INT}, None, ("suspended", "Ctrl-C")),
        (1, None, {INT}, None, ("suspended", "Ctrl-C")),
        (0, None, {INT}, None, ("completed", "exit 0")),
        (None, signal.SIGQUIT, {signal.SIGQUIT}, None, ("suspended", "SIGQUIT")),
        (None, TERM, {TERM}, None, ("interrupted", "SIGTERM")),
        (0, None, {TERM}, None, ("interrupted", "SIGTERM")),
        (None, HUP, {HUP, INT}, None, ("interrupted", "SIGHUP")),
        (0, None, {USR1}, None, ("completed", "exit 0")),
        (1, None, {USR1}, None, ("interrupted", "SIGUSR1")),
        (0, None, {TERM}, Order(TERM, 30.0, "suspended", "suspended by ada"), ("suspended", "suspended by ada")),
        (None, signal.SIGKILL, {INT}, Order(signal.SIGKILL, 0.0, "broken", "killed"), ("broken", "killed")),
    ],
)
def test_verdict(
    code: int | None, number: int | None, seen: set[int], order: Order | None, expected: tuple[str, str]
) -> None:
    assert verdict(code, number, seen, order) == expected
