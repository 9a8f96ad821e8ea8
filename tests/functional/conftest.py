"""The installed command in a real repository, once on SQLite and once on MongoDB."""

from __future__ import annotations

import os
import uuid

import pytest

from harness.command import BIN, CHECKOUT, MARK, Kleio, program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def kleio(repo: Path, tmp_path: Path, journal_address: str) -> Iterator[Kleio]:
    """``kleio`` in ``repo`` with an empty journal; at the end no process of the test may live on."""
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "KLEIO_JOURNAL": journal_address,
        "PYTHONDONTWRITEBYTECODE": "1",
        MARK: uuid.uuid4().hex,
    }
    if len(program()) > 1:
        environment["PYTHONPATH"] = str(CHECKOUT)
    kleio = Kleio(repo, tmp_path / "logs", environment)
    yield kleio
    kleio.close()
