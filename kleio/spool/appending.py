"""One file of output that its only writer appends to, and puts back if somebody removes it under the command."""

from __future__ import annotations

import os

from kleio.spool.records.file import copied, open_place

_CREATE = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


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
            descriptor = copied(self._directory, self._name, self._fd)
            os.close(self._fd)
            self._fd = descriptor
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


def _create(directory: str, name: str) -> int:
    place = open_place(directory)
    try:
        return os.open(name, _CREATE, 0o600, dir_fd=place)
    finally:
        os.close(place)
