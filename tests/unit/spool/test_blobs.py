from __future__ import annotations

import hashlib
import io
import os
import tracemalloc
import warnings
from binascii import a2b_base64
from pathlib import Path

import pytest

from kleio.spool.blobs import CHUNK, SMALL, Unreadable, hold, keep, path_of, pieces
from kleio.spool.complaint import KleioWarning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@pytest.fixture
def directory(tmp_path: Path) -> str:
    (tmp_path / "attempt" / "blobs").mkdir(parents=True)
    return str(tmp_path / "attempt")


def content_of(directory: str, digest: str) -> bytes:
    return Path(path_of(directory, digest)).read_bytes()


@pytest.mark.parametrize("content", [b"", b"xyz", bytes(3 * CHUNK + 7)])
def test_bytes_are_kept_under_their_digest(directory: str, content: bytes) -> None:
    digest, size = keep(directory, io.BytesIO(content))
    assert (digest, size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert content_of(directory, digest) == content
    assert os.stat(path_of(directory, digest)).st_mode & 0o777 == 0o600


def unrewound(buffer: Any, content: Any) -> Any:
    buffer.write(content)
    return buffer


@pytest.mark.parametrize(
    "source",
    [
        unrewound(io.BytesIO(), "é\n".encode()), io.StringIO("é\n"), unrewound(io.StringIO(), "é\n"),
        "é\n".encode(), bytearray("é\n".encode()), memoryview("é\n".encode()),
        io.BufferedReader(io.BytesIO("é\n".encode())),
    ],
    ids=["unrewound", "text", "unrewound text", "bytes", "bytearray", "memoryview", "buffered"],
)  # fmt: skip
def test_every_kind_of_source_is_taken_from_its_beginning(directory: str, source: Any) -> None:
    assert content_of(directory, keep(directory, source)[0]) == "é\n".encode()


def test_text_that_is_not_utf8_keeps_its_bytes(directory: str) -> None:
    text = io.TextIOWrapper(io.BytesIO(b"\xff\xfe"), encoding="utf-8", errors="surrogateescape")
    assert content_of(directory, keep(directory, text)[0]) == b"\xff\xfe"


@pytest.mark.parametrize("kind", [str, Path])
def test_a_path_is_a_source(directory: str, tmp_path: Path, kind: Any) -> None:
    (tmp_path / "model.bin").write_bytes(b"model")
    assert content_of(directory, keep(directory, kind(tmp_path / "model.bin"))[0]) == b"model"


def test_a_pipe_is_read_to_its_end(directory: str) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"through a pipe")
    os.close(writing)
    with open(reading, "rb") as file:
        assert content_of(directory, keep(directory, file, durable=True)[0]) == b"through a pipe"


class Failing:
    """Two pieces, then an error."""

    def __init__(self) -> None:
        self.pieces = [b"one", b"two"]

    def read(self, size: int = -1) -> bytes:
        if self.pieces:
            return self.pieces.pop()
        raise OSError("the disk of the source")


@pytest.mark.parametrize("source", [Failing(), "/nonexistent", object(), io.StringIO, 5.5])
def test_a_source_that_fails_leaves_nothing(directory: str, source: Any) -> None:
    with pytest.raises(Unreadable) as caught:
        keep(directory, source)
    assert caught.value.__cause__ is not None
    assert os.listdir(os.path.join(directory, "blobs")) == []


def test_the_same_bytes_twice_are_one_file(directory: str) -> None:
    assert keep(directory, b"same") == keep(directory, b"same")
    assert len(os.listdir(os.path.join(directory, "blobs"))) == 1


class ReadablePath:
    """As those of the ``py`` and ``universal_pathlib`` libraries are."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return str(self._path)

    def read(self, mode: str = "r") -> str:
        return self._path.read_text() if mode == "r" else ""


def test_a_path_that_can_read_itself_is_a_path(directory: str, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"\xff")
    kept = hold(directory, ReadablePath(tmp_path / "f"))
    assert a2b_base64(kept["data"]) == b"\xff"


def test_a_large_file_that_changes_while_it_is_read_is_warned_of(directory: str, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(bytes(3 * CHUNK))
    rest = pieces(path)
    next(rest)
    with path.open("ab") as file:
        file.write(b"more")
    with pytest.warns(KleioWarning, match="changed while it was read"):
        list(rest)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        keep(directory, path)


def test_a_pipe_that_has_nothing_yet_is_not_taken_for_an_empty_file(directory: str) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with open(reading, "rb", buffering=0) as file, pytest.raises(Unreadable, match="nothing to read yet"):
        hold(directory, file)
    os.close(writing)


def test_memory_does_not_grow_with_the_file(directory: str, tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(64 << 20)
    tracemalloc.start()
    keep(directory, path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * CHUNK


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1, CHUNK + SMALL])
@pytest.mark.parametrize("kind", ["path", "bytes", "trickle"])
def test_few_bytes_stay_in_the_record_and_many_become_a_file(
    directory: str, tmp_path: Path, size: int, kind: str
) -> None:
    content = os.urandom(size)
    (tmp_path / "source").write_bytes(content)
    sources = {"path": tmp_path / "source", "bytes": content, "trickle": Trickle(content)}
    held = hold(directory, sources[kind], durable=True)
    assert (held["digest"], held["size"]) == (hashlib.sha256(content).hexdigest(), size)
    if size <= SMALL:
        assert a2b_base64(held["data"]) == content
        assert os.listdir(os.path.join(directory, "blobs")) == []
    else:
        assert "data" not in held
        assert content_of(directory, held["digest"]) == content


class Trickle:
    """Gives at most 1,000 bytes at a time."""

    def __init__(self, content: bytes) -> None:
        self.left = io.BytesIO(content)

    def read(self, size: int) -> bytes:
        return self.left.read(min(size, 1000))
