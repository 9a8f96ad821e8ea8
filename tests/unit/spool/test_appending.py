from __future__ import annotations

import os
from pathlib import Path

import pytest

from kleio.spool.appending import AppendedFile


@pytest.fixture
def file(tmp_path: Path) -> AppendedFile:
    file = AppendedFile(str(tmp_path), "f")
    assert file.append(b"one ") == 4
    return file


@pytest.mark.parametrize("instead", [None, b"planted"])
def test_a_file_that_was_removed_or_replaced_is_put_back(
    file: AppendedFile, tmp_path: Path, instead: bytes | None
) -> None:
    if instead is None:
        os.unlink(tmp_path / "f")
    else:
        (tmp_path / "g").write_bytes(instead)
        os.rename(tmp_path / "g", tmp_path / "f")
    file.append(b"two ")
    assert file.look_after() == 0
    file.append(b"three")
    file.close()
    assert (tmp_path / "f").read_bytes() == b"one two three"
    assert os.listdir(tmp_path) == ["f"]


def test_what_was_cut_off_is_told_once(file: AppendedFile, tmp_path: Path) -> None:
    os.truncate(tmp_path / "f", 1)
    assert [file.look_after(), file.look_after()] == [3, 0]
    file.close()


def test_a_file_that_cannot_be_put_back_keeps_what_it_holds(file: AppendedFile, tmp_path: Path) -> None:
    os.unlink(tmp_path / "f")
    (tmp_path / "f").mkdir()
    with pytest.raises(OSError, match="directory"):
        file.look_after()
    os.rmdir(tmp_path / "f")
    file.look_after()
    file.close()
    assert (tmp_path / "f").read_bytes() == b"one "
    assert os.listdir(tmp_path) == ["f"]
