"""The processes of this machine that belong to an attempt, found by what they inherited or by their parents."""

from __future__ import annotations

import os
import select

from kleio.spool.handshake import SPOOL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

TRIES = 50
BLINK = 0.01
"""A process shows no environment while it executes another program, and while it ends: it is looked at again so often,
at this interval."""
_KERNEL_THREAD = 0x00200000


def of_attempt(directory: str) -> list[int]:
    """Processes that carry this attempt's ``KLEIO_SPOOL``: its command and what that started, wherever they hang."""
    mark = b"\0" + SPOOL.encode() + b"=" + os.fsencode(directory) + b"\0"
    found, hidden = _sorted_by(mark, pids())
    for _ in range(TRIES):
        if not hidden:
            break
        select.select([], [], [], BLINK)
        more, hidden = _sorted_by(mark, hidden)
        found += more
    return sorted(found)


def by_attempt() -> dict[str, list[int]]:
    """The processes of every attempt that runs here, by its spool directory: one look at all processes."""
    mark = b"\0" + SPOOL.encode() + b"="
    found: dict[str, list[int]] = {}
    for pid in pids():
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                _, there, rest = (b"\0" + file.read()).partition(mark)
        except OSError:
            continue  # ended meanwhile, or another user's
        if there:
            found.setdefault(os.fsdecode(rest.partition(b"\0")[0]), []).append(pid)
    return found


def _sorted_by(mark: bytes, candidates: Iterable[int]) -> tuple[list[int], list[int]]:
    """Those of the candidates that carry the mark, and those that do not show what they carry at this moment."""
    found, hidden = [], []
    for pid in candidates:
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                environ = file.read()
            if not environ:
                if _lives(pid):
                    hidden.append(pid)
            elif mark in b"\0" + environ + b"\0":
                found.append(pid)
        except OSError:
            continue  # ended meanwhile, or another user's
    return found, hidden


def _lives(pid: int) -> bool:
    """Whether this is a process that has not ended; a thread of the kernel is none."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    return fields[0] not in (b"Z", b"X") and not int(fields[6]) & _KERNEL_THREAD


def pids() -> list[int]:
    """All processes that this one may see."""
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def descendants(root: int) -> list[int]:
    """The processes below ``root``, parents before children, as ``/proc`` shows them now."""
    children: dict[int, list[int]] = {}
    for pid in pids():
        parent = parent_of(pid)
        if parent is not None:
            children.setdefault(parent, []).append(pid)
    found: list[int] = []
    waiting = [root]
    while waiting:
        below = children.get(waiting.pop(0), [])
        found += below
        waiting += below
    return found


def parent_of(pid: int) -> int | None:
    """The process that a process is a child of; ``None`` if it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return None
