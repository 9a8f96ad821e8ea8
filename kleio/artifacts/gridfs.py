"""Blobs in MongoDB's GridFS, bucket ``blobs``: the digest is the file name, so ``mongofiles`` can fetch one as well.

Every put writes its chunks under a new id and the files document last, so puts of the same bytes never meet, and an
interrupted one leaves nothing but chunks that nobody refers to. A unique index on the name lets one files document
win; the others drop their chunks and are content. Chunks are written and read by ourselves: the driver's own class
collects up to 48 MB in memory.
"""

from __future__ import annotations

import datetime
import hashlib
from collections import deque
from functools import partial
from io import BytesIO
from itertools import islice

from bson import ObjectId
from pymongo import errors

from kleio.artifacts.digests import checked, compare, pieces, verified
from kleio.artifacts.sending import Sending
from kleio.connection.mongodb import acquire, greeting, release
from kleio.errors import BlobMissing, JournalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Any, BinaryIO

    from pymongo.database import Database

    from kleio.artifacts.contract import BlobStore
    from kleio.connection.address import Address
    from kleio.connection.mongodb import Connection

CHUNK = 255 << 10
"""GridFS's own: a chunk with its document stays below a power of two."""
TOGETHER = 8 * CHUNK
"""Bytes that travel together."""
UNDERWAY = 4
"""How many times that, at most, while more is read."""
MANY = 1_000
"""Small blobs that do."""
RECENTLY = 3_600.0
"""Seconds; of small blobs that come again, times that are younger are left as they are: the collector waits longer."""
_DUPLICATE = 11000


class GridBlobs:
    """See :class:`kleio.artifacts.contract.BlobStore`."""

    def __init__(self, where: Address, *, timeout: float | None = None) -> None:
        self.address = where.printable
        self._connection: Connection | None = acquire(where, timeout)
        self._indexed = False

    def put(self, source: BinaryIO, digest: str | None = None, *, path: str | None = None) -> str:
        with self._open as database:
            self._index(database)
            if digest is not None and _renew(database, checked(digest)):
                return _hashed(source, digest)
            upload = ObjectId()
            try:
                found, size = _write_chunks(database, upload, source)
                compare(digest, found)
            except BaseException:
                _drop_chunks(database, upload)
                raise
            # From here on an error does not tell whether the document was written: then its chunks must stay.
            if not _write_file(database, upload, found, size):
                _drop_chunks(database, upload)
        return found

    def put_many(self, contents: Sequence[bytes]) -> list[str]:
        digests = [hashlib.sha256(content).hexdigest() for content in contents]
        small = {}
        for digest, content in zip(digests, contents, strict=True):
            if len(content) > CHUNK:
                self.put(BytesIO(content), digest)
            else:
                small[digest] = content
        with self._open as database:
            self._index(database)
            now = greeting(database)[0]
            for names in _batches(small):
                new = names - _renewed(database, names, now)
                _write_together(database, {name: small[name] for name in new}, now)
        return digests

    def has(self, digest: str) -> bool:
        return self._file(digest) is not None

    def missing(self, digests: Collection[str]) -> set[str]:
        wanted = {"filename": {"$in": sorted(map(checked, digests))}}
        with self._open as database, database.blobs.files.find(wanted, {"filename": 1}) as files:
            return {*digests} - {file["filename"] for file in files}

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

    def _index(self, database: Database[Any]) -> None:
        if not self._indexed:
            database.blobs.files.create_index([("filename", 1)], unique=True)
            database.blobs.chunks.create_index([("files_id", 1), ("n", 1)], unique=True)
            self._indexed = True

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
    """Digest and size of what was written. While bytes are on their way, the next are read and hashed."""
    hashing, size = hashlib.sha256(), 0
    underway: deque[Sending] = deque()
    try:
        chunks = enumerate(pieces(source, CHUNK))
        while taken := list(islice(chunks, TOGETHER // CHUNK)):
            for _, piece in taken:
                hashing.update(piece)
                size += len(piece)
            if len(underway) == UNDERWAY:
                underway.popleft().arrive()
            documents = [{"_id": ObjectId(), "files_id": upload, "n": n, "data": piece} for n, piece in taken]
            underway.append(Sending(partial(database.blobs.chunks.insert_many, documents)))
        for sent in underway:
            sent.arrive()
    finally:
        for sent in underway:
            sent.join()  # however it is left, nothing is on its way any more
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


def _batches(blobs: Mapping[str, bytes]) -> Iterator[set[str]]:
    """Their digests, as many at a time as travel together."""
    batch: set[str] = set()
    size = 0
    for digest, content in blobs.items():
        if batch and (len(batch) >= MANY or size + len(content) > TOGETHER):
            yield batch
            batch, size = set(), 0
        batch.add(digest)
        size += len(content)
    if batch:
        yield batch


def _renewed(database: Database[Any], digests: Iterable[str], now: float) -> set[str]:
    """Those that are here; their time is now, or was not long ago."""
    wanted = {"filename": {"$in": sorted(digests)}}
    with database.blobs.files.find(wanted, {"filename": 1, "uploadDate": 1}) as files:
        dates = {file["filename"]: file["uploadDate"] for file in files}
    old = sorted(digest for digest, date in dates.items() if now - int(date) / 1000 > RECENTLY)
    if old:
        renewed = database.blobs.files.update_many({"filename": {"$in": old}}, {"$currentDate": {"uploadDate": True}})
        if renewed.matched_count < len(old):  # the collector came in between
            return dates.keys() - old
    return set(dates)


def _write_together(database: Database[Any], blobs: Mapping[str, bytes], now: float) -> None:
    """As ``put`` does with one: all chunks, then all files documents, then what others wrote first is dropped."""
    if not blobs:
        return
    uploads = {digest: ObjectId() for digest in blobs}
    chunks = [
        {"_id": ObjectId(), "files_id": uploads[digest], "n": 0, "data": content}
        for digest, content in blobs.items()
        if content
    ]
    if chunks:
        database.blobs.chunks.insert_many(chunks, ordered=False)
    date = datetime.datetime.fromtimestamp(now, datetime.timezone.utc)
    files = [
        {"_id": uploads[digest], "filename": digest, "length": len(content), "chunkSize": CHUNK, "uploadDate": date}
        for digest, content in blobs.items()
    ]
    try:
        database.blobs.files.insert_many(files, ordered=False)
    except errors.BulkWriteError as error:
        details = error.details
        if details.get("writeConcernErrors") or any(each["code"] != _DUPLICATE for each in details["writeErrors"]):
            raise
        # Somebody else was faster with these; or the driver's second try, after a lost reply, met its first.
        with database.blobs.files.find({"_id": {"$in": [*uploads.values()]}}, {"_id": 1}) as found:
            lost = {*uploads.values()} - {file["_id"] for file in found}
        _drop_chunks(database, {"$in": sorted(lost)})


def _drop_chunks(database: Database[Any], upload: ObjectId | dict[str, Any]) -> None:
    try:
        database.blobs.chunks.delete_many({"files_id": upload})
    except errors.PyMongoError:
        pass  # nobody refers to them: a sweep finds them


def _read_chunks(connection: Connection, file: Mapping[str, Any]) -> Iterator[bytes]:
    with connection as database:
        query = {"files_id": file["_id"]}
        with database.blobs.chunks.find(query, {"data": 1}, sort=[("n", 1)], batch_size=TOGETHER // CHUNK) as chunks:
            for chunk in chunks:
                yield bytes(chunk["data"])


if TYPE_CHECKING:
    _kept: type[BlobStore] = GridBlobs
