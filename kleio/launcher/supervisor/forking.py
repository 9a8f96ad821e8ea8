"""How the supervisor is born: forked from the front before anything else, with its signals on a descriptor."""

from __future__ import annotations

import os
import signal

from kleio.launcher import child
from kleio.launcher.supervisor import descriptors, linux, relay
from kleio.launcher.supervisor.process import Supervisor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Set
    from typing import NoReturn


NAME = b"supervisor"
"""Not the front's: ``killall kleio`` means the front, which passes the signal on; a signal that both get counts as sent
to the whole group (:mod:`kleio.launcher.supervisor.relay`)."""


def fork_supervisor() -> tuple[int, int, int]:
    """Start the supervisor. Returns its pid, the pipe to write requests to and the pipe to read reports from.

    On return the caller's signals are as before; in the supervisor they arrive through a descriptor.
    """
    descriptors.occupy_standard()
    requests, to_supervisor = os.pipe()
    to_front, reports = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    handled = [*relay.forwardable(), signal.SIGCHLD, signal.SIGWINCH]
    signal.pthread_sigmask(signal.SIG_BLOCK, handled)
    pid = os.fork()
    if pid == 0:
        os.close(to_supervisor)
        os.close(to_front)
        _live(requests, reports, handled, before)
    os.close(requests)
    os.close(reports)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return pid, to_supervisor, to_front


def _live(requests: int, reports: int, handled: list[int], before: Set[int]) -> NoReturn:
    code = 1
    try:
        linux.call_oneself(NAME)
        signals = linux.signal_fd(handled)
        Supervisor(requests, reports, signals, before).run(child.initial_environment())
        code = 0
    finally:
        os._exit(code)
