"""What only GridFS can do wrong: chunks without a file, files without a chunk, and other programs that read along."""

from __future__ import annotations

import hashlib
import io
import os
import re
import signal
import subprocess
import sys
import tracemalloc
from urllib.parse import urlsplit

import gridfs
import pytest

from harness.mongodb import MongoServer
from kleio.artifacts.gridfs import CHUNK, TOGETHER
from kleio.artifacts.registry import open_blobs
from kleio.errors import BlobCorrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from kleio.artifacts.contract import BlobStore

pytestmark = pytest.mark.mongo


@pytest.fixture
def blobs(mongodb_address: str) -> Iterator[BlobStore]:
    store = open_blobs(mongodb_address)
    yield store
    store.close()


@pytest.fixture
def database(mongodb_server: MongoServer, mongodb_address: str) -> Iterator[Any]:
    with mongodb_server.client() as client:
        yield client[urlsplit(mongodb_address).path[1:]]


CONTENT = os.urandom(1_000_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def test_the_drivers_own_class_reads_what_we_write(blobs: BlobStore, database: Any) -> None:
    blobs.put(io.BytesIO(CONTENT))
    bucket = gridfs.GridFSBucket(database, bucket_name="blobs")
    assert bucket.open_download_stream_by_name(DIGEST).read() == CONTENT


KILLED = """
import os, signal, sys
from pymongo import MongoClient
from kleio.artifacts.registry import open_blobs
chunks = MongoClient(sys.argv[1]).get_default_database().blobs.chunks
class Source:
    given = 0
    def read(self, size):
        if self.given >= 5_000_000:  # two bites are on their way: let them arrive
            while chunks.count_documents({}) < int(sys.argv[2]):
                pass
            os.kill(os.getpid(), signal.SIGKILL)
        self.given += size
        return b"x" * size
open_blobs(sys.argv[1]).put(Source())
"""


def test_a_killed_put_leaves_chunks_that_a_later_sweep_removes(
    blobs: BlobStore, database: Any, mongodb_address: str
) -> None:
    blobs.put(io.BytesIO(CONTENT))
    before = database.blobs.chunks.count_documents({})
    there = before + 2 * TOGETHER // CHUNK
    killed = subprocess.run([sys.executable, "-c", KILLED, mongodb_address, str(there)], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert database.blobs.chunks.count_documents({}) == there
    again = b"x" * 5_222_400
    blobs.put(io.BytesIO(again))
    assert b"".join(blobs.open(hashlib.sha256(again).hexdigest())) == again
    assert blobs.sweep(3_600) == 0, "it may still be under way"
    assert blobs.sweep(-3_600) == 1
    assert blobs.sweep(-3_600) == 0
    assert b"".join(blobs.open(DIGEST)) == CONTENT
    assert b"".join(blobs.open(hashlib.sha256(again).hexdigest())) == again


def test_a_put_that_ends_halfway_leaves_no_chunk(blobs: BlobStore, database: Any) -> None:
    """Whatever was on its way then has arrived before the chunks are dropped."""

    class Broken:
        given = 0

        def read(self, size: int) -> bytes:
            if self.given > 5 * TOGETHER:
                raise OSError("the disk is gone")
            self.given += size
            return bytes(size)

    with pytest.raises(OSError, match=r"^the disk is gone$"):
        blobs.put(Broken())  # type: ignore[arg-type]
    assert database.blobs.chunks.count_documents({}) == 0


@pytest.mark.parametrize("damage", ["missing", "changed", "short"])
def test_a_damaged_chunk_is_found_when_read(blobs: BlobStore, database: Any, damage: str) -> None:
    blobs.put(io.BytesIO(CONTENT))
    if damage == "missing":
        database.blobs.chunks.delete_one({"n": 2})
    else:
        database.blobs.chunks.update_one({"n": 2}, {"$set": {"data": b"x" if damage == "short" else bytes(255 << 10)}})
    with pytest.raises(BlobCorrupt, match=f"^{re.escape(f'the bytes of blob {DIGEST} have the digest ')}"):
        b"".join(blobs.open(DIGEST))


def test_putting_again_renews_the_time_and_sends_nothing(blobs: BlobStore, database: Any) -> None:
    blobs.put(io.BytesIO(CONTENT))
    first = database.blobs.files.find_one({"filename": DIGEST})
    ids = sorted(chunk["_id"] for chunk in database.blobs.chunks.find({}, {"_id": 1}))
    blobs.put(io.BytesIO(CONTENT), DIGEST)
    blobs.put(io.BytesIO(CONTENT))
    second = database.blobs.files.find_one({"filename": DIGEST})
    assert second["uploadDate"] > first["uploadDate"]
    assert second["_id"] == first["_id"]
    assert sorted(chunk["_id"] for chunk in database.blobs.chunks.find({}, {"_id": 1})) == ids


def test_memory_does_not_grow_with_the_blob(blobs: BlobStore) -> None:
    class Endless:
        left = 60 << 20

        def read(self, size: int) -> bytes:
            size = min(size, self.left)
            self.left -= size
            return bytes(size)

    tracemalloc.start()
    try:
        digest = blobs.put(Endless())  # type: ignore[arg-type]
        assert sum(map(len, blobs.open(digest))) == 60 << 20
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 24 << 20
