"""One record file for many short processes: what ``kleio log`` in a loop of a shell script appends to.

A process that writes a single record is not worth a file of its own. These processes take turns at
``shell-<host>-<boot>-<random>.ksp``: whoever holds its lock reads where the last one stopped, appends and leaves.
Nobody waits: if all such files are locked, by a process that was stopped for instance, another one is made. The kernel
lets go of a lock at any death, and what a killed process left of a record, which it never answered for, is cut off.
"""

from __future__ import annotations

import errno
import fcntl
import os
from zlib import crc32

from kleio.clock import SystemClock
from kleio.spool.records.file import HEADER_LENGTH, SUFFIX, SpoolFile, default_stem
from kleio.spool.records.jsonline import encode
from kleio.spool.records.reader import LONGEST, Record, read_records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.clock import Clock

PREFIX = "shell"
_OPEN = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
_WINDOW = 4096


def append(directory: str, stream: str, body: Any, *, durable: bool = False, clock: Clock | None = None) -> None:
    """Write one record into the attempt's directory. Raises ``OSError`` if it cannot be kept."""
    append_json(directory, stream, encode(body), durable=durable, clock=clock)


def append_json(
    directory: str, stream: str, body: str, *, durable: bool = False, clock: Clock | None = None
) -> None:  # fmt: skip
    """The same for a body that is one line of ASCII JSON already."""
    clock = clock or SystemClock()
    host_and_boot = default_stem().rpartition("-")[0]
    file = _free_file(directory, f"{PREFIX}-{host_and_boot}-")
    try:
        file.write(stream, body, clock.wall())
        if durable:
            file.sync()
    finally:
        file.close()


class SharedFile(SpoolFile):
    """A record file that another process began. Whoever makes one holds the lock of ``descriptor``."""

    def __init__(self, directory: str, name: str, descriptor: int) -> None:
        self.directory, self.name = directory, name
        self._end = self._hold(descriptor).st_size
        header = os.pread(descriptor, HEADER_LENGTH, 0)
        if self._end < HEADER_LENGTH or header[14:46] != header[47:79]:
            raise OSError(errno.ESTALE, "the header is damaged, or not there yet")
        self._salt_crc = crc32(bytes.fromhex(header[14:46].decode("ascii")))
        self._ragged = self._entered = False
        if os.pread(descriptor, 1, self._end - 1) != b"\n":
            self._cut_off()
        self.sequence = self._next()

    def _cut_off(self) -> None:
        start = max(0, self._end - LONGEST)
        tail = os.pread(self._fd, LONGEST, start)
        self._end = start + tail.rfind(b"\n") + 1
        os.ftruncate(self._fd, self._end)

    def _next(self) -> int:
        """The number of the next record: one more than that of the last whole one."""
        window = _WINDOW
        while True:
            start = max(HEADER_LENGTH, self._end - window)
            last = -1
            for item in read_records(self._path, offset=start):
                if isinstance(item, Record):
                    last = item.sequence
            if last >= 0 or start == HEADER_LENGTH:
                return last + 1
            window *= 16


def _free_file(directory: str, prefix: str) -> SpoolFile:
    for name in sorted(os.listdir(directory)):
        if name.startswith(prefix) and name.endswith(SUFFIX):
            file = _locked(directory, name)
            if file is not None:
                return file
    while True:
        new = SpoolFile(directory, f"{prefix}{os.urandom(4).hex()}", numbered=False)
        new.close()
        file = _locked(directory, new.name + SUFFIX)
        if file is not None:  # else somebody was faster to take it
            return file


def _locked(directory: str, name: str) -> SpoolFile | None:
    """The file, locked, or ``None`` if somebody else has it or it cannot be continued."""
    try:
        descriptor = os.open(f"{directory}/{name}", _OPEN)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_nlink:
            return SharedFile(directory, name.removesuffix(SUFFIX), descriptor)
    except (OSError, ValueError):
        pass
    os.close(descriptor)
    return None
