"""What the supervisor of an attempt has told of its command: that it began, and how it ended."""

from __future__ import annotations

import os

from kleio.dataclass import dataclass
from kleio.spool.attempt.directory import record_files
from kleio.spool.records.reader import Record, read_records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

SUPERVISOR = "supervisor"


@dataclass(frozen=True)
class Story:
    """Bodies of its records of the stream ``status``, ``None`` if not there yet."""

    start: Mapping[str, Any] | None = None
    exit: Mapping[str, Any] | None = None


def story(directory: str) -> Story:
    """Read the supervisor's records."""
    found: dict[str, Mapping[str, Any]] = {}
    for writer in record_files(directory):
        if writer.startswith(SUPERVISOR):
            for record in read_records(os.path.join(directory, f"{writer}.ksp"), final=True):
                if isinstance(record, Record) and record.stream == "status" and isinstance(record.body, dict):
                    found[record.body.get("type", "")] = record.body
    return Story(found.get("start"), found.get("exit"))
