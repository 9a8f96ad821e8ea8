"""What every blob store promises; ``tests/contract/test_artifacts.py`` holds each backend to it.

A blob is bytes named by their sha256 in 64 hexadecimal digits. It is whole or absent: bytes are durable before
``put`` returns, and a reference to a blob is written only after that. Storing the same bytes twice stores them once,
and renews the time by which the collector judges its age. A digest that is not 64 hexadecimal digits is a
``ValueError``. Further errors are those of :mod:`kleio.journal.contract`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO, Protocol

CHUNK = 1 << 20
"""Bytes are streamed in pieces of this size: memory does not grow with the blob."""

if TYPE_CHECKING:

    class BlobStore(Protocol):
        """Where files live, by digest."""

        def put(self, source: BinaryIO, digest: str | None = None) -> str:
            """Store what is read from ``source`` up to its end; returns its digest.

            If ``digest`` is given and the bytes do not match it, nothing is kept and ``BlobCorrupt`` is raised.
            """

        def has(self, digest: str) -> bool:
            """Whether the blob is here, whole."""

        def open(self, digest: str) -> Iterator[bytes]:
            """The bytes in pieces, verified: ``BlobCorrupt`` at the end if they do not match their digest,
            ``BlobMissing`` at once if there is no such blob."""

        def size(self, digest: str) -> int:
            """How many bytes. ``BlobMissing`` if there is no such blob."""

        def delete(self, digest: str) -> bool:
            """Remove it. False if it was not there."""

        def digests(self) -> Iterator[str]:
            """All that is stored, in no order."""

        def sweep(self, age: float) -> int:
            """Remove what interrupted puts left behind more than ``age`` seconds ago; how many there were."""

        def close(self) -> None:
            """Let go of connections. Safe to repeat."""
