"""A journal in one SQLite file: no server, durable at every commit, shared by the processes of one machine.

Transactions are short and never span a caller's code; readers take pages and hold no lock between them, so a slow
reader stops nobody. Losers of a race find out by reading, without asking for the write lock. Nothing here needs a
SQLite newer than 3.26.
"""

from __future__ import annotations

import sqlite3

from kleio.clock import SystemClock
from kleio.journal.change import changed, checked_changes, event_segment, matches, replaced
from kleio.journal.contract import Health, Segment, Tally, TrialQuery
from kleio.journal.sqlite.codec import dump, load, load_with_text
from kleio.journal.sqlite.file import file_system
from kleio.journal.sqlite.index import bindable, delete_trial, insert_trial, update_trial
from kleio.journal.sqlite.query import count, find, tally
from kleio.journal.sqlite.segments import (
    decoded,
    delete_segments,
    extend,
    last_stored,
    read_segments,
    store,
    stored_streams,
)
from kleio.journal.sqlite.session import Session
from kleio.journal.values import plain_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal

TIMEOUT = 30.0
"""Seconds to wait for another process's transaction."""


class SqliteJournal:
    """See :class:`kleio.journal.contract.Journal`."""

    def __init__(
        self,
        path: str,
        *,
        clock: Clock | None = None,
        create: bool = True,
        timeout: float | None = None,
        on_wait: Callable[[str], None] | None = None,
    ) -> None:
        self.address = f"sqlite://{path}"
        self._clock = clock or SystemClock()
        patience = TIMEOUT if timeout is None else timeout
        self._session = Session(path, create=create, timeout=patience, on_wait=on_wait)

    def insert_trial(self, document: Mapping[str, Any]) -> bool:
        new = plain_document(document, f"trial {document['_id']!r}") | {"rvn": 0, "hb": self._clock.wall()}
        if self._session.read("SELECT 1 FROM trials WHERE id = ?", (new["_id"],)):
            return False
        with self._session:
            return insert_trial(self._session, new, dump(new))

    def trial(self, trial_id: str) -> dict[str, Any] | None:
        numbered = self._numbered(trial_id)
        return None if numbered is None else numbered[1]

    def _numbered(self, trial_id: str) -> tuple[int, dict[str, Any]] | None:
        rows = self._session.read(
            "SELECT number, document FROM trials JOIN documents USING (number) WHERE id = ?", (bindable(trial_id),)
        )
        return (rows[0][0], decoded(self._session, load, rows[0][1])) if rows else None

    def find_trials(self, query: TrialQuery) -> Iterator[dict[str, Any]]:
        return (decoded(self._session, load_with_text, text) for text in find(self._session, query))

    def count_trials(self, query: TrialQuery) -> int:
        return count(self._session, query)

    def tally(self, query: TrialQuery) -> Tally:
        return tally(self._session, query)

    def tabulate(self, query: TrialQuery, figures: Sequence[str]) -> Mapping[str, Sequence[Any]]:
        from kleio.journal.sqlite.table import tabulate  # here: no launch asks for it

        return tabulate(self._session, query, figures)

    def compare_and_set(
        self,
        trial_id: str,
        expected: Mapping[str, Any],
        changes: Mapping[str, Any],
        *,
        claim: bool = False,
        event: Mapping[str, Any] | None = None,
    ) -> dict[str, Any] | None:
        changes, event = checked_changes(trial_id, changes, claim, event)
        seen = self.trial(trial_id)
        if seen is None or not matches(seen, expected):
            return None
        with self._session:
            numbered = self._numbered(trial_id)
            if numbered is None or not matches(numbered[1], expected):
                return None
            number, before = numbered
            after = changed(before, changes, claim=claim, event=event, now=self._clock.wall())
            self._update(number, before, after, keep_events=event is not None)
        return after

    def replace_trial(self, document: Mapping[str, Any], rvn: int) -> bool:
        with self._session:
            numbered = self._numbered(document["_id"])
            if numbered is None or numbered[1]["rvn"] != rvn:
                return False
            number, before = numbered
            self._update(number, before, replaced(before, document, self._clock.wall()), keep_events=True)
        return True

    def _update(self, number: int, before: Mapping[str, Any], after: Mapping[str, Any], *, keep_events: bool) -> None:
        """Inside a transaction."""
        update_trial(self._session, number, before, after, dump(after))
        for happened in filter(None, map(event_segment, (before, after) if keep_events else ())):
            store(self._session, happened)

    def delete_trial(self, trial_id: str) -> bool:
        with self._session:
            delete_segments(self._session, trial_id)
            numbered = self._numbered(trial_id)
            if numbered is not None:
                delete_trial(self._session, *numbered)
        return numbered is not None

    def append(self, segments: Sequence[Segment]) -> list[int]:
        if not segments:
            return []
        with self._session:
            return [store(self._session, segment) for segment in segments]

    def extend(self, segment: Segment, last: int) -> int:
        with self._session:
            return extend(self._session, segment, last)

    def segments(
        self,
        trial_id: str,
        *,
        attempt: int | None = None,
        stream: str | None = None,
        writer: str | None = None,
        first: int = 0,
    ) -> Iterator[Segment]:
        return read_segments(self._session, trial_id, (attempt, stream, writer), first)

    def streams(self, trial_id: str) -> set[str]:
        return stored_streams(self._session, trial_id)

    def last_sequence(self, trial_id: str, attempt: int, stream: str, writer: str, *, confirmed: bool = False) -> int:
        return last_stored(self._session, (trial_id, attempt, stream, writer))

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


if TYPE_CHECKING:
    _kept: type[Journal] = SqliteJournal
