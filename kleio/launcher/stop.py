"""Ends a command and all that it started: a signal to the whole tree, then SIGKILL when its patience is over."""

from __future__ import annotations

import os
import signal

from kleio.spool.processes import pids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def descendants(root: int) -> list[int]:
    """The processes below ``root``, parents before children, as ``/proc`` shows them now."""
    children: dict[int, list[int]] = {}
    for pid in pids():
        parent = _parent(pid)
        if parent is not None:
            children.setdefault(parent, []).append(pid)
    found: list[int] = []
    waiting = [root]
    while waiting:
        below = children.get(waiting.pop(0), [])
        found += below
        waiting += below
    return found


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


def _parent(pid: int) -> int | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return None
