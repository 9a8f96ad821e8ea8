"""The file of small blobs: what is removed leaves room for others, on the disk too."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from contextlib import closing

import pytest

from kleio.artifacts.directory import BlobDirectory
from kleio.artifacts.small import STEP
from kleio.clock import FakeClock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

DAY = 24 * 3600.0


@pytest.fixture
def store(tmp_path: Path) -> BlobDirectory:
    return BlobDirectory(str(tmp_path / "journal.sqlite.blobs"), FakeClock())


def size(store: BlobDirectory) -> int:
    return os.path.getsize(os.path.join(store.root, "small.sqlite"))


def contents(number: int) -> list[bytes]:
    return [hashlib.sha256(b"%d" % each).digest() * 400 for each in range(number)]


def test_a_collection_makes_the_file_smaller(store: BlobDirectory) -> None:
    digests = store.put_many(contents(2 * STEP))
    full = size(store)
    for digest in digests[10:]:
        assert store.collect(digest, store.now() + DAY)
    store.sweep(DAY)
    assert size(store) < full / 20
    assert [b"".join(store.open(digest)) for digest in digests[:10]] == contents(10)


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_what_another_prevents_the_next_collection_does(
    store: BlobDirectory, lock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kleio.artifacts.small.TIMEOUT", 0.0)
    for digest in store.put_many(contents(STEP)):
        assert store.collect(digest, store.now() + DAY)
    full = size(store)
    with closing(sqlite3.connect(os.path.join(store.root, "small.sqlite"), isolation_level=None)) as other:
        other.execute(f"BEGIN {lock}")
        store.sweep(DAY)
        assert size(store) == full
    store.sweep(DAY)
    assert size(store) < full / 20


def test_others_write_while_the_file_becomes_smaller(store: BlobDirectory) -> None:
    for digest in store.put_many(contents(4 * STEP)):
        assert store.collect(digest, store.now() + DAY)
    new = [os.urandom(5_000) for _ in range(40)]
    kept: list[str] = []
    writer = threading.Thread(target=lambda: [kept.extend(store.put_many([each])) for each in new])
    writer.start()
    store.sweep(DAY)
    writer.join()
    assert [b"".join(store.open(digest)) for digest in kept] == new


@pytest.mark.parametrize("file", [False, True])
def test_nothing_to_give_back_is_no_trouble(store: BlobDirectory, file: bool) -> None:
    if file:
        (digest,) = store.put_many([b"x"])
    assert store.sweep(DAY) == 0
    if file:
        assert store.has(digest)
