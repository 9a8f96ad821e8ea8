"""The bytes of artifacts on their way to the blob store: before the records that name them, small ones together.

Bytes that are missing or damaged in the spool are reported and the record is shipped all the same: it tells what was
there. A digest becomes part of a path, so what does not look like one is nobody's name.
"""

from __future__ import annotations

import os
from binascii import Error as Undecodable
from binascii import a2b_base64

from kleio.artifacts.contract import REFER_WITHIN
from kleio.errors import BlobCorrupt
from kleio.spool import blobs
from kleio.spool.records.segments import STATISTICS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from kleio.artifacts.contract import BlobStore
    from kleio.clock import Clock
    from kleio.spool.records.reader import Record

    Report = Callable[[Record, str], None]

_HEXADECIMAL = frozenset("0123456789abcdef")


class Cargo:
    """What the records of one attempt's directory bring along."""

    def __init__(
        self, directory: str, open_blobs: Callable[[], BlobStore], pulse: Callable[[], None], clock: Clock
    ) -> None:
        """``open_blobs`` is called when the first artifact is met; ``pulse`` now and then while a large one is sent."""
        self._directory, self._open_blobs, self._pulse, self._clock = directory, open_blobs, pulse, clock
        self._opened: BlobStore | None = None
        self._began = (0.0, 0.0)
        self._files: list[str] = []
        self._small: list[bytes] = []

    def deliver(self, records: Iterable[Record], report: Report) -> None:
        """Store the bytes that records name; those inside of records are taken out of them.

        ``report`` is told of what could not be stored.
        """
        self._began = self._clock.wall(), self._clock.monotonic()
        self._files, self._small = [], []
        together: list[tuple[Record, str]] = []
        for record in records:
            body = record.body
            if record.stream == STATISTICS or not isinstance(body, dict) or "size" not in body:
                continue
            digest: Any = body.get("digest")
            if not _is_digest(digest):
                continue
            if isinstance(body.get("data"), str):
                record.body = {name: value for name, value in body.items() if name != "data"}
                together.append((record, digest))
                self._small.append(_decoded(body["data"]))
            elif self._put_reported(record, digest, report):
                self._files.append(digest)
        if together:
            found = self._store.put_many(self._small)
            for (record, digest), stored in zip(together, found, strict=True):
                if stored != digest:
                    report(record, f"the bytes of artifact {digest[:12]} are damaged")

    def settle(self) -> None:
        """The records are shipped: what they name does not wait here any more.

        While this process was stopped, the collector may have found blobs that nothing referred to yet: then they are
        put again.
        """
        wall, monotonic = self._began
        late = max(abs(self._clock.wall() - wall), self._clock.monotonic() - monotonic) > REFER_WITHIN
        if late and self._small:
            self._store.put_many(self._small)
        for digest in dict.fromkeys(self._files):
            if late:
                self._put(digest)
            try:
                os.unlink(blobs.path_of(self._directory, digest))
            except FileNotFoundError:
                pass  # named by two records of the batch
        self._files, self._small = [], []

    def close(self) -> None:
        """Let go of the blob store."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def _store(self) -> BlobStore:
        if self._opened is None:
            self._opened = self._open_blobs()
        return self._opened

    def _put(self, digest: str) -> None:
        path = blobs.path_of(self._directory, digest)
        with open(path, "rb", buffering=0) as file:
            self._store.put(blobs.Pulsing(file, self._pulse), digest, path=path)  # type: ignore[arg-type]

    def _put_reported(self, record: Record, digest: str, report: Report) -> bool:
        try:
            self._put(digest)
            return True
        except FileNotFoundError:
            if not self._store.has(digest):
                report(record, f"the bytes of artifact {digest[:12]} are missing")
        except BlobCorrupt:
            report(record, f"the bytes of artifact {digest[:12]} are damaged")
        return False


def _decoded(data: str) -> bytes:
    try:
        return a2b_base64(data)
    except (Undecodable, ValueError):
        return b""  # whose digest is another one


def _is_digest(value: Any) -> bool:
    """The spool belongs to the script's user, but a digest becomes part of a path all the same."""
    return isinstance(value, str) and len(value) == 64 and _HEXADECIMAL.issuperset(value)
