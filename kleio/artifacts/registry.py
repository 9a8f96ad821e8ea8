"""Address of a journal → where its blobs live. Only the backend asked for is imported."""

from __future__ import annotations

from kleio.connection.address import parse_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.artifacts.contract import BlobStore
    from kleio.clock import Clock


def open_blobs(address: str, *, clock: Clock | None = None, timeout: float | None = None) -> BlobStore:
    """The blobs of the journal at ``address``: a directory beside the SQLite file, GridFS in the MongoDB database."""
    where = parse_address(address)
    if where.scheme == "sqlite":
        from kleio.artifacts.directory import BlobDirectory

        return BlobDirectory(f"{where.location}.blobs", clock)
    if where.scheme == "memory":
        from kleio.artifacts.memory import MemoryBlobs

        return MemoryBlobs(where.location, clock)
    from kleio.artifacts.gridfs import GridBlobs

    return GridBlobs(where, timeout=timeout)
