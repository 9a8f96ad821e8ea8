"""An artifact as a script reads it: at hand by the thousand, opened only where it is read."""

from __future__ import annotations

import io
import weakref

from kleio.client.failing import without_driver
from kleio.spool import blobs
from kleio.spool.attempt.directory import read_attempt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

    from kleio.artifacts.contract import BlobStore

MEMORY = 8 << 20
"""An artifact up to this size is read into memory, a larger one into a temporary file."""


class Content:
    """Where the bytes are: in the spool, or in the journal's store, which is opened for the first that only it has."""

    def __init__(self, spool: str) -> None:
        self._spool = spool
        self._store: BlobStore | None = None

    def open(self, digest: str) -> IO[bytes]:
        """The bytes of this digest, from their beginning."""
        try:
            return open(blobs.path_of(self._spool, digest), "rb")
        except FileNotFoundError:
            return self._fetch(digest)

    def _fetch(self, digest: str) -> IO[bytes]:
        from tempfile import SpooledTemporaryFile

        file = SpooledTemporaryFile(MEMORY)
        try:
            with without_driver():
                for piece in self._opened().open(digest):
                    file.write(piece)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    def _opened(self) -> BlobStore:
        if self._store is None:
            from kleio.artifacts.registry import open_blobs

            self._store = open_blobs(read_attempt(self._spool).journal)
            weakref.finalize(self, self._store.close)  # with the last file that may still ask for it
        return self._store


class StoredFile(io.BufferedIOBase):
    """A binary file to be read, which takes a descriptor from its first use until it is closed."""

    def __init__(self, content: Content, digest: str) -> None:
        self._content, self._digest = content, digest
        self._file: IO[bytes] | None = None

    def _opened(self) -> IO[bytes]:
        if self.closed:
            raise ValueError("I/O operation on closed file")
        if self._file is None:
            self._file = self._content.open(self._digest)
        return self._file

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """``size`` bytes, or all that are left."""
        return self._opened().read(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        """The same."""
        return self.read(size)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Up to the end of the line."""
        return self._opened().readline(-1 if size is None else size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place; returns it."""
        file = self._opened()
        file.seek(offset, whence)
        return file.tell()

    def tell(self) -> int:
        """The place."""
        return self._opened().tell()

    def fileno(self) -> int:
        """Its descriptor."""
        return self._opened().fileno()

    def close(self) -> None:
        """Let go of the descriptor. Safe to repeat; what nobody refers to any more is closed by itself."""
        if self._file is not None:
            self._file.close()
        super().close()


def stored_file(content: Content, body: Any) -> IO[bytes]:
    """The file that a reference names."""
    if "data" in body:
        from binascii import a2b_base64

        return io.BytesIO(a2b_base64(body["data"]))
    return StoredFile(content, body["digest"])  # type: ignore[return-value]  # typing.IO knows no files but Python's own
