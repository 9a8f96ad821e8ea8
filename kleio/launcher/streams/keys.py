"""Brings typed keys to a program that asks its *output* for them, as pagers do.

``less`` opens the terminal that it finds behind its stderr, ``more`` reads stderr itself: under kleio that is a pty
with nobody to type on it. Such a program is known by two signs together. It switched the pty's modes, and it either
has the pty open for reading only, or waits for input of its stdout or stderr. As long as both hold, keys are read
from the user's terminal, whose modes mirror the pty's, and handed on. Nothing is read from the terminal otherwise:
what is typed belongs to the command's stdin.
"""

from __future__ import annotations

import os
import select
import signal
import struct

from kleio.launcher.streams.terminal import is_foreground
from kleio.spool.attempt.processes import descendants

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.launcher.streams.terminal import Pty

LOOK_EVERY = 0.1
"""Seconds between two looks while a program has switched modes and does not read from the pty (yet)."""
_CALLS = {
    "x86_64": {"0": "read", "7": "poll", "271": "poll"},
    "aarch64": {"63": "read", "73": "poll"},
}.get(os.uname().machine, {})
"""The system calls that wait for input, by the numbers that ``/proc/PID/syscall`` shows."""
_POLLFD = struct.Struct("=ihh")


class Keys:
    """The keys for at most one of the ptys at a time."""

    def __init__(self, ptys: list[Pty]) -> None:
        self._ptys = ptys
        self._pty: Pty | None = None
        self._terminal = -1

    @property
    def wanted(self) -> bool:
        """Whether some program has switched modes, so that it is worth to :meth:`look` again soon."""
        return self._pty is None and any(pty.is_mirrored for pty in self._ptys)

    @property
    def source(self) -> list[int]:
        """The descriptor to wait for, if keys are to be carried now."""
        return [self._terminal] if self._pty is not None and is_foreground(self._terminal) else []

    def look(self) -> None:
        """Begin or end to carry keys, as the programs are now."""
        if self._pty is not None and not self._pty.is_mirrored:
            self._pty = None
        for pty in self._ptys if self.wanted else ():
            if pty.is_mirrored and _is_read(pty.path) and self._open():
                self._pty = pty

    def carry(self) -> None:
        """Hand on what was typed."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTIN])
        try:
            data = os.read(self._terminal, 4096)
            if self._pty is not None:
                os.write(self._pty.master, data)
        except OSError:
            self._pty = None  # in the background now, or the terminal is gone
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _open(self) -> bool:
        if self._terminal < 0:
            try:
                self._terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
            except OSError:
                return False
        return True


def _is_read(path: str) -> bool:
    """Whether a process of this command reads the terminal at ``path``."""
    return any(_waits_for(pid, path) or _has_for_reading(pid, path) for pid in descendants(os.getpid()))


def _has_for_reading(pid: int, path: str) -> bool:
    try:
        numbers = [name for name in os.listdir(f"/proc/{pid}/fd") if int(name) > 2]
        return any(os.readlink(f"/proc/{pid}/fd/{name}") == path and _is_read_only(pid, name) for name in numbers)
    except OSError:
        return False


def _is_read_only(pid: int, number: str) -> bool:
    with open(f"/proc/{pid}/fdinfo/{number}", encoding="ascii") as file:
        flags = next(line.split()[1] for line in file if line.startswith("flags:"))
    return int(flags, 8) & os.O_ACCMODE == os.O_RDONLY


def _waits_for(pid: int, path: str) -> bool:
    """Whether the process is in a read or a poll for input of the pty, as its stdout or stderr."""
    try:
        with open(f"/proc/{pid}/syscall", encoding="ascii") as file:
            words = file.read().split()
        numbers = _read_numbers(pid, words) & {1, 2}
        return any(os.readlink(f"/proc/{pid}/fd/{number}") == path for number in numbers)
    except (OSError, IndexError):
        return False


def _read_numbers(pid: int, words: list[str]) -> set[int]:
    """The descriptors that a process waits to read, from its line in ``/proc/PID/syscall``."""
    name = _CALLS.get(words[0])
    if name == "read":
        return {int(words[1], 16)}
    if name != "poll":
        return set()
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        memory.seek(int(words[1], 16))
        entries = _POLLFD.iter_unpack(memory.read(_POLLFD.size * min(int(words[2], 16), 64)))
        return {number for number, events, _ in entries if events & select.POLLIN}
