"""A small file of an attempt, written whole or not at all."""

from __future__ import annotations

import os

from kleio.spool.records.file import open_place

_REWRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


def write_whole(path: str, content: bytes, *, durable: bool) -> None:
    """Replace a file in one step: readers see the old content or the new one. Not where a symbolic link in place of its
    directory leads."""
    directory, name = os.path.split(path)
    temporary = f"{name}.{os.getpid()}.tmp"
    place = open_place(directory)
    try:
        descriptor = os.open(temporary, _REWRITE, 0o600, dir_fd=place)
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                if durable:
                    os.fsync(descriptor)
            os.replace(temporary, name, src_dir_fd=place, dst_dir_fd=place)
        except BaseException:
            os.unlink(temporary, dir_fd=place)
            raise
        if durable:
            os.fsync(place)
    finally:
        os.close(place)
