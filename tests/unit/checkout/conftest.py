"""Recorded code, and what lies in a tree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.past import Past

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def past(tmp_path: Path) -> Past:
    return Past(tmp_path)


@pytest.fixture
def tree() -> Callable[[Path], dict[str, tuple[int, bytes]]]:
    """``tree(directory)``: mode and content of each file, git's own left out."""

    def of(place: Path) -> dict[str, tuple[int, bytes]]:
        return {
            str(path.relative_to(place)): (
                path.lstat().st_mode,
                os.readlink(path).encode() if path.is_symlink() else path.read_bytes(),
            )
            for path in sorted(place.rglob("*"))
            if ".git" not in path.relative_to(place).parts and (path.is_symlink() or path.is_file())
        }

    return of
