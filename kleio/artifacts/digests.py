"""The names of blobs, checked: they become paths and keys."""

from __future__ import annotations

import hashlib
import re

from kleio.artifacts.contract import CHUNK
from kleio.errors import BlobCorrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

_DIGEST = re.compile(r"[0-9a-f]{64}")


def checked(digest: str) -> str:
    """The digest itself, or ``ValueError``."""
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"{digest!r} is not a sha256 in 64 hexadecimal digits")
    return digest


def pieces(source: BinaryIO, size: int = CHUNK) -> Iterator[bytes]:
    """What is left in ``source``; every piece but the last has ``size`` bytes, also from pipes that return less."""
    while True:
        piece = source.read(size)
        while piece and len(piece) < size and (more := source.read(size - len(piece))):
            piece += more
        if not piece:
            return
        yield piece


def verified(digest: str, content: Iterable[bytes]) -> Iterator[bytes]:
    """The same pieces; ``BlobCorrupt`` after the last if together they are not what the digest names."""
    hashing = hashlib.sha256()
    for piece in content:
        hashing.update(piece)
        yield piece
    compare(digest, hashing.hexdigest())


def compare(expected: str | None, found: str) -> None:
    """``BlobCorrupt`` if the digests differ."""
    if expected is not None and found != expected:
        raise BlobCorrupt(f"the bytes of blob {expected} have the digest {found}")
