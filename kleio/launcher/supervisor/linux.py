"""The Linux calls that Python lacks: signalfd(2) and prctl(2). Where they are missing, the launcher does without."""

from __future__ import annotations

import ctypes
import os
import struct

from kleio.dataclass import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SI_KERNEL = 128
"""``si_code`` of a signal that the kernel made, such as Ctrl-C at a terminal."""

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NAME = 15
_PR_SET_CHILD_SUBREAPER = 36
_SFD_CLOEXEC = os.O_CLOEXEC
_SFD_NONBLOCK = os.O_NONBLOCK
_SIGINFO = struct.Struct("=IiiI")
_SIGINFO_SIZE = 128

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Signal:
    """One signal that arrived: its number, whether the kernel made it, and the process that sent it."""

    number: int
    from_kernel: bool
    sender: int


def signal_fd(numbers: Iterable[int]) -> int:
    """A descriptor that becomes readable when one of the (blocked) signals is pending."""
    mask = ctypes.create_string_buffer(128)
    _libc.sigemptyset(mask)
    for number in numbers:
        _libc.sigaddset(mask, number)
    fd: int = _libc.signalfd(-1, mask, _SFD_CLOEXEC | _SFD_NONBLOCK)
    if fd < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return fd


def read_signals(fd: int) -> list[Signal]:
    """All signals pending on a descriptor of :func:`signal_fd`."""
    arrived: list[Signal] = []
    while True:
        try:
            data = os.read(fd, _SIGINFO_SIZE * 16)
        except BlockingIOError:
            return arrived
        for start in range(0, len(data), _SIGINFO_SIZE):
            number, _, code, sender = _SIGINFO.unpack_from(data, start)
            arrived.append(Signal(number, code == SI_KERNEL, sender))


def die_with_parent(number: int) -> None:
    """Ask the kernel to send this process ``number`` when its parent dies; an exec keeps the wish."""
    _libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent died, so that none stays a zombie or goes unseen."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def call_oneself(name: bytes) -> None:
    """Set the name by which ``ps`` and ``killall`` know this process (at most 15 bytes)."""
    _libc.prctl(_PR_SET_NAME, name, 0, 0, 0)


def show_as(words: Iterable[str]) -> None:
    """Have ``ps`` and ``pkill -f`` see these words as the command line of this process, as far as there is room.

    It is the memory in which the kernel put the words with which the program was started; nobody reads it but the
    kernel, for the interpreter made copies.
    """
    try:
        with open("/proc/self/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        start, end = int(fields[45]), int(fields[46])
    except (OSError, ValueError, IndexError):
        return
    if 0 < start < end:
        line = b"\0".join(map(os.fsencode, words))[: end - start - 1]
        ctypes.memset(start, 0, end - start)
        ctypes.memmove(start, line, len(line))


def leave_no_core() -> None:
    """Do not write a core file when this process dies of a signal: the command has written its own."""
    _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
