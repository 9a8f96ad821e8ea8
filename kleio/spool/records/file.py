"""One record file on disk, as its only writer sees it: created, appended to, cut back, put back, made durable.

The format is that of :mod:`kleio.spool.records.log`.
"""

from __future__ import annotations

import errno
import fcntl
import os
from zlib import crc32

VERSION = 1
SUFFIX = ".ksp"
RESERVE = "reserve"
"""The file beside it that is given up for last words when the disk is full."""
MAX_RECORD = 1 << 20
HEADER_LENGTH = 80
_SHORT = "short write: no space left on device"
_APART = (960, 480, 240, 120, 60)
"""From where on a descriptor is looked for, if the process may have so many. ``open`` gives the lowest free number: so
a script that closes all descriptors, as daemons do, gets none of ours for a file of its own, and we write into none of
its files."""
CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


class SpoolFile:
    """One record file. What raises ``OSError`` leaves it ending with its last whole record."""

    def __init__(self, directory: str, stem: str, numbered: bool = True) -> None:
        """Create ``stem-N`` with the first free number; unless ``numbered``, plain ``stem`` if that is free."""
        self.directory = directory
        self.name, descriptor = _create(directory, stem, numbered)
        self._hold(_apart(descriptor))
        salt = os.urandom(16)
        header = b"kleio-spool %d %s %s\n" % (VERSION, salt.hex().encode(), salt.hex().encode())
        self._header, self._salt_crc = header, crc32(salt)
        self.sequence = 0
        """Of the next record."""
        self._end = HEADER_LENGTH
        self._ragged = self._entered = False
        try:
            if os.write(self._fd, header) != HEADER_LENGTH:
                raise OSError(errno.ENOSPC, _SHORT)
        except OSError:
            os.unlink(self._path)
            self.close()
            raise

    def _hold(self, descriptor: int) -> os.stat_result:
        self._fd = descriptor
        status = os.fstat(descriptor)
        self._which = status.st_dev, status.st_ino
        return status

    def _status(self) -> os.stat_result:
        """Of the file behind the descriptor. ``EBADF`` if that is not ours any more: the script closed ours, and may
        have opened a file of its own since, which has the number now."""
        status = os.fstat(self._fd)
        if (status.st_dev, status.st_ino) != self._which:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return status

    @property
    def _path(self) -> str:
        return f"{self.directory}/{self.name}{SUFFIX}"

    def write(self, stream: str, body: str, wall: float) -> int:
        """Append one record; its sequence number."""
        sequence = self.sequence
        data = f'{sequence} {{"t":{int(wall * 1e6)},"s":"{stream}","b":{body}}}'.encode("ascii")
        if len(data) > MAX_RECORD:
            raise too_large(stream)
        line = b"%08x %b\n" % (crc32(data, self._salt_crc), data)
        if self._ragged:
            line = b"\n" + line
        end = self._end + len(line)
        try:
            if os.write(self._fd, line) != len(line):
                raise OSError(errno.ENOSPC, _SHORT)
            self.sequence, self._end, self._ragged = sequence + 1, end, False
        except BaseException:  # an interrupt may strike before or after the write itself: the file knows
            self._settle(sequence + 1, end)
            raise
        return sequence

    def _settle(self, sequence: int, end: int) -> None:
        size = self._status().st_size
        if size == end:
            self.sequence, self._end = sequence, end
        elif size > self._end:
            try:
                os.ftruncate(self._fd, self._end)
            except OSError:  # what stays becomes a line of its own, which readers skip
                self._ragged, self._end = True, size

    def look_after(self) -> None:
        """Put the file back if somebody removed, replaced or emptied it; go on behind the cut if somebody truncated
        it. The records before the cut, if nobody has read them, are a hole in the numbers."""
        status = self._status()
        try:
            ours = os.path.samestat(os.lstat(self._path), status)
        except FileNotFoundError:
            ours = False
        if status.st_size < self._end:
            self._end = status.st_size
            self._ragged = self._end > 0 and os.pread(self._fd, 1, self._end - 1) != b"\n"
        has_header = os.pread(self._fd, HEADER_LENGTH, 0) == self._header
        if not ours or not has_header:
            self._put_back(b"" if has_header else self._header)

    def _put_back(self, begin: bytes) -> None:
        """What was written is still behind the descriptor: give it its name again, with ``begin`` before it."""
        try:
            descriptor = copied(self.directory, self.name + SUFFIX, self._fd, begin)
        except IsADirectoryError:
            raise OSError(errno.ESTALE, "a directory is in the place of the spool file")
        os.close(self._fd)
        self._end, self._entered = self._hold(_apart(descriptor)).st_size, False

    def sync(self) -> None:
        """Make all records durable. After an error the file must be given up: a second try may falsely succeed."""
        self._status()
        os.fdatasync(self._fd)
        if not self._entered:
            descriptor = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            self._entered = True

    def close(self) -> None:
        """Let go of the file."""
        try:
            self._status()
        except OSError:
            return
        os.close(self._fd)


def too_large(stream: str) -> OSError:
    """Why a record of this stream is refused. Of an artifact its bytes are no part of the record."""
    mend = "keep such a value as an artifact"
    if stream in ("artifacts", "resources"):
        mend = "keep what is large in the file, not in its name or metadata"
    return OSError(errno.EMSGSIZE, f"a record holds at most 1 MiB; {mend}")


def _apart(descriptor: int) -> int:
    """The same file behind a number that nobody else is likely to be given."""
    for number in _APART:
        try:
            apart = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, number)
        except OSError:  # so many this process may not have
            continue
        os.close(descriptor)
        return apart
    return descriptor


def copied(directory: str, name: str, source: int, begin: bytes = b"") -> int:
    """A file of this name, whatever stands there, with ``begin`` and all that is behind the descriptor ``source``; the
    descriptor that appends to it."""
    temporary = f"{name}.{os.getpid()}.tmp"
    place = open_place(directory)
    try:
        descriptor = os.open(temporary, CREATE, 0o600, dir_fd=place)
        try:
            while begin:
                begin = begin[os.write(descriptor, begin) :]
            position = 0
            while piece := os.pread(source, MAX_RECORD, position):
                position += os.write(descriptor, piece)
            os.rename(temporary, name, src_dir_fd=place, dst_dir_fd=place)
        except BaseException:
            os.close(descriptor)
            os.unlink(temporary, dir_fd=place)
            raise
    finally:
        os.close(place)
    return descriptor


def default_stem() -> str:
    """``host-boot-pid`` of this process, in characters that are safe in a file name."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot = file.read(8)
    except OSError:
        boot = "0"
    return safe_name(f"{os.uname().nodename}-{boot}-{os.getpid()}")


def safe_name(text: str) -> str:
    """``text`` with everything outside ``[A-Za-z0-9._-]`` replaced, not hidden, at most 80 characters."""
    kept = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_" for letter in text)
    return kept.lstrip(".")[-80:] or "_"


def _create(directory: str, stem: str, numbered: bool) -> tuple[str, int]:
    number = 0
    while True:
        name = f"{stem}-{number}" if numbered or number else stem
        try:
            return name, _open_new(directory, name)
        except FileExistsError:
            number += 1


def _open_new(directory: str, name: str) -> int:
    place = open_place(directory)
    try:
        return os.open(name + SUFFIX, CREATE, 0o600, dir_fd=place)
    finally:
        os.close(place)


def open_place(directory: str) -> int:
    """The directory, unless somebody put a symbolic link in its place."""
    place = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    if os.fstat(place).st_uid != os.geteuid():
        os.close(place)
        raise OSError(errno.EPERM, "the spool belongs to another user")
    return place
