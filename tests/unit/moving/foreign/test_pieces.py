"""Files are read whole although none is kept open."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kleio.errors import StoreUnreadable
from kleio.moving.foreign.pieces import LONGEST_LINE, PIECE, Loose, lines_of


@pytest.mark.parametrize(
    "content", ["", "one", "one\n", "one\n\ntwo", "x" * PIECE + "\ny\n", "é" * PIECE + "\n" + "z\n" * PIECE]
)
def test_every_line_comes_once(tmp_path: Path, content: str) -> None:
    path = tmp_path / "metric"
    path.write_text(content)
    assert list(lines_of(str(path))) == content.removesuffix("\n").split("\n") * bool(content)


def test_a_line_without_an_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "metric"
    path.write_bytes(b"x" * (LONGEST_LINE + 2 * PIECE))
    with pytest.raises(StoreUnreadable, match="has a line of more than 1 MiB"):
        list(lines_of(str(path)))


def test_bytes_come_in_any_size_and_no_file_stays_open(tmp_path: Path) -> None:
    path = tmp_path / "events"
    data = os.urandom(3 * PIECE)
    path.write_bytes(data)
    before = len(os.listdir("/proc/self/fd"))
    file = Loose(str(path))
    found = [file.read(12), file.read(2 * PIECE)]
    assert len(os.listdir("/proc/self/fd")) == before
    assert b"".join([*found, file.read(PIECE), file.read(1)]) == data
