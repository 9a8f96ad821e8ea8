from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from kleio.artifacts.memory import MemoryBlobs
from kleio.cli.artifacts.fetching import fetch, refusal, targets_of
from kleio.errors import ArtifactRefused, BlobCorrupt


@pytest.fixture
def blobs(tmp_path: Path) -> MemoryBlobs:
    return MemoryBlobs(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../x", "leads somewhere else"), ("a/../../x", "leads somewhere else"), ("..", "leads somewhere else"),
        (".", "leads somewhere else"), ("a//b", "leads somewhere else"), ("a/", "leads somewhere else"),
        ("/etc/passwd", "absolute"), ("a\nb", "control"), ("a\0b", "control"), ("a\x1b[2J", "control"),
        ("\u202egnp.exe", "control"), ("\udcff", "control"), ("", "no name"), ("x" * 256, "255 bytes"),
        ("d/" + "é" * 128, "255 bytes"),
    ],
)  # fmt: skip
def test_a_name_that_is_no_file_below_the_directory_is_refused(name: str, reason: str) -> None:
    assert reason in refusal(name)


@pytest.mark.parametrize("name", ["x", "...", ".hidden", "a b", "é", "d/e/f.txt", "x" * 255, "-rf", "C:\\x", "~"])
def test_any_other_name_is_one(name: str) -> None:
    assert refusal(name) == ""
    assert targets_of([name]) == [name]


def test_several_of_one_name_are_numbered_and_meet_nobody() -> None:
    assert targets_of(["m.pt", "m.pt", "x"]) == ["m-1.pt", "m-2.pt", "x"]
    assert targets_of(["m", "m", "m-1"]) == ["m-2", "m-3", "m-1"]


def test_a_file_is_written_below_the_directory_with_all_that_is_missing(tmp_path: Path, blobs: MemoryBlobs) -> None:
    digest = blobs.put(io.BytesIO(b"bytes"))
    fetch(blobs, digest, str(tmp_path / "new" / "place"), "d/e/f")
    assert (tmp_path / "new/place/d/e/f").read_bytes() == b"bytes"
    assert os.listdir(tmp_path / "new/place/d/e") == ["f"]


def test_what_exists_is_kept_unless_force_is_asked_for(tmp_path: Path, blobs: MemoryBlobs) -> None:
    digest = blobs.put(io.BytesIO(b"new"))
    (tmp_path / "f").write_bytes(b"old")
    (tmp_path / "outside").write_bytes(b"old")
    (tmp_path / "link").symlink_to("outside")
    for name in ("f", "link"):
        with pytest.raises(ArtifactRefused, match="exists already"):
            fetch(blobs, digest, str(tmp_path), name)
        assert (tmp_path / name).read_bytes() == b"old"
        fetch(blobs, digest, str(tmp_path), name, force=True)
        assert (tmp_path / name).read_bytes() == b"new"
    assert (tmp_path / "outside").read_bytes() == b"old"


def test_no_name_leads_through_a_symbolic_link(tmp_path: Path, blobs: MemoryBlobs) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(ArtifactRefused, match="cannot be written"):
        fetch(blobs, blobs.put(io.BytesIO(b"x")), str(tmp_path / "d"), "link/x", force=True)
    assert os.listdir(tmp_path / "outside") == []


def test_damaged_bytes_leave_nothing_behind(tmp_path: Path, blobs: MemoryBlobs) -> None:
    digest = blobs.put(io.BytesIO(b"good"))
    blobs._blobs[digest] = b"evil"
    with pytest.raises(BlobCorrupt):
        fetch(blobs, digest, str(tmp_path / "d"), "x")
    assert os.listdir(tmp_path / "d") == []


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path, blobs: MemoryBlobs) -> None:
    (tmp_path / "f").write_bytes(b"")
    with pytest.raises(ArtifactRefused, match="f/x/y cannot be written: Not a directory"):
        fetch(blobs, blobs.put(io.BytesIO(b"x")), str(tmp_path), "f/x/y")
