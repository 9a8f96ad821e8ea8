"""An attempt to ship, and warnings that are new to every test."""

from __future__ import annotations

import pytest

from harness.attempt import World
from kleio.spool import complaint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A reserved trial and the spool of its first attempt, whose supervisor and front live."""
    world = World(tmp_path)
    yield world
    world.close()


@pytest.fixture(autouse=True)
def nothing_complained_of_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test sees each warning as if it were the first."""
    monkeypatch.setattr(complaint, "_told", set())
