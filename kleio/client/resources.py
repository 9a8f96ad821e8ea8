"""Inputs of a script, by name, size and digest: enough to tell later whether they are still the same.

A record of the stream ``resources``::

    {"name": text, "kind": "file" | "directory" | "name", "metadata": {name: value, …},
     "sha256": 64 hexadecimal digits, "bytes": size, "path": text, "files": count}          what is known

The digest of a directory is that of its files' names, sizes and digests, in the order of their names; symbolic links
count as what they say, not as what they lead to. Nothing is copied.
"""

from __future__ import annotations

import hashlib
import os

from kleio.spool.blobs import Unreadable, pieces, refuse_unreadable, seekable
from kleio.spool.records.jsonline import encode
from kleio.spool.records.values import normalise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["STREAM", "Unreadable", "describe"]

STREAM = "resources"


def describe(name: str, source: Any) -> dict[str, Any]:
    """All of a record but name and metadata. Raises ``Unreadable`` if ``source`` fails."""
    if source is None:
        if not os.path.exists(name):
            return {"kind": "name"}
        source = name
    if isinstance(source, str | os.PathLike):
        path = os.path.abspath(os.fsdecode(source))
        found = _directory(path) if os.path.isdir(path) else _content(path)
        return {**found, "path": normalise(path)}
    position = _position(source)
    try:
        return _content(source)
    finally:
        if position is not None:
            source.seek(position)


def _position(source: Any) -> int | None:
    """Where a file object stands that can be put back there. Raises ``Unreadable``."""
    try:
        refuse_unreadable(source)
        return int(source.tell()) if hasattr(source, "read") and seekable(source) else None
    except Exception as error:  # as in pieces
        raise Unreadable(str(error)) from error


def _content(source: Any) -> dict[str, Any]:
    digest, size = _digest(source)
    return {"kind": "file", "sha256": digest, "bytes": size}


def _digest(source: Any) -> tuple[str, int]:
    sha, size = hashlib.sha256(), 0
    for piece in pieces(source):
        sha.update(piece)
        size += len(piece)
    return sha.hexdigest(), size


def _directory(path: str) -> dict[str, Any]:
    sha, total, count = hashlib.sha256(), 0, 0
    try:
        for name, below in _walk(path, ""):
            if os.path.islink(below):
                line = [name, "link", os.readlink(below)]
            else:
                digest, size = _digest(below)
                total, count = total + size, count + 1
                line = [name, str(size), digest]
            sha.update(encode([normalise(part) for part in line]).encode("ascii") + b"\n")
    except OSError as error:
        raise Unreadable(str(error)) from error
    return {"kind": "directory", "sha256": sha.hexdigest(), "bytes": total, "files": count}


def _walk(path: str, prefix: str) -> Iterator[tuple[str, str]]:
    """Files and symbolic links below ``path``: names relative to it, and full paths."""
    with os.scandir(path) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, f"{prefix}{entry.name}/")
        elif entry.is_symlink() or entry.is_file(follow_symlinks=False):
            yield prefix + entry.name, entry.path
