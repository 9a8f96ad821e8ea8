"""Whether a command failed because memory ran out: the control group's count of such kills, or the kernel's log.

The counter belongs to the group and not to a process, so it is read before the command starts and after it has failed.
Version 2 keeps it in ``memory.events``, version 1 in ``memory.oom_control``. Where neither tells, as when the whole
machine was out of memory and no group, the kernel's log names the process; most users may not read it, and then
nothing is said.
"""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

GROUPS = "/sys/fs/cgroup"
OWN_GROUPS = "/proc/self/cgroup"
KERNEL_LOG = "/dev/kmsg"
UNLIMITED = 1 << 60
"""What version 1 calls no limit is about 2**63."""
_RECORD = 8192
_KILLED = rb"[Oo]ut of memory: Killed process (\d+)"


class MemoryWatch:
    """Looks at the counters when made, and again when asked."""

    def __init__(self, groups: str = GROUPS, own: str = OWN_GROUPS, log: str = KERNEL_LOG) -> None:
        self._log = log
        self._files = list(_files(groups, own))
        self._before = {events: _count(events) for events, _ in self._files}

    def verdict(self, pid: int, since: float) -> str:
        """How memory ran out; empty if it did not, or nobody tells. ``pid`` is the command's, ``since`` is when it was
        started, by the monotonic clock."""
        for events, limit in self._files:
            kills = _count(events) - self._before[events]
            if kills > 0:
                from kleio.units import size_text

                allowed = _number(limit)
                text = f", which allows {size_text(allowed)}" if 0 < allowed < UNLIMITED else ""
                count = "a process" if kills == 1 else f"{kills} processes"
                return f"out of memory: the kernel killed {count} of its control group{text}"
        if pid in _killed(self._log, since):
            return "out of memory: the kernel killed it"
        return ""


def _files(groups: str, own: str) -> Iterator[tuple[str, str]]:
    """Of each memory controller the file with the counter and the one with the limit. In a container the path that the
    kernel names may be another one than is mounted: then it is the root of what is."""
    for line in _read(own).splitlines():
        _, controllers, path = (line.split(":", 2) + ["", ""])[:3]
        if controllers == "":
            mounts, events, limit = [groups, f"{groups}/unified"], "memory.events", "memory.max"
        elif "memory" in controllers.split(","):
            mounts, events, limit = [f"{groups}/memory"], "memory.oom_control", "memory.limit_in_bytes"
        else:
            continue
        for place in [mount + path.rstrip("/") for mount in mounts] + mounts:
            if os.path.exists(f"{place}/{events}"):
                yield f"{place}/{events}", f"{place}/{limit}"
                break


def _count(events: str) -> int:
    for line in _read(events).splitlines():
        name, _, value = line.partition(" ")
        if name == "oom_kill" and value.strip().isdigit():
            return int(value)
    return 0


def _number(path: str) -> int:
    text = _read(path).strip()
    return int(text) if text.isdigit() else 0


def _killed(log: str, since: float) -> set[int]:
    """The processes that the kernel says it killed for their memory since then. One read gives one record:
    ``priority,number,microseconds,flags;text``."""
    found: set[int] = set()
    try:
        descriptor = os.open(log, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return found
    try:
        while True:
            try:
                data = os.read(descriptor, _RECORD)
            except BrokenPipeError:
                continue  # records were overwritten while this was reading
            except OSError:
                return found  # that is all of it
            if not data:
                return found
            for record in data.splitlines():
                _take(record, since, found)
    finally:
        os.close(descriptor)


def _take(record: bytes, since: float, found: set[int]) -> None:
    head, _, text = record.partition(b";")
    match = re.search(_KILLED, text)
    fields = head.split(b",")
    if match and len(fields) > 2 and fields[2].isdigit() and int(fields[2]) / 1e6 >= since - 1:
        found.add(int(match[1]))


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
