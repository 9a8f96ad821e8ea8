"""Wakes what Ctrl-Z stopped, so that it can obey: a launcher that is stopped hears nothing, and would wait for `fg`.

Only processes of this machine and only those that are stopped get the signal: the launcher, its supervisor, the command
and what that started.
"""

from __future__ import annotations

import os
import signal

from kleio.launcher.stop import send
from kleio.launcher.supervisor.forking import NAME
from kleio.spool.attempt.liveness import process_lives
from kleio.spool.attempt.processes import descendants, of_attempt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

STOPPED = b"T"


def wake(document: Mapping[str, Any], spool: str) -> list[int]:
    """Continue the stopped processes of a held trial whose spool lies here. Returns them."""
    holder = document.get("holder") or {}
    if holder.get("host") != os.uname().nodename:
        return []
    front = holder.get("pid")
    found: set[int] = set()
    if front and process_lives(holder):
        found.update((int(front), *descendants(int(front))))
    commands = of_attempt(spool)
    found.update(commands)
    found.update(parent for pid in commands if (parent := _supervisor_of(pid)) is not None)
    stopped = sorted(pid for pid in found if _fields(pid)[:1] == [STOPPED])
    send(signal.SIGCONT, stopped)
    return stopped


def _supervisor_of(pid: int) -> int | None:
    """The parent of a command, if it is kleio's supervisor: its front may be gone."""
    fields = _fields(pid)
    try:
        with open(f"/proc/{int(fields[1])}/comm", "rb") as file:
            return int(fields[1]) if file.read().strip() == NAME else None
    except (OSError, IndexError):
        return None


def _fields(pid: int) -> list[bytes]:
    """State, parent and so on of a process; nothing if it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return []
