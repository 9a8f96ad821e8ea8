from __future__ import annotations

import io
from pathlib import Path

import pytest

from harness.recorded import Recorder
from kleio.analysis.query import Trials
from kleio.artifacts.memory import MemoryBlobs
from kleio.errors import BlobCorrupt, BlobMissing
from kleio.journal.memory import MemoryJournal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.analysis.trial import Trial


@pytest.fixture
def blobs(tmp_path: Path) -> MemoryBlobs:
    return MemoryBlobs(str(tmp_path))


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder.on(MemoryJournal(str(tmp_path)))


def trial_of(recorder: Recorder, blobs: MemoryBlobs | None = None) -> Trial:
    (trial,) = Trials(recorder.journal, blobs).find()
    return trial


def test_artifacts_are_found_by_name_and_metadata_in_the_order_of_storing(
    recorder: Recorder, blobs: MemoryBlobs
) -> None:
    trial_id = recorder.ended("x")
    for epoch in (1, 2):
        recorder.stored(trial_id, "weights", b"w%d" % epoch, blobs=blobs, epoch=epoch)
        recorder.stored(trial_id, "log", b"l", blobs=blobs, epoch=epoch, final=True)
    trial = trial_of(recorder, blobs)
    assert [one.read() for one in trial.artifacts("weights")] == [b"w1", b"w2"]
    assert [one.read() for one in trial.artifacts("weights", epoch=2)] == [b"w2"]
    assert [(one.name, one.metadata["epoch"]) for one in trial.artifacts(final=True)] == [("log", 1), ("log", 2)]
    assert trial.artifacts("weights", epoch=99) == trial.artifacts("nope") == trial.artifacts("weights", x=None) == []


def test_what_a_later_attempt_took_back_is_hidden_but_not_gone(recorder: Recorder) -> None:
    trial_id = recorder.ended("x")
    for attempt, epoch in ((1, 1), (1, 2), (2, 2)):
        recorder.stored(trial_id, "weights", b"", epoch=epoch, attempt=attempt)
    recorder.wrote(trial_id, "resume", {"epoch": 1}, attempt=2)
    trial = trial_of(recorder)
    assert [(one.attempt, one.metadata["epoch"]) for one in trial.artifacts("weights")] == [(1, 1), (2, 2)]
    assert len(trial.artifacts("weights", superseded=True)) == 3


def test_bytes_are_verified(recorder: Recorder, blobs: MemoryBlobs) -> None:
    trial_id = recorder.ended("x")
    digest = recorder.stored(trial_id, "w", b"good", blobs=blobs)
    blobs._blobs[digest] = b"evil"
    (artifact,) = trial_of(recorder, blobs).artifacts()
    with pytest.raises(BlobCorrupt):
        artifact.read()
    blobs.collect(digest, blobs.now() + 1)
    with pytest.raises(BlobMissing):
        artifact.read()
    (unopened,) = trial_of(recorder).artifacts()
    with pytest.raises(BlobMissing, match="no store is open"):
        unopened.read()


def test_resources_are_listed(recorder: Recorder) -> None:
    trial_id = recorder.ended("x")
    body = {"name": "train", "kind": "file", "sha256": "d" * 64, "bytes": 3, "path": "/data/t", "metadata": {"v": 2}}
    recorder.wrote(trial_id, "resources", body, {"name": "s3://x", "kind": "name", "metadata": {}})
    first, second = trial_of(recorder).resources()
    assert (first.name, first.digest, first.size, first.path, first.metadata) == (
        "train",
        "d" * 64,
        3,
        "/data/t",
        {"v": 2},
    )
    assert (second.name, second.kind, second.digest, second.size) == ("s3://x", "name", None, None)


def attach(recorder: Recorder, blobs: MemoryBlobs, trial: str, name: str, **metadata: object) -> None:
    found = blobs.put(io.BytesIO(name.encode()))
    body = {"name": name, "digest": found, "size": len(name), "metadata": metadata, "creator": {"user": "ann"}}
    recorder.wrote(trial, "attached", body, attempt=0, writer=f"remark-{name}")


def test_what_others_attached_comes_last_and_is_never_taken_back(recorder: Recorder, blobs: MemoryBlobs) -> None:
    trial = recorder.ended("x")
    attach(recorder, blobs, trial, "figure", epoch=9)
    recorder.stored(trial, "weights", b"w", blobs=blobs, epoch=9)
    recorder.wrote(trial, "resume", {"epoch": 3}, attempt=2)
    recorder.stored(trial, "weights", b"v", blobs=blobs, attempt=2, epoch=4)
    found = trial_of(recorder, blobs).artifacts()
    assert [(one.name, one.metadata["epoch"], one.creator) for one in found] == [
        ("weights", 4, None),
        ("figure", 9, {"user": "ann"}),
    ]
