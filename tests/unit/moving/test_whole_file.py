"""A file appears under its name whole, or not at all, and never in the place of another unless told so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kleio.errors import OutputFailed, UsageError
from kleio.moving.whole_file import WholeFile


def test_it_appears_when_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with WholeFile(str(path)) as file:
        file.write(b"all")
        assert not path.exists()
    assert path.read_bytes() == b"all"
    assert os.listdir(tmp_path) == ["file"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_any_name_that_a_file_can_have_will_do(tmp_path: Path) -> None:
    name = "日" * 85
    with WholeFile(str(tmp_path / name)) as file:
        file.write(b"all")
    assert os.listdir(tmp_path) == [name]


def test_nothing_appears_after_a_failure(tmp_path: Path) -> None:
    whole = WholeFile(str(tmp_path / "file"))
    whole.__enter__().write(b"half")
    whole.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
    assert os.listdir(tmp_path) == []


def test_what_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"mine")
    with pytest.raises(OutputFailed, match="exists already"):
        WholeFile(str(path))
    with pytest.raises(UsageError, match="is a directory"):
        WholeFile(str(tmp_path), replace=True)
    link = tmp_path / "link"
    link.symlink_to("file")
    with pytest.raises(OutputFailed, match="exists already"):
        WholeFile(str(link))
    with WholeFile(str(link), replace=True) as file:
        file.write(b"new")
    assert (path.read_bytes(), link.is_symlink()) == (b"new", True)


@pytest.mark.parametrize("replace", [False, True])
def test_what_is_no_file_is_never_replaced(tmp_path: Path, replace: bool) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="is no ordinary file"):
        WholeFile(str(tmp_path / "pipe"), replace=replace)


def test_what_came_in_between_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    whole = WholeFile(str(path))
    whole.__enter__().write(b"new")
    path.write_bytes(b"mine")
    with pytest.raises(OutputFailed, match="exists already"):
        whole.__exit__(None, None, None)
    assert path.read_bytes() == b"mine"
    assert os.listdir(tmp_path) == ["file"]
