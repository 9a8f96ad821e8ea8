"""An attempt of this machine, in a journal that commands can open, and recorded trials beside it."""

from __future__ import annotations

import os

import pytest

from harness.attempt import TRIAL, World
from harness.recorded import Recorder
from kleio.settings import Settings
from kleio.trial.document import new_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A reserved trial whose launcher lives on this machine."""
    world = World(tmp_path)
    holder = {"host": os.uname().nodename, "user": "ada", "pid": 1, "spool": world.directory, "lease": 120.0}
    event = new_event("reserved", world.clock, who=holder, why="launch")
    world.journal.compare_and_set(TRIAL, {}, {"holder": holder, "argv": ["true"], "tags": []}, event=event)
    yield world
    world.close()


@pytest.fixture
def recorder(world: World) -> Recorder:
    return Recorder(world.journal, world.clock)


@pytest.fixture
def settings(world: World, tmp_path: Path) -> Settings:
    return Settings(journal=f"memory://{world.name}", data=str(tmp_path))
