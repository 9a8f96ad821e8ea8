"""Blobs in MongoDB's GridFS, bucket ``blobs``: the digest is the file name, so ``mongofiles`` can fetch one as well.

Every put writes its chunks under a new id and the files document last, so puts of the same bytes never meet, and an
interrupted one leaves nothing but chunks that nobody refers to. A unique index on the name lets one files document
win; the others drop their chunks and are content. Chunks are written and read by ourselves: the driver's own class
collects up to 48 MB in memory.
"""

from __future__ import annotations

import datetime
import hashlib

from bson import ObjectId
from pymongo import errors

from kleio.artifacts.digests import checked, compare, pieces, verified
from kleio.connection.mongodb import acquire, greeting, release
from kleio.errors import BlobMissing, JournalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, BinaryIO

    from pymongo.database import Database

    from kleio.artifacts.contract import BlobStore
    from kleio.connection.address import Address
    from kleio.connection.mongodb import Connection

CHUNK = 255 << 10
"""GridFS's own: a chunk with its document stays below a power of two."""
TOGETHER = 8
"""Chunks that travel together: 2 MB."""


class GridBlobs:
    """See :class:`kleio.artifacts.contract.BlobStore`."""

    def __init__(self, where: Address, *, timeout: float | None = None) -> None:
        self.address = where.printable
        self._connection: Connection | None = acquire(where, timeout)
        self._indexed = False

    def put(self, source: BinaryIO, digest: str | None = None) -> str:
        with self._open as database:
            if not self._indexed:
                database.blobs.files.create_index([("filename", 1)], unique=True)
                database.blobs.chunks.create_index([("files_id", 1), ("n", 1)], unique=True)
                self._indexed = True
            if digest is not None and _renew(database, checked(digest)):
                return _hashed(source, digest)
            upload = ObjectId()
            kept = False
            try:
                found, size = _write_chunks(database, upload, source)
                compare(digest, found)
                kept = _write_file(database, upload, found, size)
            finally:
                if not kept:
                    _drop_chunks(database, upload)
        return found

    def has(self, digest: str) -> bool:
        return self._file(digest) is not None

    def open(self, digest: str) -> Iterator[bytes]:
        file = self._file(digest)
        if file is None:
            raise BlobMissing(f"the journal {self.address} does not hold blob {digest}")
        return verified(digest, _read_chunks(self._open, file))

    def size(self, digest: str) -> int:
        file = self._file(digest)
        if file is None:
            raise BlobMissing(f"the journal {self.address} does not hold blob {digest}")
        return int(file["length"])

    def last_put(self, digest: str) -> float:
        file = self._file(digest)
        if file is None:
            raise BlobMissing(f"the journal {self.address} does not hold blob {digest}")
        return int(file["uploadDate"]) / 1000

    def now(self) -> float:
        with self._open as database:
            return greeting(database)[0]

    def collect(self, digest: str, before: float) -> bool:
        moment = datetime.datetime.fromtimestamp(before, datetime.timezone.utc)
        with self._open as database:
            file = database.blobs.files.find_one_and_delete(
                {"filename": checked(digest), "uploadDate": {"$lt": moment}}
            )
            if file is not None:
                database.blobs.chunks.delete_many({"files_id": file["_id"]})
        return file is not None

    def digests(self) -> Iterator[str]:
        with self._open as database, database.blobs.files.find({}, {"filename": 1}) as files:
            for file in files:
                yield file["filename"]

    def sweep(self, age: float) -> int:
        removed = 0
        with self._open as database:
            oldest = datetime.datetime.fromtimestamp(greeting(database)[0] - age, datetime.timezone.utc)
            before = ObjectId.from_datetime(oldest)
            after: dict[str, Any] = {"$lt": before}
            while True:
                chunk = database.blobs.chunks.find_one({"files_id": after}, {"files_id": 1}, sort=[("files_id", 1)])
                if chunk is None:
                    return removed
                upload = chunk["files_id"]
                after = {"$lt": before, "$gt": upload}
                if database.blobs.files.find_one({"_id": upload}, {"_id": 1}) is None:
                    database.blobs.chunks.delete_many({"files_id": upload})
                    removed += 1

    def close(self) -> None:
        if self._connection is not None:
            release(self._connection)
        self._connection = None

    @property
    def _open(self) -> Connection:
        if self._connection is None:
            raise JournalError(f"the blobs of {self.address} are closed")
        return self._connection

    def _file(self, digest: str) -> dict[str, Any] | None:
        with self._open as database:
            found: dict[str, Any] | None = database.blobs.files.find_one({"filename": checked(digest)})
        return found


def _renew(database: Database[Any], digest: str) -> bool:
    """Whether the blob is here; then its time is now, so that the collector leaves it alone."""
    renewed = database.blobs.files.update_one({"filename": digest}, {"$currentDate": {"uploadDate": True}})
    return renewed.matched_count == 1


def _hashed(source: BinaryIO, digest: str) -> str:
    hashing = hashlib.sha256()
    for piece in pieces(source):
        hashing.update(piece)
    compare(digest, hashing.hexdigest())
    return digest


def _write_chunks(database: Database[Any], upload: ObjectId, source: BinaryIO) -> tuple[str, int]:
    """Digest and size of what was written."""
    hashing, size = hashlib.sha256(), 0
    waiting: list[dict[str, Any]] = []
    for number, piece in enumerate(pieces(source, CHUNK)):
        hashing.update(piece)
        size += len(piece)
        waiting.append({"_id": ObjectId(), "files_id": upload, "n": number, "data": piece})
        if len(waiting) == TOGETHER:
            database.blobs.chunks.insert_many(waiting)
            waiting = []
    if waiting:
        database.blobs.chunks.insert_many(waiting)
    return hashing.hexdigest(), size


def _write_file(database: Database[Any], upload: ObjectId, digest: str, size: int) -> bool:
    """True if the blob is now the one that this upload wrote, False if there is one already (whose time is renewed)."""
    update = {
        "$setOnInsert": {"_id": upload, "length": size, "chunkSize": CHUNK},
        "$currentDate": {"uploadDate": True},
    }
    try:
        result = database.blobs.files.update_one({"filename": digest}, update, upsert=True)
    except errors.DuplicateKeyError:  # two at once: now it is there
        result = database.blobs.files.update_one({"filename": digest}, update, upsert=True)
    if result.upserted_id is not None:
        return True
    # After a lost reply the driver's second try finds what the first one wrote.
    return database.blobs.files.find_one({"_id": upload}, {"_id": 1}) is not None


def _drop_chunks(database: Database[Any], upload: ObjectId) -> None:
    try:
        database.blobs.chunks.delete_many({"files_id": upload})
    except errors.PyMongoError:
        pass  # nobody refers to them: a sweep finds them


def _read_chunks(connection: Connection, file: Mapping[str, Any]) -> Iterator[bytes]:
    with connection as database:
        query = {"files_id": file["_id"]}
        with database.blobs.chunks.find(query, {"data": 1}, sort=[("n", 1)], batch_size=TOGETHER) as chunks:
            for chunk in chunks:
                yield bytes(chunk["data"])


if TYPE_CHECKING:
    _kept: type[BlobStore] = GridBlobs
