from __future__ import annotations

import hashlib
import io
import os
import signal
import stat
import subprocess
import sys
import threading

import pytest

from kleio.artifacts.directory import BlobDirectory
from kleio.clock import FakeClock
from kleio.errors import BlobCorrupt, JournalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> BlobDirectory:
    return BlobDirectory(str(tmp_path / "journal.sqlite.blobs"))


def place(store: BlobDirectory, digest: str) -> str:
    return os.path.join(store.root, digest[:2], digest[2:])


def test_files_and_directories_are_private(store: BlobDirectory) -> None:
    digest = store.put(io.BytesIO(b"x"))
    path = place(store, digest)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    for directory in (store.root, os.path.dirname(path), os.path.join(store.root, "tmp")):
        assert stat.S_IMODE(os.stat(directory).st_mode) == 0o700


def test_a_changed_file_is_found_corrupt_when_read(store: BlobDirectory) -> None:
    digest = store.put(io.BytesIO(b"right"))
    with open(place(store, digest), "r+b") as file:
        file.write(b"w")
    with pytest.raises(BlobCorrupt, match=digest):
        b"".join(store.open(digest))


def test_a_file_that_was_cut_short_is_replaced_by_the_next_put(store: BlobDirectory) -> None:
    digest = store.put(io.BytesIO(b"right"))
    os.truncate(place(store, digest), 2)
    assert store.put(io.BytesIO(b"right")) == digest
    assert b"".join(store.open(digest)) == b"right"


def test_a_link_in_place_of_a_file_is_not_followed(store: BlobDirectory, tmp_path: Path) -> None:
    digest = store.put(io.BytesIO(b"right"))
    secret = tmp_path / "secret"
    secret.write_bytes(b"right")
    os.unlink(place(store, digest))
    os.symlink(secret, place(store, digest))
    assert not store.has(digest)
    with pytest.raises(BlobCorrupt, match="is a symbolic link"):
        store.open(digest)


def test_putting_again_renews_the_time(store: BlobDirectory) -> None:
    digest = store.put(io.BytesIO(b"x"))
    os.utime(place(store, digest), (1, 1))
    store.put(io.BytesIO(b"x"))
    assert os.stat(place(store, digest)).st_mtime > 1_000_000


def test_a_killed_put_leaves_a_file_that_a_later_sweep_removes(store: BlobDirectory) -> None:
    code = (
        "import os, signal, sys; from kleio.artifacts.directory import BlobDirectory\n"
        "class Source:\n"
        "    def read(self, size):\n"
        "        if os.listdir(sys.argv[1] + '/tmp') and self.__dict__.setdefault('given', 0) > 2:\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "        self.given = self.__dict__.get('given', 0) + 1\n"
        "        return b'x' * size\n"
        "BlobDirectory(sys.argv[1]).put(Source())"
    )
    assert subprocess.run([sys.executable, "-c", code, store.root], check=False).returncode == -signal.SIGKILL
    (left,) = os.listdir(os.path.join(store.root, "tmp"))
    now = os.stat(os.path.join(store.root, "tmp", left)).st_mtime
    assert list(store.digests()) == []
    assert BlobDirectory(store.root, FakeClock(now + 3_599)).sweep(3_600) == 0
    assert BlobDirectory(store.root, FakeClock(now + 3_601)).sweep(3_600) == 1
    assert os.listdir(os.path.join(store.root, "tmp")) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = BlobDirectory(str(tmp_path / "file" / "blobs"))
    with pytest.raises(JournalError, match=f"the blobs in {tmp_path}/file/blobs failed: "):
        store.put(io.BytesIO(b"x"))


def test_memory_does_not_grow_with_the_blob(store: BlobDirectory) -> None:
    class Endless:
        left = 200 << 20

        def read(self, size: int) -> bytes:
            size = min(size, self.left)
            self.left -= size
            return bytes(size)

    import tracemalloc

    tracemalloc.start()
    try:
        digest = store.put(Endless())  # type: ignore[arg-type]
        hashing = hashlib.sha256()
        for piece in store.open(digest):
            hashing.update(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert hashing.hexdigest() == digest
    assert peak < 8 << 20


def test_a_put_that_meets_a_collector_wins(store: BlobDirectory) -> None:
    """Whichever comes first: the bytes are there when both are done."""
    stores = [store, BlobDirectory(store.root)]
    name = stores[0].put(io.BytesIO(b"content"))
    for _ in range(40):
        os.utime(place(stores[0], name), (1_000, 1_000))
        start = threading.Barrier(2)
        before = stores[0].now() - 60
        actions = [lambda store: store.put(io.BytesIO(b"content"), name), lambda store: store.collect(name, before)]  # noqa: B023
        threads = [
            threading.Thread(target=lambda action=action, store=store, start=start: (start.wait(), action(store)))
            for action, store in zip(actions, stores, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert b"".join(stores[0].open(name)) == b"content"


def test_a_put_notices_a_collector_that_looked_just_before_the_time_was_renewed(
    store: BlobDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = store.put(io.BytesIO(b"content"))
    path, doomed = place(store, name), os.path.join(store.root, "tmp", f"doomed-{name}")
    renew = os.utime

    def collected_meanwhile(found: str, **options: bool) -> None:
        monkeypatch.setattr(os, "utime", renew)
        os.rename(path, doomed)
        renew(doomed, **options)

    monkeypatch.setattr(os, "utime", collected_meanwhile)
    store.put(io.BytesIO(b"content"), name)
    os.unlink(doomed)
    assert b"".join(store.open(name)) == b"content"


def test_what_a_collector_that_died_had_begun_is_undone(store: BlobDirectory) -> None:
    name = store.put(io.BytesIO(b"content"))
    doomed = os.path.join(store.root, "tmp", f"doomed-{name}")
    os.rename(place(store, name), doomed)
    assert store.sweep(3_600) == 0
    assert b"".join(store.open(name)) == b"content"
    os.link(place(store, name), doomed)
    assert store.sweep(3_600) == 0
    assert not os.path.exists(doomed)
