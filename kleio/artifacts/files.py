"""How the bytes of one blob come to lie in a file, durable: copied, or linked where they lie already."""

from __future__ import annotations

import hashlib
import os
import stat
import threading

from kleio.artifacts.contract import CHUNK
from kleio.artifacts.digests import pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO


def linked(path: str, source: BinaryIO, name: str) -> bool:
    """Whether ``name`` is now another name of the file that ``source`` reads."""
    try:
        os.link(path, name, follow_symlinks=False)
    except OSError:
        return False  # on another disk, or a file system without links
    found = os.lstat(name)
    if stat.S_ISREG(found.st_mode) and os.path.samestat(found, os.fstat(source.fileno())):
        os.utime(source.fileno())  # it is put now, however long it has waited
        return True
    os.unlink(name)
    return False


def synced(source: BinaryIO) -> tuple[str, int]:
    """Digest and size of a file that is where it shall be: hashed while the disk takes it."""
    failures: list[OSError] = []

    def sync() -> None:
        try:
            os.fsync(source.fileno())
        except OSError as error:
            failures.append(error)

    syncing = threading.Thread(target=sync, name="kleio-sync")
    syncing.start()
    try:
        hashing, size = hashlib.sha256(), 0
        for piece in pieces(source):
            hashing.update(piece)
            size += len(piece)
    finally:
        syncing.join()
    if failures:
        raise failures[0]
    return hashing.hexdigest(), size


def copied(source: BinaryIO, name: str) -> tuple[str, int]:
    """Digest and size of what was copied to a new file, which is durable."""
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        hashing, size = hashlib.sha256(), 0
        for piece in pieces(source):
            hashing.update(piece)
            size += len(piece)
            rest = memoryview(piece)
            while rest:
                rest = rest[file.write(rest) :]
        os.fsync(descriptor)
    return hashing.hexdigest(), size


def sync_names(directory: str) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def reading(file: BinaryIO) -> Iterator[bytes]:
    """Its content in pieces; closed at the end."""
    with file:
        yield from pieces(file, CHUNK)


def names(directory: str) -> list[str]:
    """What lies in a directory; nothing if there is none."""
    try:
        return os.listdir(directory)
    except (FileNotFoundError, NotADirectoryError):
        return []
