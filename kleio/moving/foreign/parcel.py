"""A run of another tool as a trial that kleio could have recorded.

Its id is made of what names the run in its own world, so that importing it twice, from wherever the store lies, is
importing it once. It is completed or broken, and so never run again by accident. What it came from stands in the field
``imported``: ``{"tool", "id", "experiment", "path", …}``.
"""

from __future__ import annotations

import hashlib
import os

from kleio.artifacts.digests import pieces, verified
from kleio.encoding import digest_of
from kleio.errors import BlobMissing, StoreUnreadable
from kleio.journal.contract import Segment
from kleio.moving.foreign.run import BROKEN, COMPLETED, RUNNING, rows
from kleio.moving.foreign.secrets import without_secrets
from kleio.moving.parcel import EVENTS
from kleio.spool.output import CHUNK, pack_times
from kleio.spool.records.reader import Record
from kleio.spool.records.segments import ARTIFACTS, STATISTICS, segment_of
from kleio.spool.records.values import normalise, normalise_members
from kleio.spool.shipping import summary as summaries
from kleio.trial.document import new_document
from kleio.trial.edits import LONGEST_TAG
from kleio.trial.snapshot import IMPORTED, CommandLine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kleio.moving.foreign.run import Run
    from kleio.moving.foreign.secrets import Redactor
    from kleio.trial.snapshot import Project

BATCH = 10_000
FURTHEST = 6e10
"""Seconds from 1970, some 1900 years. The times of a trial are shown as dates, which end soon behind that."""
_METRICS = "metrics"
_FILES = "files"


def identity(run: Run) -> str:
    """The id of the trial that a run becomes."""
    return digest_of({"imported": run.tool, "key": list(run.key)})


class RunParcel:
    """See :class:`kleio.moving.parcel.Parcel`. The files of the run are read when it is made, to be named by digest."""

    def __init__(self, run: Run, project: Project, redactor: Redactor) -> None:
        self._run = without_secrets(run, redactor)
        for time in (run.started, self._end):
            if not abs(time) < FURTHEST:  # written so that it holds for NaN, too
                raise StoreUnreadable(f"it says that it ran {time:g} seconds after 1970, which is no date")
        self._trial = identity(run)
        self._paths: dict[str, str] = {}
        self._artifacts: list[Record] = []
        self._read_files()
        self._sizes = {stream: _size(path) for stream, path in run.output.items()}
        self._summary, self._records = self._count()
        self._events = self._moves(redactor)
        self.document = self._document(project, redactor)

    def segments(self, stream: str | None = None) -> Iterator[Segment]:
        """In the journal's order: attempt 0 first, then streams by name."""
        if stream in (None, EVENTS):
            yield self._event(0)
        if stream in (None, ARTIFACTS):
            yield from _batched(self._trial, _FILES, ARTIFACTS, iter(self._artifacts))
        if stream in (None, STATISTICS):
            yield from _batched(self._trial, _METRICS, STATISTICS, self._statistics())
        if stream in (None, EVENTS):
            yield from sorted(map(self._event, range(1, len(self._events))), key=lambda segment: segment.writer)
        for name in sorted(self._run.output):
            if stream in (None, name):
                yield from self._printed(name)

    def blob(self, digest: str) -> Iterator[bytes]:
        """The bytes of a file of the run; ``BlobCorrupt`` if they changed since."""
        if digest not in self._paths:
            raise BlobMissing(f"{self._run.path} holds no file with the digest {digest}")
        return verified(digest, _content(self._paths[digest]))

    def holds(self, digest: str) -> bool:
        """Whether a file of the run has this digest."""
        return digest in self._paths

    def _read_files(self) -> None:
        for number, file in enumerate(self._run.files):
            sha, size = hashlib.sha256(), 0
            for piece in _content(file.path):
                sha.update(piece)
                size += len(piece)
            digest = sha.hexdigest()
            self._paths[digest] = file.path
            body = {"name": file.name, "digest": digest, "size": size, "metadata": normalise(dict(file.metadata))}
            time = min(os.stat(file.path).st_mtime, self._end)
            self._artifacts.append(Record(number, ARTIFACTS, max(time, self._run.started), body, 0, 0))

    def _statistics(self) -> Iterator[Record]:
        for number, (time, values) in enumerate(rows(self._run.metrics())):
            yield Record(number, STATISTICS, time, normalise_members(values), 0, 0)

    def _count(self) -> tuple[dict[str, Any], int]:
        total, count = summaries.empty(), 0
        for record in self._statistics():
            summaries.add_record(total, record)
            count += 1
        total = summaries.together([total])
        total["artifacts"] = len(self._artifacts)
        total["output"] = {stream: size for stream, size in self._sizes.items() if size}
        return total, count

    @property
    def _end(self) -> float:
        """The latest moment that is known of."""
        return self._run.ended if self._run.ended is not None else self._run.started

    @property
    def _outcome(self) -> dict[str, Any]:
        code = 0 if self._run.status == COMPLETED and self._run.exit_code is None else self._run.exit_code
        return {"code": code, "signal": None, "why": self._run.why}

    def _moves(self, redactor: Redactor) -> list[dict[str, Any]]:
        """The events: registered, launched, ended. Their ids are made of the trial, so that they are the same again."""
        run = self._run
        launch = {
            "argv": list(redactor.redact_argv(run.argv)),
            "cwd": "",
            "code": self._code(),
            "environment": self._environment(),
        }
        manifest = {
            "writers": {
                name: {"records": count, "bytes": 0, "quarantined": 0}
                for name, count in ((_FILES, len(self._artifacts)), (_METRICS, self._records))
                if count
            },
            "output": {stream: size for stream, size in self._sizes.items() if size},
        }
        end: dict[str, Any] = {"outcome": self._outcome, "manifest": manifest}
        if run.ended is not None:
            end["duration"] = max(0.0, run.ended - run.started)
        return [
            self._move(0, "new", run.started, f"imported from {run.tool}", {}),
            self._move(1, "reserved", run.started, "launch", launch),
            self._move(2, self._status, self._end, run.why, end),
        ]

    def _move(self, number: int, word: str, time: float, why: str, more: Mapping[str, Any]) -> dict[str, Any]:
        who = {"user": self._run.user or "", "host": self._run.host or "", "pid": 0}
        name = digest_of([self._trial, number])[:16]
        return {"id": name, "status": word, "time": time, "offset": 0, "who": who, "why": why, **more}

    def _event(self, number: int) -> Segment:
        event = self._events[number]
        return Segment(self._trial, min(number, 1), EVENTS, event["id"], 0, 0, event)

    @property
    def _status(self) -> str:
        return BROKEN if self._run.status == RUNNING else self._run.status

    def _code(self) -> dict[str, Any]:
        run = self._run
        return {
            "kind": "git" if run.commit else "none", "digest": digest_of([run.tool, run.commit]), "commit": run.commit,
            "branch": None, "remote": run.remote, "dirty": run.dirty, "script": None, "notes": [IMPORTED],
        }  # fmt: skip

    def _environment(self) -> dict[str, Any]:
        run = self._run
        compared = {key: normalise(value) for key, value in run.environment.items()}
        recorded = {"hostname": run.host, "user": run.user, "packages": dict(run.packages)}
        digest = digest_of([compared, dict(run.packages)])
        return {"digest": digest, "compared": compared, "recorded": recorded}

    def _document(self, project: Project, redactor: Redactor) -> dict[str, Any]:
        run = self._run
        redacted = redactor.redact_argv(run.argv)
        configuration = {key: normalise(value) for key, value in run.configuration.items()}
        tags = [tag for tag in map(_tag, (run.experiment or "", *run.tags)) if tag]
        made = new_document(
            self._trial, CommandLine(run.argv, redacted, configuration), project, _Moment(run.started),
            tags=tags, name=run.name or None, event=self._events[-1],
        )  # fmt: skip
        imported = {"tool": run.tool, "id": run.id, "experiment": run.experiment, "path": run.path}
        return made | {
            "status": self._status,
            "fence": 1,
            "started": {"time": run.started, "offset": 0},
            "ended": None if run.ended is None else {"time": run.ended, "offset": 0},
            "duration": max(0.0, self._end - run.started),
            "outcome": self._outcome,
            "code": self._code(),
            "environment": self._environment(),
            "summary": self._summary,
            "imported": {**imported, **{key: normalise(value) for key, value in run.more.items()}},
        }

    def _printed(self, stream: str) -> Iterator[Segment]:
        """What it printed, in chunks. When, nobody wrote down."""
        start = 0
        for data in _content(self._run.output[stream], CHUNK):
            body = {
                "data": data, "encoding": "raw", "size": len(data), "hole": 0,
                "times": pack_times([(0, self._run.started)]),
            }  # fmt: skip
            yield Segment(self._trial, 1, stream, "output", start, start + len(data) - 1, body)
            start += len(data)


class _Moment:
    """A clock that stands still."""

    def __init__(self, time: float) -> None:
        self._time = time

    def wall(self) -> float:
        return self._time

    def monotonic(self) -> float:
        return 0.0

    def offset(self) -> int:
        return 0


def _batched(trial: str, writer: str, stream: str, records: Iterator[Record]) -> Iterator[Segment]:
    batch: list[Record] = []
    for record in records:
        batch.append(record)
        if len(batch) >= BATCH:
            yield segment_of(trial, 1, writer, stream, batch)
            batch = []
    if batch:
        yield segment_of(trial, 1, writer, stream, batch)


def _content(path: str, size: int = 1 << 20) -> Iterator[bytes]:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            yield from pieces(file, size)
    except OSError as error:
        raise StoreUnreadable(f"{path} cannot be read: {error.strerror}")


def _size(path: str) -> int:
    return sum(map(len, _content(path)))


def _tag(text: str) -> str:
    """The text as a tag; what no tag may hold is left out."""
    return "".join(letter for letter in text if letter.isprintable() and letter != ";").strip()[:LONGEST_TAG].strip()
