"""Blobs in the memory of this process, beside ``memory://`` journals."""

from __future__ import annotations

import hashlib
from io import BytesIO

from kleio.artifacts.contract import CHUNK
from kleio.artifacts.digests import checked, compare, pieces, verified
from kleio.clock import SystemClock
from kleio.errors import BlobMissing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from typing import BinaryIO

    from kleio.artifacts.contract import BlobStore
    from kleio.clock import Clock

_STORES: dict[str, tuple[dict[str, bytes], dict[str, float]]] = {}
"""Of each store the blobs, and when they were put."""


class MemoryBlobs:
    """See :class:`kleio.artifacts.contract.BlobStore`."""

    def __init__(self, name: str, clock: Clock | None = None) -> None:
        self._blobs, self._times = _STORES.setdefault(name, ({}, {}))
        self._clock = clock or SystemClock()

    def put(self, source: BinaryIO, digest: str | None = None, *, path: str | None = None) -> str:
        expected = None if digest is None else checked(digest)
        content = b"".join(pieces(source))
        found = hashlib.sha256(content).hexdigest()
        compare(expected, found)
        self._blobs.setdefault(found, content)
        self._times[found] = self._clock.wall()
        return found

    def put_many(self, contents: Sequence[bytes]) -> list[str]:
        return [self.put(BytesIO(content)) for content in contents]

    def has(self, digest: str) -> bool:
        return checked(digest) in self._blobs

    def missing(self, digests: Collection[str]) -> set[str]:
        return {digest for digest in digests if not self.has(digest)}

    def open(self, digest: str) -> Iterator[bytes]:
        content = self._content(digest)
        return verified(digest, (content[start : start + CHUNK] for start in range(0, len(content), CHUNK)))

    def size(self, digest: str) -> int:
        return len(self._content(digest))

    def last_put(self, digest: str) -> float:
        self._content(digest)
        return self._times[digest]

    def now(self) -> float:
        return self._clock.wall()

    def collect(self, digest: str, before: float) -> bool:
        if self._times.get(checked(digest), before) >= before:
            return False
        del self._times[digest]
        return self._blobs.pop(digest, None) is not None

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
