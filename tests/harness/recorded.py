"""Trials put into a journal without running anything: what a launcher would have stored."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass

from kleio.clock import FakeClock, stamp
from kleio.encoding import digest
from kleio.journal.contract import Segment
from kleio.spool.output import pack_times
from kleio.spool.records.reader import Record
from kleio.spool.records.segments import segment_of
from kleio.spool.records.values import normalise_members
from kleio.trial import status
from kleio.trial.document import new_document, new_event, new_owner
from kleio.trial.snapshot import CommandLine, Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from kleio.journal.contract import Journal

WHO = {"user": "ada", "host": "engine", "pid": 42}
PROJECT = Project("p" * 40, "engine", "/home/ada/engine", "")
START = 1_700_000_000.0


class Terminal(io.StringIO):
    """Standard output that says it is a terminal."""

    def __init__(self) -> None:
        super().__init__()
        self.buffer = io.BytesIO()

    def isatty(self) -> bool:
        return True


class Pipe(io.StringIO):
    """Standard output that goes into a pipe; what was written as bytes lands in ``buffer``."""

    def __init__(self) -> None:
        super().__init__()
        self.buffer = io.BytesIO()


@dataclass
class Recorder:
    """Writes trials into ``journal``; each comes one minute after the one before."""

    journal: Journal
    clock: FakeClock

    @staticmethod
    def on(journal: Journal) -> Recorder:
        return Recorder(journal, FakeClock(wall=START, offset=3600))

    def new(self, *argv: str, trial_id: str | None = None, project: Project = PROJECT, **more: Any) -> str:
        """A trial that nobody has run; returns its id."""
        self.clock.advance(60)
        trial_id = trial_id or digest("\0".join(argv).encode("utf-8", "surrogateescape") + os.urandom(4))
        configuration = more.pop("configuration", {"_pos_0": argv[0]})
        event = new_event(status.NEW, self.clock, who=WHO, why="launch")
        line = CommandLine(argv, argv, configuration)
        assert self.journal.insert_trial(new_document(trial_id, line, project, self.clock, event=event, **more))
        return trial_id

    def reserve(self, trial_id: str, holder: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        """The lease of a trial, taken."""
        self.clock.advance(1)
        note = {"argv": ["x"], "cwd": "/work", "code": {"digest": "c"}, "environment": {"digest": "e"}}
        document = self.journal.compare_and_set(
            trial_id,
            {"status": status.RESERVABLE},
            {"status": status.RESERVED, "owner": new_owner(), "holder": dict(holder or WHO), **changes},
            claim=True,
            event=new_event(status.RESERVED, self.clock, who=WHO, why="launch", **note),
        )
        assert document is not None
        return document

    def move(
        self, trial_id: str, word: str, why: str = "", changes: Mapping[str, Any] | None = None, **note: Any
    ) -> None:
        """Any other move."""
        self.clock.advance(1)
        event = new_event(word, self.clock, who=WHO, why=why, **note)
        assert self.journal.compare_and_set(trial_id, {}, {"status": word, **(changes or {})}, event=event)

    def running(self, *argv: str, holder: Mapping[str, Any] | None = None, **more: Any) -> str:
        """A trial that runs."""
        trial_id = self.new(*argv, **more)
        self.reserve(trial_id, holder, started=stamp(self.clock))
        self.move(trial_id, status.RUNNING)
        return trial_id

    def ended(self, *argv: str, word: str = status.COMPLETED, code: int = 0, **more: Any) -> str:
        """A trial that ran for ten seconds and ended."""
        trial_id = self.running(*argv, **more)
        self.end(trial_id, word, code)
        return trial_id

    def end(self, trial_id: str, word: str = status.COMPLETED, code: int = 0) -> None:
        """The end of what runs."""
        self.clock.advance(10)
        outcome = {"code": code, "signal": None, "why": f"exit {code}"}
        changes = {"ended": stamp(self.clock), "outcome": outcome, "duration": 10.0, "holder": None, "owner": None}
        self.move(trial_id, word, f"exit {code}", changes, outcome=outcome, duration=10.0, usage={"max_rss": 1 << 20})

    def printed(
        self, trial_id: str, data: bytes, *, start: int = 0, attempt: int = 1, stream: str = "stdout", time: float = 0.0
    ) -> None:
        """A chunk of output."""
        body = {
            "data": data,
            "encoding": "raw",
            "size": len(data),
            "hole": 0,
            "times": pack_times([(0, time or self.clock.wall())]),
        }
        last = start + len(data) - 1
        self.journal.append([Segment(trial_id, attempt, stream, "output", start, last, body)])

    def wrote(self, trial_id: str, stream: str, *bodies: Any, attempt: int = 1, writer: str = "w") -> None:
        """Records of a stream, one second apart, as a shipper would have stored them."""
        first = self.journal.last_sequence(trial_id, attempt, stream, writer) + 1
        records = []
        for number, body in enumerate(bodies, first):
            self.clock.advance(1)
            records.append(Record(number, stream, self.clock.wall(), normalise_members(body), 0, 0))
        self.journal.append([segment_of(trial_id, attempt, writer, stream, records)])

    def logged(self, trial_id: str, *values: Mapping[str, Any], **where: Any) -> None:
        """Statistics."""
        self.wrote(trial_id, "statistics", *values, **where)

    def stored(
        self, trial_id: str, name: str, data: bytes = b"", *, blobs: Any = None, attempt: int = 1, **metadata: Any
    ) -> str:
        """An artifact, its bytes too if ``blobs`` are given; returns the digest."""
        found = digest(data)
        if blobs is not None:
            blobs.put(io.BytesIO(data), found)
        body = {"name": name, "digest": found, "size": len(data), "metadata": metadata}
        self.wrote(trial_id, "artifacts", body, attempt=attempt)
        return found


def ids(trials: Sequence[Any]) -> list[str]:
    """Their ids."""
    return [trial.id for trial in trials]
