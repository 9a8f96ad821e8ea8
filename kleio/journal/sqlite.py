"""A journal in one SQLite file: no server, durable at every commit, shared by the processes of one machine.

Transactions are short and never span a caller's code; readers take pages and hold no lock between them, so a slow
reader stops nobody. Losers of a race find out by reading, without asking for the write lock. Nothing here needs a
SQLite newer than 3.26.
"""

from __future__ import annotations

import sqlite3

from kleio.clock import SystemClock
from kleio.errors import JournalCorrupt
from kleio.journal.change import changed, checked_changes, event_segment, matches
from kleio.journal.contract import Health, Segment, TrialQuery
from kleio.journal.json_codec import dump, load, pack, unpack
from kleio.journal.sqlite_file import file_system
from kleio.journal.sqlite_query import bindable, columns, count, find, tags
from kleio.journal.sqlite_session import Session
from kleio.journal.values import plain_body, plain_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal

TIMEOUT = 30.0
"""Seconds to wait for another process's transaction."""
PAGE_BYTES = 4 << 20
PAGE_SEGMENTS = 500


class SqliteJournal:
    """See :class:`kleio.journal.contract.Journal`."""

    def __init__(
        self, path: str, *, clock: Clock | None = None, create: bool = True, timeout: float | None = None
    ) -> None:
        self.address = f"sqlite://{path}"
        self._clock = clock or SystemClock()
        self._session = Session(path, create=create, timeout=TIMEOUT if timeout is None else timeout)

    def insert_trial(self, document: Mapping[str, Any]) -> bool:
        new = plain_document(document, f"trial {document['_id']!r}") | {"rvn": 0, "hb": self._clock.wall()}
        if self._session.read("SELECT 1 FROM trials WHERE id = ?", (new["_id"],)):
            return False
        with self._session:
            stored = self._session.run(
                "INSERT OR IGNORE INTO trials (id, created, status, project, name, parent, document)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (new["_id"], *columns(new), dump(new)),
            )
            if stored:
                self._tag({}, new)
        return stored == 1

    def trial(self, trial_id: str) -> dict[str, Any] | None:
        rows = self._session.read("SELECT document FROM trials WHERE id = ?", (bindable(trial_id),))
        return self._document(rows[0][0]) if rows else None

    def find_trials(self, query: TrialQuery) -> Iterator[dict[str, Any]]:
        return map(self._document, find(self._session, query))

    def count_trials(self, query: TrialQuery) -> int:
        return count(self._session, query)

    def compare_and_set(
        self,
        trial_id: str,
        expected: Mapping[str, Any],
        changes: Mapping[str, Any],
        *,
        claim: bool = False,
        event: Mapping[str, Any] | None = None,
    ) -> dict[str, Any] | None:
        changes, event = checked_changes(trial_id, changes, event)
        seen = self.trial(trial_id)
        if seen is None or not matches(seen, expected):
            return None
        with self._session:
            before = self.trial(trial_id)
            if before is None or not matches(before, expected):
                return None
            after = changed(before, changes, claim=claim, event=event, now=self._clock.wall())
            self._session.run(
                "UPDATE trials SET created = ?, status = ?, project = ?, name = ?, parent = ?, document = ?"
                " WHERE id = ?",
                (*columns(after), dump(after), trial_id),
            )
            self._tag(before, after)
            if claim or event is not None:
                for happened in filter(None, map(event_segment, (before, after))):
                    self._store(happened)
        return after

    def delete_trial(self, trial_id: str) -> bool:
        key = (bindable(trial_id),)
        with self._session:
            self._session.run("DELETE FROM segments WHERE writer IN (SELECT number FROM writers WHERE trial = ?)", key)
            self._session.run("DELETE FROM writers WHERE trial = ?", key)
            self._session.run("DELETE FROM tags WHERE trial = ?", key)
            return self._session.run("DELETE FROM trials WHERE id = ?", key) == 1

    def append(self, segments: Sequence[Segment]) -> list[int]:
        if not segments:
            return []
        with self._session:
            return [self._store(segment) for segment in segments]

    def segments(
        self,
        trial_id: str,
        *,
        attempt: int | None = None,
        stream: str | None = None,
        writer: str | None = None,
        first: int = 0,
    ) -> Iterator[Segment]:
        where = "trial = ?"
        values: list[Any] = [bindable(trial_id)]
        for column, value in (("attempt", attempt), ("stream", stream), ("writer", writer)):
            if value is not None:
                where += f" AND {column} = ?"
                values.append(bindable(value) if isinstance(value, str) else value)
        writers = self._session.read(
            f"SELECT number, attempt, stream, writer FROM writers WHERE {where} ORDER BY attempt, stream, writer",  # noqa: S608
            values,
        )
        return (
            Segment(trial_id, at, of, by, begin, last, self._body(packed))
            for number, at, of, by in writers
            for begin, last, packed in self._rows(number, first)
        )

    def last_sequence(self, trial_id: str, attempt: int, stream: str, writer: str) -> int:
        rows = self._session.read(
            "SELECT last FROM writers WHERE trial = ? AND attempt = ? AND stream = ? AND writer = ?",
            (bindable(trial_id), attempt, bindable(stream), bindable(writer)),
        )
        return rows[0][0] if rows else -1

    def ping(self) -> Health:
        started = self._clock.monotonic()
        ((schema,),) = self._session.read("SELECT schema FROM meta")
        ((mode,),) = self._session.read("PRAGMA journal_mode")
        latency = self._clock.monotonic() - started
        path = self._session.path
        details = {"path": path, "journal_mode": mode, "synchronous": "full", "file_system": file_system(path)}
        return Health(
            f"SQLite {sqlite3.sqlite_version}", schema, latency, self._session.writable, details, now=self._clock.wall()
        )

    def close(self) -> None:
        self._session.close()

    def _store(self, segment: Segment) -> int:
        """Inside a transaction: store the segment unless its id exists; its ``last``, or the stored one's."""
        body = pack(plain_body(segment))
        writer = (segment.trial, segment.attempt, segment.stream, segment.writer)
        self._session.run(
            "INSERT OR IGNORE INTO writers (trial, attempt, stream, writer, last) VALUES (?, ?, ?, ?, -1)", writer
        )
        ((number, last),) = self._session.read(
            "SELECT number, last FROM writers WHERE trial = ? AND attempt = ? AND stream = ? AND writer = ?", writer
        )
        stored = self._session.run(
            "INSERT OR IGNORE INTO segments (writer, first, last, body) VALUES (?, ?, ?, ?)",
            (number, segment.first, segment.last, body),
        )
        if not stored:
            ((last,),) = self._session.read(
                "SELECT last FROM segments WHERE writer = ? AND first = ?", (number, segment.first)
            )
            return int(last)
        if segment.last > last:
            self._session.run("UPDATE writers SET last = ? WHERE number = ?", (segment.last, number))
        return segment.last

    def _rows(self, number: int, first: int) -> Iterator[tuple[int, int, bytes]]:
        while True:
            rows = self._session.read_page(
                "SELECT first, last, body FROM segments WHERE writer = ? AND first >= ? ORDER BY first LIMIT ?",
                (number, first, PAGE_SEGMENTS),
                PAGE_BYTES,
            )
            yield from rows
            if not rows:
                return
            first = rows[-1][0] + 1

    def _tag(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        old, new = tags(before), tags(after)
        for tag in old - new:
            self._session.run("DELETE FROM tags WHERE tag = ? AND trial = ?", (tag, after["_id"]))
        for tag in new - old:
            self._session.run("INSERT OR IGNORE INTO tags (tag, trial) VALUES (?, ?)", (tag, after["_id"]))

    def _document(self, text: str | bytes) -> dict[str, Any]:
        try:
            return load(text)
        except (ValueError, TypeError, AttributeError) as error:
            raise self._damaged(error)

    def _body(self, packed: bytes) -> dict[str, Any]:
        try:
            return unpack(packed)
        except (ValueError, TypeError, AttributeError) as error:
            raise self._damaged(error)

    def _damaged(self, error: Exception) -> JournalCorrupt:
        return JournalCorrupt(
            f"the journal {self._session.path} holds a row that cannot be read: {error}",
            hint="keep a copy of the file; `kleio doctor` checks it",
        )


if TYPE_CHECKING:
    _kept: type[Journal] = SqliteJournal
