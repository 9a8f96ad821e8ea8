"""How far one writer's file is shipped, and what was counted on the way.

``<writer>.ack`` remembers it for the next shipper. It only saves time: what the journal says goes first, and a
file that claims more than the journal holds is not believed.
"""

from __future__ import annotations

import json
import os

from kleio.spool.attempt.whole import write_whole
from kleio.spool.records.segments import GAPS
from kleio.spool.shipping import summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.journal.contract import Journal
    from kleio.spool.attempt.directory import AttemptFile
    from kleio.spool.shipping.tails import Tail

JOURNAL_STREAMS = {"status": "launcher"}
"""A trial's own moves are the journal's stream ``status``; what the supervisor reports goes beside it."""


def remembered(directory: str, writer: str) -> dict[str, Any]:
    """What ``<writer>.ack`` holds. Raises ``OSError`` and ``ValueError``."""
    with open(os.path.join(directory, f"{writer}.ack"), encoding="ascii") as file:
        return dict(json.load(file))


class Progress:
    """One writer's file on its way into the journal."""

    def __init__(self, directory: str, writer: str, attempt: AttemptFile, journal: Journal) -> None:
        self.writer = writer
        self.offset = 0
        """Everything before this byte is done."""
        self.expected = 0
        """The sequence number of the record there."""
        self.counted = 0
        """Records below this number are in the summary."""
        self.quarantined = 0
        self.tails: dict[str, Tail | None] = {}
        """Of each stream the last segment, if it takes more."""
        self._mark: tuple[int, str] | None = None
        self.summary: dict[str, Any] = summary.empty()
        self._attempt, self._journal, self._directory = attempt, journal, directory
        self._ack = os.path.join(directory, f"{writer}.ack")
        self._acknowledged: dict[str, int] = {}
        self._saved = -1
        self._load()

    def acknowledged(self, stream: str) -> int:
        """The last sequence number of a stream that the journal holds. Asked once."""
        if stream not in self._acknowledged:
            name = JOURNAL_STREAMS.get(stream, stream)
            trial, number = self._attempt.trial, self._attempt.attempt
            asked = self._journal.last_sequence(trial, number, name, self.writer, confirmed=True)
            self._acknowledged[stream] = asked
        return self._acknowledged[stream]

    def acknowledge(self, stream: str, sequence: int) -> None:
        """The journal holds this much of a stream."""
        self._acknowledged[stream] = max(sequence, self.acknowledged(stream))

    def doubt(self, stream: str) -> None:
        """A reply was lost: the journal may hold more of a stream, and is asked again."""
        self._acknowledged.pop(stream, None)

    def move(self, offset: int, expected: int, mark: tuple[int, str] | None = None) -> None:
        """Everything before ``offset`` is done. ``mark`` is place and checksum of the last record before it."""
        self.offset, self.expected, self._mark = offset, expected, mark
        self.counted = max(self.counted, expected)

    def look(self, path: str, size: int) -> None:
        """If the file is not what it was (cut off, perhaps grown again), read it anew and skip what is shipped."""
        intact = size >= self.offset
        if intact and self._mark is not None:
            with open(path, "rb") as file:
                file.seek(self._mark[0])
                intact = file.read(8) == self._mark[1].encode("ascii")
        if not intact:
            self.tails.clear()
            self.move(0, 0)

    def save(self) -> None:
        """Remember, if there is anything new."""
        if self._saved == self.offset:
            return
        content = {
            "offset": self.offset, "expected": self.expected, "quarantined": self.quarantined,
            "mark": self._mark,
            "acknowledged": {name: last for name, last in self._acknowledged.items() if name != GAPS},
            "summary": self.summary,
        }  # fmt: skip
        try:
            write_whole(self._ack, json.dumps(content).encode("ascii"), durable=False)
            self._saved = self.offset
        except OSError:
            pass  # a full disk: the next shipper has a little more to read

    def _load(self) -> None:
        try:
            content = remembered(self._directory, self.writer)
            claims = {str(name): int(last) for name, last in content["acknowledged"].items()}
            if any(self.acknowledged(stream) < last for stream, last in claims.items()):
                return
            place, checksum = content["mark"]
            self.move(int(content["offset"]), int(content["expected"]), (int(place), str(checksum)))
            self.quarantined = int(content["quarantined"])
            self.summary = content["summary"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self.move(0, 0)
            self.counted = 0
