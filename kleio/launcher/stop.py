"""Ends a command and all that it started: a signal to the whole tree, then SIGKILL when its patience is over."""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def descendants(root: int) -> list[int]:
    """The processes below ``root``, parents before children, as ``/proc`` shows them now."""
    children: dict[int, list[int]] = {}
    for pid in _pids():
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


def of_attempt(spool: str) -> list[int]:
    """Processes that carry this attempt's ``KLEIO_SPOOL``: its command and what that started, wherever they hang."""
    mark = b"\0KLEIO_SPOOL=" + os.fsencode(spool) + b"\0"
    found = []
    for pid in _pids():
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if mark in b"\0" + file.read() + b"\0":
                    found.append(pid)
        except OSError:
            continue  # ended meanwhile, or another user's
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


def _pids() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def _parent(pid: int) -> int | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return None
