"""A file that is there whole and durable, under its name, or not at all."""

from __future__ import annotations

import errno
import os

from kleio.errors import OutputFailed, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import BinaryIO


class WholeFile:
    """A file that appears under its name when the block ends well, whole and durable; otherwise nothing appears."""

    def __init__(self, path: str, *, replace: bool = False) -> None:
        self.path = os.path.realpath(path)
        directory = os.path.dirname(self.path)
        if os.path.isdir(path):
            raise UsageError(f"{path} is a directory", hint="name the file that shall be written in it")
        if os.path.exists(path) and not os.path.isfile(path):
            raise UsageError(f"{path} is no ordinary file", hint="`-` writes to stdout")
        if os.path.lexists(path) and not replace:
            raise _exists(path)
        self._directory = directory
        self._temporary = os.path.join(directory, f".kleio-{os.urandom(6).hex()}")
        self._replace = replace
        self._file: BinaryIO | None = None

    def __enter__(self) -> BinaryIO:
        descriptor = os.open(self._temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "w+b")
        return self._file

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._file is not None
        try:
            with self._file:
                if kind is None:
                    self._file.flush()
                    os.fsync(self._file.fileno())
            if kind is None:
                self._appear()
        finally:
            if os.path.lexists(self._temporary):
                os.unlink(self._temporary)

    def _appear(self) -> None:
        if self._replace:
            os.replace(self._temporary, self.path)
        else:
            try:
                os.link(self._temporary, self.path)  # unlike a rename it never replaces what came in between
            except FileExistsError:
                raise _exists(self.path)
            except OSError as error:
                if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK):
                    raise
                os.replace(self._temporary, self.path)  # a file system without hard links
        descriptor = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _exists(path: str) -> OutputFailed:
    return OutputFailed(f"{path} exists already", hint="choose another name, or replace it with --force")
