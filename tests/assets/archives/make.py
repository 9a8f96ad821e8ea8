"""Writes ``format-1.kleio``, an archive as version 0.1 of kleio writes it, and what is in it. Run once, kept for ever:
``PYTHONPATH=tests python tests/assets/archives/make.py``."""

from __future__ import annotations

import json
from pathlib import Path

from harness.recorded import Recorder
from kleio.artifacts.memory import MemoryBlobs
from kleio.journal.memory import MemoryJournal
from kleio.moving.archive_writer import ArchiveWriter
from kleio.moving.selection import Selection
from kleio.trial.cut import Cut

HERE = Path(__file__).parent


def main() -> None:
    journal, blobs = MemoryJournal("vector"), MemoryBlobs("vector")
    recorder = Recorder.on(journal)
    parent = recorder.ended(
        "python", "train.py", "--näme", "a b", tags=["a"], configuration={"lr": 0.1, "%odd": float("inf")}
    )
    recorder.logged(parent, {"loss": 1.0}, {"loss": float("nan"), "epoch": 1 << 70})
    recorder.printed(parent, b"epoch 1\n\xff\0")
    recorder.stored(parent, "weights", b"w" * 300, blobs=blobs, epoch=1)
    refers = {"parent": parent, "cut": Cut(parent, 1).as_document()}
    branch = recorder.ended("python", "train.py", "--lr", "3", refers=refers, word="broken", code=3)
    recorder.stored(branch, "weights", b"v", blobs=blobs)
    facts = {}
    with (HERE / "format-1.kleio").open("wb") as file:
        writer = ArchiveWriter(file)
        for parcel in Selection(journal, [branch]).parcels(blobs):
            writer.add(parcel)
            document = parcel.document
            named = [record["digest"] for record in _artifacts(parcel)]
            facts[document["_id"]] = {
                "argv": document["argv"],
                "status": document["status"],
                "segments": [segment.id for segment in parcel.segments()],
                "blobs": sorted(named),
            }
        writer.finish([branch])
    (HERE / "format-1.json").write_text(json.dumps(facts, indent=1) + "\n")


def _artifacts(parcel):
    from kleio.spool.records.segments import records_of

    return [record for segment in parcel.segments("artifacts") for record in records_of(segment)]


if __name__ == "__main__":
    main()
