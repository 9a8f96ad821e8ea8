"""Two journals in memory, one of which has recorded something."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass, field

import pytest

from harness.recorded import Recorder
from kleio.artifacts.memory import MemoryBlobs
from kleio.journal.memory import MemoryJournal
from kleio.moving.archive_writer import ArchiveWriter
from kleio.moving.parcel import JournalParcel
from kleio.moving.selection import Selection, Waiting
from kleio.spool.records.segments import records_of
from kleio.trial.cut import Cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@dataclass
class Place:
    """A journal and its blobs."""

    name: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self) -> None:
        self.journal = MemoryJournal(self.name)
        self.blobs = MemoryBlobs(self.name)
        self.recorder = Recorder.on(self.journal)

    def parcel(self, trial: str) -> JournalParcel:
        (found,) = [one for one in self.parcels([trial]) if one.document["_id"] == trial]
        return found

    def parcels(self, trials: list[str], **wish: Any) -> list[JournalParcel]:
        found = list(Selection(self.journal, trials).parcels(self.blobs, **wish))
        assert not [one for one in found if isinstance(one, Waiting)]
        return found

    def archive(self, *trials: str) -> bytes:
        """An archive of these trials and what goes with them."""
        file = io.BytesIO()
        writer = ArchiveWriter(file)
        for parcel in self.parcels(list(trials)):
            writer.add(parcel)
        writer.finish(trials)
        return file.getvalue()

    def whole(self, trial: str) -> tuple[Any, ...]:
        """All that is known of a trial, but for what its journal says of itself."""
        document = self.journal.trial(trial)
        assert document is not None
        segments = list(self.journal.segments(trial))
        digests = [record["digest"] for one in segments if one.stream == "artifacts" for record in records_of(one)]
        blobs = {digest: b"".join(self.blobs.open(digest)) for digest in digests}
        return {key: value for key, value in document.items() if key not in ("rvn", "hb")}, segments, blobs


@pytest.fixture
def here() -> Place:
    return Place()


@pytest.fixture
def there() -> Place:
    return Place()


@pytest.fixture
def trial(here: Place) -> str:
    """A completed trial with everything that a trial can have."""
    made = here.recorder.ended("python", "train.py", tags=["a"], configuration={"lr": 0.1, "%odd": float("inf")})
    here.recorder.logged(made, {"loss": 1.0}, {"loss": float("inf"), "epoch": 2})
    here.recorder.printed(made, b"epoch 1\n\xff\0")
    here.recorder.stored(made, "weights", b"w" * 3000, blobs=here.blobs, epoch=1)
    here.recorder.stored(made, "../../evil", b"e", blobs=here.blobs)
    return made


@pytest.fixture
def branch(here: Place, trial: str) -> str:
    """A branch of that trial."""
    refers = {"parent": trial, "cut": Cut(trial, 1).as_document()}
    made = here.recorder.ended("python", "train.py", "--lr", "3", refers=refers)
    here.recorder.logged(made, {"loss": 0.5})
    return made
