"""Writes files below a directory. Their paths come from a journal that others may write.

A path is followed one part at a time from the open directory, never through a symbolic link, so that whatever the path
or the directory holds, nothing outside is touched; and nothing is ever written into a ``.git``.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager

from kleio.capture.code.git import ABSENT, SYMLINK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def is_inside(path: str) -> bool:
    """Whether ``path`` can only mean a file below the directory, and none that belongs to git."""
    return bool(path) and "\0" not in path and all(_is_name(part) for part in path.split("/"))


def _is_name(part: str) -> bool:
    return part not in ("", ".", "..") and part.lower().rstrip(". ") not in (".git", "git~1")


def write(directory: str, path: str, mode: str, data: bytes) -> None:
    """Put ``data`` at ``path``, whatever was there: a file or, by ``mode``, a symbolic link; nothing if it is absent.

    Raises ``OSError``.
    """
    with _parent_of(directory, path) as (parent, name):
        _remove(parent, name)
        if mode == ABSENT:
            return
        if mode == SYMLINK:
            os.symlink(data, os.fsencode(name), dir_fd=parent)
            return
        with open(os.open(name, _CREATE, 0o777 if mode == "100755" else 0o666, dir_fd=parent), "wb") as file:
            file.write(data)


def make_directory(directory: str, path: str) -> None:
    """Make the directory ``path`` and those above it, as far as they are missing. Raises ``OSError``."""
    with _parent_of(directory, f"{path}/x"):
        pass


def link(directory: str, path: str, target: str) -> None:
    """Make ``path`` a symbolic link to ``target``. Raises ``OSError``, also if something is there."""
    with _parent_of(directory, path) as (parent, name):
        os.symlink(target, name, dir_fd=parent)


@contextmanager
def _parent_of(directory: str, path: str) -> Iterator[tuple[int, str]]:
    if not is_inside(path):
        raise PermissionError(1, "this path leads somewhere else", path)
    *above, name = path.split("/")
    place = os.open(directory, _DIRECTORY & ~os.O_NOFOLLOW)
    try:
        for part in above:
            try:
                os.mkdir(part, dir_fd=place)
            except FileExistsError:
                pass
            below = os.open(part, _DIRECTORY, dir_fd=place)
            os.close(place)
            place = below
        yield place, name
    finally:
        os.close(place)


def _remove(parent: int, name: str) -> None:
    try:
        if stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
            os.rmdir(name, dir_fd=parent)
        else:
            os.unlink(name, dir_fd=parent)
    except FileNotFoundError:
        pass


def read(directory: str, path: str, mode: str) -> bytes | None:
    """What lies at ``path`` in the user's own directory, as a file or as a link; ``None`` if it is something else."""
    place = os.path.join(directory, path)
    try:
        if mode == SYMLINK:
            return os.readlink(os.fsencode(place))
        with open(os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
            return file.read() if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None
    except OSError:
        return None
