"""What a running script reads of its own trial: the past from the journal, this attempt from its spool.

The spool holds all of the running attempt, shipped or not, so nothing that was logged a moment ago is missing. The
journal's address lies in ``attempt.json``; what talks to it is imported only when somebody asks. An attempt that began
offline does not ask: it knows what it recorded itself, until it is entered into the journal.
"""

from __future__ import annotations

import heapq
import os
from contextlib import contextmanager

from kleio.client.failing import without_driver
from kleio.client.stored import Content, stored_file
from kleio.dataclass import dataclass
from kleio.errors import TrialNotFound
from kleio.journal.lineage import ancestors
from kleio.spool.attempt.directory import read_attempt, record_files
from kleio.spool.complaint import complain
from kleio.spool.records.reader import Record, read_records
from kleio.spool.records.restoration import RESUME, hides
from kleio.spool.records.segments import ARTIFACTS, STATISTICS, points
from kleio.spool.records.values import restore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import IO, Any

    from kleio.journal.contract import Journal
    from kleio.spool.attempt.directory import AttemptFile

    Chapter = Mapping[str, Sequence[Sequence["Entry"]]]
    """One attempt: stream → for each process its records."""


@dataclass(frozen=True)
class Entry:
    """One record, restored."""

    time: float
    body: Any


def load_config(spool: str) -> dict[str, Any]:
    """The trial's configuration, which the launcher left with the attempt."""
    attempt = read_attempt(spool)
    if attempt.configuration is not None:
        return dict(attempt.configuration)
    with without_driver(), _open(attempt) as journal:  # begun by an earlier version of kleio
        return dict(_document(journal, attempt.trial)["configuration"])


def load_statistic(spool: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """All records that have every one of ``names``."""
    wanted = set(names)
    return [entry.body for entry in _history(spool, STATISTICS) if wanted <= entry.body.keys()]


def load_artifacts(spool: str, name: str, metadata: Mapping[str, Any]) -> Iterator[tuple[IO[bytes], dict[str, Any]]]:
    """Each artifact of this name and metadata."""
    content = Content(spool)
    for entry in _history(spool, ARTIFACTS):
        body = entry.body
        if body["name"] == name and all(
            key in body["metadata"] and body["metadata"][key] == value for key, value in metadata.items()
        ):
            yield stored_file(content, body), body["metadata"]


def _history(spool: str, stream: str) -> list[Entry]:
    """All records of a stream: the ancestors' up to their cuts, earlier attempts', this attempt's.

    What ``resume_from`` took back is left out.
    """
    attempt, chapters = read_attempt(spool), []
    if attempt.offline is not None:
        complain(
            "offline", "the journal is not asked offline: what earlier attempts of this trial recorded is not known"
        )
    else:
        with without_driver(), _open(attempt) as journal:
            chapters = _journalled(journal, attempt.trial, (stream, RESUME), before=attempt.attempt)
    files = [os.path.join(spool, f"{writer}.ksp") for writer in record_files(spool)]
    chapters.append({name: [[*_of_file(path, name)] for path in files] for name in (stream, RESUME)})
    told: list[Entry] = []
    for chapter in chapters:
        for resumed in _in_order(chapter.get(RESUME, ())):
            told = [entry for entry in told if not hides(resumed.body, _place(entry.body, stream))]
        told += _in_order(chapter.get(stream, ()))
    return told


def _place(body: Mapping[str, Any], stream: str) -> Mapping[str, Any]:
    """By what a record is compared with a checkpoint."""
    place: Mapping[str, Any] = body["metadata"] if stream == ARTIFACTS else body
    return place


def _journalled(journal: Journal, trial: str, streams: Sequence[str], before: int) -> list[Chapter]:
    """Attempt by attempt the ancestors' records up to their cuts, then those of this trial before ``before``."""
    chapters: list[Chapter] = []
    for ancestor in ancestors(journal, _document(journal, trial)):
        chapters += _of_trial(journal, ancestor.document["_id"], streams, ancestor.cut.admits)
    return chapters + _of_trial(journal, trial, streams, lambda attempt, _: attempt < before)


def _of_trial(
    journal: Journal, trial: str, streams: Sequence[str], admits: Callable[[int, float], bool]
) -> list[Chapter]:
    attempts: dict[int, dict[str, dict[str, list[Entry]]]] = {}
    for stream in streams:
        for segment in journal.segments(trial, stream=stream):
            found = [Entry(point.time, point.values) for point in points(segment.body)]
            kept = [entry for entry in found if admits(segment.attempt, entry.time)]
            writers = attempts.setdefault(segment.attempt, {}).setdefault(stream, {})
            writers.setdefault(segment.writer, []).extend(kept)
    return [
        {stream: list(writers.values()) for stream, writers in attempts[number].items()} for number in sorted(attempts)
    ]


def _of_file(path: str, stream: str) -> Iterator[Entry]:
    for record in read_records(path):
        if isinstance(record, Record) and record.stream == stream and isinstance(record.body, dict):
            if stream == STATISTICS:
                yield Entry(record.wall, {name: restore(value) for name, value in record.body.items()})
            else:
                yield Entry(record.wall, restore(record.body))


def _in_order(writers: Sequence[Sequence[Entry]]) -> list[Entry]:
    """By time, but never against the order of one writer, whatever the clock did."""
    return list(heapq.merge(*writers, key=lambda entry: entry.time))


@contextmanager
def _open(attempt: AttemptFile) -> Iterator[Journal]:
    from kleio.journal.registry import open_journal

    journal = open_journal(attempt.journal, create=False)
    try:
        yield journal
    finally:
        journal.close()


def _document(journal: Journal, trial: str) -> dict[str, Any]:
    document = journal.trial(trial)
    if document is None:
        raise TrialNotFound(f"trial {trial[:7]} is not in the journal any more")
    return document
