from __future__ import annotations

from pathlib import Path

from kleio.capture.small import read_small


def test_only_small_regular_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"12345")
    assert read_small(str(tmp_path / "f"), 5) == b"12345"
    assert read_small(str(tmp_path / "f"), 4) is None
    assert read_small(str(tmp_path)) is None
    assert read_small("a\0b") is None
