"""A script's logger, below a live launcher."""

from __future__ import annotations

import pytest

from harness.attempt import TRIAL, World
from kleio.client.logger import KleioLogger
from kleio.spool import complaint
from kleio.spool.handshake import child_environment

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


@pytest.fixture
def logger(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[KleioLogger]:
    """The logger of a script that kleio started."""
    for name, value in child_environment({}, TRIAL, 1, world.directory).items():
        monkeypatch.setenv(name, value)
    logger = KleioLogger()
    yield logger
    if logger._writer is not None:
        logger._writer.close()


@pytest.fixture(autouse=True)
def nothing_complained_of_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test sees each warning as if it were the first."""
    monkeypatch.setattr(complaint, "_told", set())
