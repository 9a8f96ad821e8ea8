"""What ``kleio/artifacts/contract.py`` promises, held against every backend."""

from __future__ import annotations

import hashlib
import io
import os
import threading

import pytest

from harness.waiting import until
from kleio.artifacts.registry import open_blobs
from kleio.errors import BlobCorrupt, BlobMissing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from kleio.artifacts.contract import BlobStore

ABSENT = "a" * 64
SIZES = [0, 1, 255 << 10, (255 << 10) + 1, 1 << 20, (5 << 20) + 17]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read(blobs: BlobStore, name: str) -> bytes:
    return b"".join(blobs.open(name))


class Trickle(io.RawIOBase):
    """Gives a few bytes at a time, as pipes and sockets do."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._content.read(min(size, 70_001) if size > 0 else size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("named", [True, False], ids=["named", "unnamed"])
def test_bytes_come_back_equal(blobs: BlobStore, size: int, named: bool) -> None:
    content = os.urandom(size)
    assert blobs.put(io.BytesIO(content), digest(content) if named else None) == digest(content)
    assert blobs.has(digest(content))
    assert blobs.size(digest(content)) == size
    assert read(blobs, digest(content)) == content


def test_of_many_those_that_are_missing_are_told(blobs: BlobStore) -> None:
    large = os.urandom(1 << 20)
    here = [*blobs.put_many([b"", b"small"]), blobs.put(io.BytesIO(large))]
    assert blobs.missing([*here, ABSENT, digest(b"other")]) == {ABSENT, digest(b"other")}
    assert blobs.missing([]) == set()


def test_a_source_may_give_little_at_a_time(blobs: BlobStore) -> None:
    content = os.urandom(700_000)
    assert blobs.put(Trickle(content)) == digest(content)
    assert read(blobs, digest(content)) == content


@pytest.mark.parametrize("named", [True, False], ids=["named", "unnamed"])
def test_the_same_bytes_are_stored_once(address: str, blobs: BlobStore, named: bool) -> None:
    other = open_blobs(address)
    for store in (blobs, other, blobs):
        store.put(io.BytesIO(b"same"), digest(b"same") if named else None)
    other.close()
    assert list(blobs.digests()) == [digest(b"same")]
    assert blobs.sweep(-3_600) == 0


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_bytes_that_do_not_match_their_digest_are_not_kept(blobs: BlobStore, known: bool) -> None:
    if known:
        blobs.put(io.BytesIO(b"right"))
    with pytest.raises(BlobCorrupt, match=f"{digest(b'right')} have the digest {digest(b'wrong')}"):
        blobs.put(io.BytesIO(b"wrong"), digest(b"right"))
    assert blobs.has(digest(b"right")) == known
    assert not blobs.has(digest(b"wrong"))
    assert blobs.sweep(-3_600) == 0


class Breaking(io.BytesIO):
    """A source that fails after a while."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 3_000_000:
            raise KeyboardInterrupt
        return super().read(size)


def test_an_interrupted_put_leaves_nothing_and_can_be_repeated(blobs: BlobStore) -> None:
    content = os.urandom(5_000_000)
    with pytest.raises(KeyboardInterrupt):
        blobs.put(Breaking(content))
    assert list(blobs.digests()) == []
    assert blobs.sweep(-3_600) == 0
    assert blobs.put(io.BytesIO(content)) == digest(content)
    assert read(blobs, digest(content)) == content


def test_what_is_not_there_is_missing(blobs: BlobStore) -> None:
    assert not blobs.has(ABSENT)
    assert not blobs.collect(ABSENT, blobs.now() + 60)
    assert list(blobs.digests()) == []
    with pytest.raises(BlobMissing, match=f"does not hold blob {ABSENT}"):
        blobs.open(ABSENT)
    with pytest.raises(BlobMissing, match=f"does not hold blob {ABSENT}"):
        blobs.size(ABSENT)
    with pytest.raises(BlobMissing, match=f"does not hold blob {ABSENT}"):
        blobs.last_put(ABSENT)


def test_a_collected_blob_is_gone_and_can_be_put_again(blobs: BlobStore) -> None:
    kept, gone = blobs.put(io.BytesIO(b"kept")), blobs.put(io.BytesIO(b"gone"))
    assert blobs.collect(gone, blobs.now() + 60)
    assert not blobs.collect(gone, blobs.now() + 60)
    assert not blobs.has(gone)
    assert list(blobs.digests()) == [kept]
    assert blobs.put(io.BytesIO(b"gone")) == gone
    assert read(blobs, gone) == b"gone"


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 65, "a" * 63 + "\n", "g" * 64])
def test_only_digests_are_names(blobs: BlobStore, name: str) -> None:
    for action in (blobs.has, blobs.open, blobs.size, blobs.last_put, lambda name: blobs.collect(name, 0.0)):
        with pytest.raises(ValueError, match=r"is not a sha256 in 64 hexadecimal digits$"):
            action(name)
    with pytest.raises(ValueError, match="is not a sha256"):
        blobs.put(io.BytesIO(b""), name)


@pytest.mark.parametrize("named", [True, False], ids=["named", "unnamed"])
def test_a_blob_that_was_put_again_is_not_collected(blobs: BlobStore, named: bool) -> None:
    name = blobs.put(io.BytesIO(b"content"))
    first = blobs.last_put(name)
    assert first == pytest.approx(blobs.now(), abs=30)
    until(lambda: blobs.now() > first + 0.01, "the store's clock to move")
    blobs.put(io.BytesIO(b"content"), name if named else None)
    assert blobs.last_put(name) > first
    assert not blobs.collect(name, first + 0.001)
    assert read(blobs, name) == b"content"
    assert blobs.collect(name, blobs.last_put(name) + 0.001)
    assert not blobs.has(name)


def test_a_blob_survives_puts_and_collectors_that_meet(address: str, blobs: BlobStore) -> None:
    """Each put here comes after the moment that the collectors know: none of them may take it."""
    moment, rounds = blobs.now() - 1, 25
    stores = [open_blobs(address) for _ in range(4)]
    start = threading.Barrier(len(stores))
    lost: list[int] = []

    def put(store: BlobStore) -> None:
        start.wait()
        for number in range(rounds):
            name = store.put(io.BytesIO(b"same"))
            if not store.has(name):
                lost.append(number)

    def collect(store: BlobStore) -> None:
        start.wait()
        for _ in range(rounds):
            store.collect(digest(b"same"), moment)

    actions = [put, put, collect, collect]
    threads = [threading.Thread(target=action, args=[store]) for action, store in zip(actions, stores, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert lost == []
    assert read(blobs, digest(b"same")) == b"same"


def test_puts_of_the_same_bytes_at_once_all_succeed(address: str, blobs: BlobStore) -> None:
    content = os.urandom(1_500_000)
    stores = [open_blobs(address) for _ in range(6)]
    start = threading.Barrier(len(stores))
    results: list[str] = []

    def put(store: BlobStore) -> None:
        start.wait()
        results.append(store.put(io.BytesIO(content)))

    threads = [threading.Thread(target=put, args=[store]) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert results == [digest(content)] * len(stores)
    assert list(blobs.digests()) == [digest(content)]
    assert read(blobs, digest(content)) == content
    assert blobs.sweep(-3_600) == 0


def test_many_small_blobs_are_put_together(address: str, blobs: BlobStore) -> None:
    before = blobs.put(io.BytesIO(b"before"))
    contents = [b"", b"before", *(os.urandom(size) for size in (1, 4096, 16 << 10, (16 << 10) + 1, 300_000)), b"", b"x"]
    expected = [digest(content) for content in contents]
    for _ in range(2):
        assert blobs.put_many(contents) == expected
        assert sorted(blobs.digests()) == sorted({before, *expected})
        assert [read(blobs, name) for name in expected] == contents
        assert [blobs.size(name) for name in expected] == [len(content) for content in contents]
        assert all(blobs.has(name) for name in expected)
    assert blobs.put(io.BytesIO(b"x")) == blobs.put(io.BytesIO(b"x"), digest(b"x"))
    assert len(list(blobs.digests())) == len(set(expected))
    assert blobs.put_many([]) == []
    assert blobs.sweep(-3_600) == 0


def test_a_blob_that_came_with_others_can_be_collected(blobs: BlobStore) -> None:
    kept, gone = blobs.put_many([b"kept", b"gone"])
    assert abs(blobs.last_put(gone) - blobs.now()) < 60
    assert not blobs.collect(gone, blobs.last_put(gone))
    assert blobs.collect(gone, blobs.now() + 60)
    assert not blobs.collect(gone, blobs.now() + 60)
    assert not blobs.has(gone)
    with pytest.raises(BlobMissing):
        blobs.open(gone)
    assert list(blobs.digests()) == [kept]
    assert blobs.put_many([b"gone"]) == [gone]
    assert read(blobs, gone) == b"gone"


def test_a_file_that_is_given_away_is_stored_and_may_be_removed(blobs: BlobStore, tmp_path: Path) -> None:
    path = tmp_path / "given"
    content = os.urandom(700_000)
    path.write_bytes(content)
    with path.open("rb") as file:
        assert blobs.put(file, digest(content), path=str(path)) == digest(content)
    path.unlink()
    assert read(blobs, digest(content)) == content
    path.write_bytes(b"other")
    with path.open("rb") as file, pytest.raises(BlobCorrupt):
        blobs.put(file, ABSENT, path=str(path))
    assert blobs.sweep(-3_600) == 0


def test_many_put_at_once_by_several_are_stored_once(address: str, blobs: BlobStore) -> None:
    contents = [bytes([number]) * 100 for number in range(50)]
    stores = [open_blobs(address) for _ in range(4)]
    start = threading.Barrier(len(stores))
    results: list[list[str]] = []

    def put(store: BlobStore) -> None:
        start.wait()
        results.append(store.put_many(contents))

    threads = [threading.Thread(target=put, args=[store]) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    expected = [digest(content) for content in contents]
    assert results == [expected] * len(stores)
    assert sorted(blobs.digests()) == sorted(expected)
    assert [read(blobs, name) for name in expected] == contents
    assert blobs.sweep(-3_600) == 0
