"""Blobs in the memory of this process, beside ``memory://`` journals."""

from __future__ import annotations

import hashlib

from kleio.artifacts.contract import CHUNK
from kleio.artifacts.digests import checked, compare, pieces, verified
from kleio.errors import BlobMissing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from kleio.artifacts.contract import BlobStore

_STORES: dict[str, dict[str, bytes]] = {}


class MemoryBlobs:
    """See :class:`kleio.artifacts.contract.BlobStore`."""

    def __init__(self, name: str) -> None:
        self._blobs = _STORES.setdefault(name, {})

    def put(self, source: BinaryIO, digest: str | None = None) -> str:
        expected = None if digest is None else checked(digest)
        content = b"".join(pieces(source))
        found = hashlib.sha256(content).hexdigest()
        compare(expected, found)
        self._blobs.setdefault(found, content)
        return found

    def has(self, digest: str) -> bool:
        return checked(digest) in self._blobs

    def open(self, digest: str) -> Iterator[bytes]:
        content = self._content(digest)
        return verified(digest, (content[start : start + CHUNK] for start in range(0, len(content), CHUNK)))

    def size(self, digest: str) -> int:
        return len(self._content(digest))

    def delete(self, digest: str) -> bool:
        return self._blobs.pop(checked(digest), None) is not None

    def digests(self) -> Iterator[str]:
        return iter(list(self._blobs))

    def sweep(self, age: float) -> int:
        return 0

    def close(self) -> None:
        pass

    def _content(self, digest: str) -> bytes:
        try:
            return self._blobs[checked(digest)]
        except KeyError:
            raise BlobMissing(f"the journal does not hold blob {digest}")


if TYPE_CHECKING:
    _kept: type[BlobStore] = MemoryBlobs
