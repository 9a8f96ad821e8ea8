"""How far one writer's file is shipped, and what was counted on the way.

``<writer>.ack`` remembers it for the next shipper. It only saves time: what the journal says goes first, and a
file that claims more than the journal holds is not believed.
"""

from __future__ import annotations

import json
import os

from kleio.spool import summary
from kleio.spool.directory import write_whole
from kleio.spool.segments import GAPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.journal.contract import Journal
    from kleio.spool.directory import AttemptFile

JOURNAL_STREAMS = {"status": "launcher"}
"""A trial's own moves are the journal's stream ``status``; what the supervisor reports goes beside it."""


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
        self.summary: dict[str, Any] = summary.empty()
        self._attempt, self._journal = attempt, journal
        self._ack = os.path.join(directory, f"{writer}.ack")
        self._acknowledged: dict[str, int] = {}
        self._saved = -1
        self._load()

    def acknowledged(self, stream: str) -> int:
        """The last sequence number of a stream that the journal holds. Asked once."""
        if stream not in self._acknowledged:
            name = JOURNAL_STREAMS.get(stream, stream)
            asked = self._journal.last_sequence(self._attempt.trial, self._attempt.attempt, name, self.writer)
            self._acknowledged[stream] = asked
        return self._acknowledged[stream]

    def acknowledge(self, stream: str, sequence: int) -> None:
        """The journal holds this much of a stream."""
        self._acknowledged[stream] = max(sequence, self.acknowledged(stream))

    def move(self, offset: int, expected: int) -> None:
        """Everything before ``offset`` is done."""
        self.offset, self.expected = offset, expected
        self.counted = max(self.counted, expected)

    def restart(self) -> None:
        """The file is shorter than it was: read it again, and skip what the journal holds."""
        self.offset = self.expected = 0

    def save(self) -> None:
        """Remember, if there is anything new."""
        if self._saved == self.offset:
            return
        content = {
            "offset": self.offset, "expected": self.expected, "quarantined": self.quarantined,
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
            with open(self._ack, encoding="ascii") as file:
                content = json.load(file)
            claims = {str(name): int(last) for name, last in content["acknowledged"].items()}
            if any(self.acknowledged(stream) < last for stream, last in claims.items()):
                return
            self.move(int(content["offset"]), int(content["expected"]))
            self.quarantined = int(content["quarantined"])
            self.summary = content["summary"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self.offset = self.expected = self.counted = 0
