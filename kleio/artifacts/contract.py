"""What every blob store promises; ``tests/contract/test_artifacts.py`` holds each backend to it.

A blob is bytes named by their sha256 in 64 hexadecimal digits. It is whole or absent: bytes are durable before
``put`` returns, and a reference to a blob is written only after that. Storing the same bytes twice stores them once,
and renews the time by which the collector judges its age. A digest that is not 64 hexadecimal digits is a
``ValueError``. Further errors are those of :mod:`kleio.journal.contract`.

The collector (``launcher/care/collecting``) removes blobs that nothing refers to and that nobody has put for ``AGE``.
So whoever puts a blob, even one that ``has`` knows already, and refers to it within ``REFER_WITHIN`` never loses it;
whoever is later than that puts it once more behind the reference. ``docs/design/collection.rst`` says why that is
enough.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from typing import BinaryIO, Protocol

CHUNK = 1 << 20
"""Bytes are streamed in pieces of this size: memory does not grow with the blob."""

AGE = 24 * 3600.0
"""Seconds for which a blob that nothing refers to is left alone after each put."""
REFER_WITHIN = 3600.0
"""Seconds between a put and its reference after which the put is repeated."""

if TYPE_CHECKING:

    class BlobStore(Protocol):
        """Where files live, by digest."""

        def put(self, source: BinaryIO, digest: str | None = None, *, path: str | None = None) -> str:
            """Store what is read from ``source`` up to its end; returns its digest.

            If ``digest`` is given and the bytes do not match it, nothing is kept and ``BlobCorrupt`` is raised.
            ``path`` names the file that ``source`` reads if nobody will ever write to it again: a store on the same
            disk need not copy it.
            """

        def put_many(self, contents: Sequence[bytes]) -> list[str]:
            """Store small blobs together, at little more than the price of one; their digests, in order.

            All of them are durable on return. After an error some may be stored.
            """

        def has(self, digest: str) -> bool:
            """Whether the blob is here, whole."""

        def missing(self, digests: Collection[str]) -> set[str]:
            """Those of the blobs that are not here: one question for hundreds of them."""

        def open(self, digest: str) -> Iterator[bytes]:
            """The bytes in pieces, verified: ``BlobCorrupt`` at the end if they do not match their digest,
            ``BlobMissing`` at once if there is no such blob."""

        def size(self, digest: str) -> int:
            """How many bytes. ``BlobMissing`` if there is no such blob."""

        def last_put(self, digest: str) -> float:
            """When it was put the last time, by the store's own clock. ``BlobMissing`` if there is no such blob."""

        def now(self) -> float:
            """The time by the store's own clock, seconds since the epoch."""

        def collect(self, digest: str, before: float) -> bool:
            """Remove the blob if it was put for the last time before that moment of the store's clock, else False.

            One step: a put at the same time either renews the blob, which stays, or stores it anew.
            """

        def digests(self) -> Iterator[str]:
            """All that is stored, in no order."""

        def sweep(self, age: float) -> int:
            """Remove what interrupted puts left behind more than ``age`` seconds ago; how many there were.

            The room of what was collected goes back to the disk.
            """

        def close(self) -> None:
            """Let go of connections. Safe to repeat."""
