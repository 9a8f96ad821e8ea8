"""A cache saves time and can do nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kleio.capture import cache


def entry(tmp_path: Path) -> Path:
    (path,) = (tmp_path / "cache/kind").iterdir()
    return path


def test_what_is_remembered_comes_back(tmp_path: Path) -> None:
    cache.remember(str(tmp_path), "kind", "é\udcff key", {"a": [1, "x"]})
    assert cache.recall(str(tmp_path), "kind", "é\udcff key") == {"a": [1, "x"]}
    assert cache.recall(str(tmp_path), "kind", "other") is None
    assert cache.recall(str(tmp_path), "other", "key") is None


def test_entries_are_private(tmp_path: Path) -> None:
    cache.remember(str(tmp_path / "new"), "kind", "key", 1)
    (path,) = (tmp_path / "new/cache/kind").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new/cache").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"key": "other", "value": 1}', b"\xff", b"[" * 100_000])
def test_a_corrupt_entry_is_a_miss(data: bytes, tmp_path: Path) -> None:
    cache.remember(str(tmp_path), "kind", "key", 1)
    entry(tmp_path).write_bytes(data)
    assert cache.recall(str(tmp_path), "kind", "key") is None
    cache.remember(str(tmp_path), "kind", "key", 2)
    assert cache.recall(str(tmp_path), "kind", "key") == 2


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    cache.remember(str(tmp_path), "kind", "key", 1)
    path = entry(tmp_path)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert cache.recall(str(tmp_path), "kind", "key") is None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache.remember(str(tmp_path / "file"), "kind", "key", 1)
    cache.remember("", "kind", "key", 1)
    assert cache.recall(str(tmp_path / "file"), "kind", "key") is None
    assert cache.recall("", "kind", "key") is None


def test_the_oldest_entries_go(tmp_path: Path) -> None:
    for number in range(cache.ENTRIES + 1):
        cache.remember(str(tmp_path), "kind", str(number), number)
        for path in (tmp_path / "cache/kind").iterdir():
            if number == 0:
                os.utime(path, (1, 1))
    assert len(os.listdir(tmp_path / "cache/kind")) <= cache.ENTRIES
    assert cache.recall(str(tmp_path), "kind", "0") is None
    assert cache.recall(str(tmp_path), "kind", str(cache.ENTRIES)) == cache.ENTRIES
