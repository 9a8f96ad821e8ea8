"""Nothing is written outside the directory, and nothing into a repository's own files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kleio.checkout.files import is_inside, link, read, write


@pytest.mark.parametrize("path", ["a", "a/b.py", "..a", "a/...", ".gitignore", ".github/x"])
def test_paths_inside(path: str) -> None:
    assert is_inside(path)


@pytest.mark.parametrize(
    "path", ["", "/a", "../a", "a/../b", "a//b", ".", "a/", ".git/config", "a/.GIT/x", ".git. /x", "git~1/x", "a\0b"]
)
def test_paths_that_lead_elsewhere(path: str, tmp_path: Path) -> None:
    assert not is_inside(path)
    with pytest.raises(PermissionError):
        write(str(tmp_path), path, "100644", b"")
    assert os.listdir(tmp_path) == []


def test_what_is_written_has_its_mode(tmp_path: Path) -> None:
    write(str(tmp_path), "d/run", "100755", b"x")
    write(str(tmp_path), "d/to", "120000", b"run")
    assert os.access(tmp_path / "d/run", os.X_OK)
    assert os.readlink(tmp_path / "d/to") == "run"
    write(str(tmp_path), "d/to", "100644", b"plain")
    assert (tmp_path / "d/run").read_bytes() == b"x"
    assert read(str(tmp_path), "d/to", "100644") == b"plain"
    write(str(tmp_path), "d/to", "000000", b"")
    assert os.listdir(tmp_path / "d") == ["run"]


def test_a_link_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(FileExistsError):
        link(str(tmp_path), "a", "/etc")
