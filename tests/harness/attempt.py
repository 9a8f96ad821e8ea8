"""One attempt on local disk, its trial in a journal in memory, and a clock that moves when told to."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, field

from kleio.artifacts.memory import MemoryBlobs
from kleio.clock import FakeClock
from kleio.errors import JournalUnreachable
from kleio.journal.memory import MemoryJournal
from kleio.spool.attempt.directory import AttemptFile, create
from kleio.spool.attempt.locks import hold_lock
from kleio.spool.keeper import Keeper
from kleio.spool.records.log import SpoolWriter
from kleio.spool.records.segments import records_of
from kleio.spool.shipping.shipper import Shipper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Any, TypeVar

    T = TypeVar("T")

    from kleio.journal.contract import Segment

TRIAL = "ab" * 32
EXIT = {
    "type": "exit",
    "status": "completed",
    "code": 0,
    "signal": None,
    "why": "exit 0",
    "ended": {"time": 9.0, "offset": 0},
    "duration": 4.0,
    "usage": {"user": 1.0},
}


@dataclass
class World:
    """One attempt and all around it."""

    root: Path
    name: str = field(default_factory=lambda: uuid.uuid4().hex)
    clock: FakeClock = field(default_factory=FakeClock)
    owner: str = "0123456789abcdef" * 2

    def __post_init__(self) -> None:
        self.journal = MemoryJournal(self.name, self.clock)
        self.blobs = MemoryBlobs(self.name)
        self.journal.insert_trial(
            {
                "_id": TRIAL, "status": "new", "fence": 0, "owner": None, "holder": None, "summary": {},
                "duration": 0.0, "code": {"digest": "c"}, "environment": {"digest": "e"}, "argv": ["true"],
                "configuration": {"lr": 1}, "refers": None,
                "created": {"time": 1.0, "offset": 0}, "event": {"id": "e0", "status": "new"},
            }
        )  # fmt: skip
        self._begin(1)

    def _begin(self, number: int) -> None:
        self.claim(self.owner)
        self.reserved = self.trial
        attempt = AttemptFile(
            TRIAL, number, self.owner, f"memory://{self.name}", {"host": "here"}, "me", document=self.reserved
        )
        self.directory, self.ship_lock = create(attempt, [str(self.root / "spool")])
        self.run_lock = hold_lock(self.directory)
        self.supervisor = SpoolWriter(self.directory, "supervisor", self.clock)
        self.script = SpoolWriter(self.directory, None, self.clock)

    def begin_again(self) -> None:
        """The attempt is closed: begin the next one, with a spool of its own."""
        self.close()
        self.owner = f"{self.owner[1:]}{self.owner[0]}"
        self._begin(self.trial["fence"] + 1)

    def claim(self, owner: str, **expected: Any) -> None:
        """Reserve the trial."""
        event = {"id": f"claim-{owner[:4]}", "status": "reserved", "owner": owner}
        self.journal.compare_and_set(
            TRIAL, expected, {"status": "reserved", "owner": owner, "holder": {}}, claim=True, event=event
        )

    @property
    def trial(self) -> dict[str, Any]:
        document = self.journal.trial(TRIAL)
        assert document is not None
        return document

    def start(self) -> None:
        self.supervisor.append("status", {"type": "start", "pid": 7, "time": 5.0}, durable=True)

    def exit(self, **changes: Any) -> None:
        """The supervisor writes its last record and ends."""
        self.supervisor.append("status", {**EXIT, **changes}, durable=True)
        self.supervisor_dies()

    def supervisor_dies(self) -> None:
        os.close(self.run_lock)
        self.run_lock = -1

    def launcher_dies(self) -> None:
        """Supervisor and front are gone."""
        if self.run_lock >= 0:
            self.supervisor_dies()
        os.close(self.ship_lock)
        self.ship_lock = -1

    def shipper(self, **options: Any) -> Shipper:
        return Shipper(self.directory, self.journal, lambda: self.blobs, **options)

    def keeper(self, **options: Any) -> Keeper:
        options = {"wait": self.clock.advance, "chance": lambda: 0.5, **options}
        return Keeper(self.directory, lambda: self.journal, lambda: self.blobs, self.clock, **options)

    def segments(self, stream: str) -> list[Segment]:
        return list(self.journal.segments(TRIAL, stream=stream))

    def close(self) -> None:
        for writer in (self.supervisor, self.script):
            writer.close()
        for lock in (self.run_lock, self.ship_lock):
            if lock >= 0:
                os.close(lock)


class Moody(MemoryJournal):
    """A journal in memory that fails, forgets to answer, or refuses a record, as told."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.down_after = 1 << 30
        self.lose_replies = False
        self.poison = ""
        self.calls = 0

    def append(self, segments: Sequence[Segment]) -> list[int]:
        return self._moody(segments, lambda: super(Moody, self).append(segments))

    def extend(self, segment: Segment, last: int) -> int:
        return self._moody([segment], lambda: super(Moody, self).extend(segment, last))

    def _moody(self, segments: Sequence[Segment], write: Callable[[], T]) -> T:
        self.calls += 1
        if self.calls > self.down_after and not self.lose_replies:
            raise JournalUnreachable("down")
        for segment in segments:
            if self.poison and self.poison in repr(segment.body) and segment.stream != "gaps":
                raise ValueError(f"segment {segment.id} holds poison")
        stored = write()
        if self.calls > self.down_after:
            raise JournalUnreachable("no reply")
        return stored


def logged(world: World, stream: str = "statistics") -> list[Any]:
    return [body for segment in world.segments(stream) for body in records_of(segment)]


def log(world: World, count: int, first: int = 0) -> None:
    for n in range(first, first + count):
        world.script.append("statistics", {"n": n})
