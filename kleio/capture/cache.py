"""Remembers what is slow to find out, as small JSON files under ``<data>/cache/<kind>/``.

An entry is named by everything it depends on, so it is never out of date, only unused; the oldest go when there are
many. A missing, torn or foreign entry is a miss, and a cache that cannot be written costs time, nothing else.
"""

from __future__ import annotations

import hashlib
import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Json = Any

ENTRIES = 256
"""Entries of one kind that are kept."""
SIZE = 8 << 20
"""An entry larger than this is not ours."""


def recall(data: str, kind: str, key: str) -> Json:
    """The remembered value, ``None`` if there is none."""
    if not data:
        return None
    try:
        fd = os.open(_path(data, kind, key), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (OSError, ValueError):
        return None
    try:
        with open(fd, "rb") as file:
            entry = json.loads(file.read(SIZE))
    except (OSError, ValueError, RecursionError):
        return None
    if isinstance(entry, dict) and entry.get("key") == key:
        return entry.get("value")
    return None


def remember(data: str, kind: str, key: str, value: Json) -> None:
    """Keep ``value``; another process sees the whole entry or none."""
    if not data:
        return
    path = _path(data, kind, key)
    temporary = f"{path}.{os.getpid()}.{os.urandom(4).hex()}"
    try:
        for directory in (data, os.path.join(data, "cache"), os.path.dirname(path)):
            os.makedirs(directory, mode=0o700, exist_ok=True)
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with open(fd, "wb") as file:
                file.write(json.dumps({"key": key, "value": value}).encode("ascii"))
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
            return
        _prune(os.path.dirname(path))
    except OSError:
        return


def _path(data: str, kind: str, key: str) -> str:
    name = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return os.path.join(data, "cache", kind, name)


def _prune(directory: str) -> None:
    with os.scandir(directory) as found:
        entries = list(found)
    if len(entries) <= ENTRIES:
        return
    ages = []
    for entry in entries:
        try:
            ages.append((entry.stat(follow_symlinks=False).st_mtime_ns, entry.path))
        except FileNotFoundError:
            continue
    for _, path in sorted(ages)[: len(ages) // 2]:
        try:
            os.unlink(path)
        except FileNotFoundError:
            continue
