"""Ends a command and all that it started: a signal to the whole tree, then SIGKILL when its patience is over."""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def send(number: int, pids: Iterable[int]) -> None:
    """Send a signal to each process that still exists. SIGTERM also wakes a stopped one, so that it can obey."""
    for pid in pids:
        try:
            os.kill(pid, number)
            if number == signal.SIGTERM:
                os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            continue
        except PermissionError:
            continue  # a setuid program: only its owner may stop it
