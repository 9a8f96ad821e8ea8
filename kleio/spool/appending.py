"""One file of output that its only writer appends to, and puts back if somebody removes it under the command."""

from __future__ import annotations

import os

from kleio.spool.records.file import open_place

_CREATE = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
_COPY = 1 << 20


class AppendedFile:
    """The file ``name`` of ``directory``. Raises ``OSError`` when it cannot be made."""

    def __init__(self, directory: str, name: str) -> None:
        self._directory, self._name = directory, name
        self._fd = _create(directory, name)
        self.size = 0

    def append(self, data: bytes | memoryview) -> int:
        """How much of it the disk took."""
        written = os.write(self._fd, data)
        self.size += written
        return written

    def look_after(self) -> int:
        """Put the file back if it was removed or replaced. How many of its bytes are gone, because somebody cut it off.

        Raises ``OSError`` while it cannot be put back: what was written is still behind the descriptor.
        """
        status = os.fstat(self._fd)
        gone = max(0, self.size - status.st_size)
        self.size -= gone
        if not self._is_there(status):
            self._put_back()
        return gone

    def _is_there(self, status: os.stat_result) -> bool:
        try:
            return os.path.samestat(os.lstat(os.path.join(self._directory, self._name)), status)
        except FileNotFoundError:
            return False

    def sync(self) -> None:
        """Make it durable. Raises ``OSError``."""
        os.fdatasync(self._fd)

    def close(self) -> None:
        os.close(self._fd)

    def _put_back(self) -> None:
        temporary = f"{self._name}.{os.getpid()}.tmp"
        descriptor = _create(self._directory, temporary, os.O_EXCL)
        place = open_place(self._directory)
        try:
            position = 0
            while part := os.pread(self._fd, _COPY, position):
                position += os.write(descriptor, part)
            os.rename(temporary, self._name, src_dir_fd=place, dst_dir_fd=place)
        except BaseException:
            os.close(descriptor)
            os.unlink(temporary, dir_fd=place)
            raise
        finally:
            os.close(place)
        os.close(self._fd)
        self._fd = descriptor


def _create(directory: str, name: str, more: int = 0) -> int:
    place = open_place(directory)
    try:
        return os.open(name, _CREATE | more, 0o600, dir_fd=place)
    finally:
        os.close(place)
