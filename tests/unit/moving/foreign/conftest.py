"""The stores that the real tools wrote (``tests/assets/stores``), and a way to bring them into a journal."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from harness.recorded import PROJECT
from kleio.analysis.query import Trials
from kleio.artifacts.memory import MemoryBlobs
from kleio.capture.secrets.redactor import Redactor
from kleio.journal.memory import MemoryJournal
from kleio.moving.delivery import Delivery
from kleio.moving.foreign.reading import parcels
from kleio.moving.transfer import transfer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kleio.analysis.trial import Trial
    from kleio.moving.transfer import Moved

STORES = Path(__file__).parents[3] / "assets" / "stores"


class Import:
    """``kleio import TOOL PATH`` into a journal of the test's own."""

    def __init__(self) -> None:
        name = uuid.uuid4().hex
        self.journal, self.blobs = MemoryJournal(name), MemoryBlobs(name)
        self.said: list[str] = []

    def __call__(
        self, tool: str, path: Path | str, *, running: bool = False, artifacts: Sequence[str] = ()
    ) -> list[Moved]:
        redactor, say = Redactor(b"salt", {}), self.said.append
        found = parcels(tool, str(path), PROJECT, redactor, running=running, say=say, artifacts=artifacts)
        return list(transfer(found, Delivery(self.journal, self.blobs)))

    def trials(self) -> dict[str, Trial]:
        """By what their tool calls them."""
        return {trial.document["imported"]["id"]: trial for trial in Trials(self.journal, self.blobs).find()}


@pytest.fixture
def take() -> Import:
    return Import()


@pytest.fixture
def stores() -> Path:
    return STORES
