"""Small files, read whole or not at all: they say something about code or environment, and may be missing."""

from __future__ import annotations

import os


def read_small(path: str, limit: int = 1 << 16) -> bytes | None:
    """The file's content; ``None`` if it cannot be read, is no regular file or is larger than ``limit``."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError):
        return None
    try:
        data = b""
        while len(data) <= limit:
            piece = os.read(fd, limit + 1 - len(data))
            if not piece:
                return data
            data += piece
        return None
    except OSError:
        return None
    finally:
        os.close(fd)
