"""A journal in the memory of this process: the honest fake.

It passes the same suite as the real ones and is the only stand-in that tests use. ``memory://NAME`` opened twice in
one process is one journal, as two clients of one database would see it.
"""

from __future__ import annotations

import threading

from kleio.clock import SystemClock
from kleio.dataclass import dataclass, field, replace
from kleio.errors import JournalError
from kleio.journal.change import changed, checked_changes, event_segment, matches, replaced
from kleio.journal.contract import SCHEMA, Health, Segment, Tally, TrialQuery
from kleio.journal.sifting import sifted, tallied
from kleio.journal.values import plain_body, plain_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal

    Key = tuple[str, int, str, str, int]


@dataclass
class _Store:
    trials: dict[str, dict[str, Any]] = field(default_factory=dict)
    segments: dict[Key, Segment] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_STORES: dict[str, _Store] = {}


class MemoryJournal:
    """See :class:`kleio.journal.contract.Journal`."""

    def __init__(self, name: str, clock: Clock | None = None) -> None:
        self.address = f"memory://{name}"
        self._clock = clock or SystemClock()
        self._opened: _Store | None = _STORES.setdefault(name, _Store())

    @property
    def _store(self) -> _Store:
        if self._opened is None:
            raise JournalError(f"the journal {self.address} is closed")
        return self._opened

    def insert_trial(self, document: Mapping[str, Any]) -> bool:
        new = plain_document(document, f"trial {document['_id']!r}") | {"rvn": 0, "hb": self._clock.wall()}
        with self._store.lock:
            return self._store.trials.setdefault(new["_id"], new) is new

    def trial(self, trial_id: str) -> dict[str, Any] | None:
        found = self._store.trials.get(trial_id)
        return None if found is None else _copy(found)

    def find_trials(self, query: TrialQuery) -> Iterator[dict[str, Any]]:
        with self._store.lock:
            found = [document for document in self._store.trials.values() if _fits(document, query)]
        found.sort(key=_age, reverse=True)
        return map(_copy, sifted(found, query))

    def count_trials(self, query: TrialQuery) -> int:
        return sum(1 for _ in self.find_trials(replace(query, sort=None, offset=0, limit=None)))

    def tally(self, query: TrialQuery) -> Tally:
        return tallied(self.find_trials(replace(query, sort=None, offset=0, limit=None)))

    def tabulate(self, query: TrialQuery, figures: Sequence[str]) -> dict[str, list[Any]]:
        from kleio.trial.table import Table

        return Table.of(self.find_trials(query), figures).columns()

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
        with self._store.lock:
            before = self._store.trials.get(trial_id)
            if before is None or not matches(before, expected):
                return None
            after = changed(before, changes, claim=claim, event=event, now=self._clock.wall())
            self._store.trials[trial_id] = after
            if event is not None:
                self._keep_events(before, after)
        return _copy(after)

    def _keep_events(self, *documents: dict[str, Any]) -> None:
        for happened in filter(None, map(event_segment, documents)):
            self._store.segments.setdefault(_key(happened), replace(happened, body=_copy(happened.body)))

    def replace_trial(self, document: Mapping[str, Any], rvn: int) -> bool:
        with self._store.lock:
            before = self._store.trials.get(document["_id"])
            if before is None or before["rvn"] != rvn:
                return False
            after = replaced(before, document, self._clock.wall())
            self._store.trials[after["_id"]] = after
            self._keep_events(before, after)
        return True

    def delete_trial(self, trial_id: str) -> bool:
        with self._store.lock:
            for key in [key for key in self._store.segments if key[0] == trial_id]:
                del self._store.segments[key]
            return self._store.trials.pop(trial_id, None) is not None

    def append(self, segments: Sequence[Segment]) -> list[int]:
        stored = []
        for segment in segments:
            copy = replace(segment, body=plain_body(segment))
            with self._store.lock:
                stored.append(self._store.segments.setdefault(_key(copy), copy).last)
        return stored

    def extend(self, segment: Segment, last: int) -> int:
        copy = replace(segment, body=plain_body(segment))
        with self._store.lock:
            stored = self._store.segments.get(_key(copy))
            if stored is None:
                return -1
            if stored.last == last:
                stored = self._store.segments[_key(copy)] = copy
            return stored.last

    def segments(
        self,
        trial_id: str,
        *,
        attempt: int | None = None,
        stream: str | None = None,
        writer: str | None = None,
        first: int = 0,
    ) -> Iterator[Segment]:
        wanted = (trial_id, attempt, stream, writer)
        with self._store.lock:
            keys = sorted(
                key
                for key in self._store.segments
                if key[4] >= first
                and all(want is None or want == have for want, have in zip(wanted, key, strict=False))
            )
            found = [self._store.segments[key] for key in keys]
        return (replace(segment, body=_copy(segment.body)) for segment in found)

    def streams(self, trial_id: str) -> set[str]:
        with self._store.lock:
            return {key[2] for key in self._store.segments if key[0] == trial_id}

    def last_sequence(self, trial_id: str, attempt: int, stream: str, writer: str, *, confirmed: bool = False) -> int:
        found = self.segments(trial_id, attempt=attempt, stream=stream, writer=writer)
        return max((segment.last for segment in found), default=-1)

    def ping(self) -> Health:
        return Health("memory", SCHEMA, 0.0, self._opened is not None, now=self._clock.wall())

    def close(self) -> None:
        self._opened = None


def _key(segment: Segment) -> Key:
    return (segment.trial, segment.attempt, segment.stream, segment.writer, segment.first)


def _copy(document: Mapping[str, Any]) -> dict[str, Any]:
    return plain_document(document, "", binary=True)


def _age(document: Mapping[str, Any]) -> tuple[float, str]:
    created = (document.get("created") or {}).get("time")
    return (float("-inf") if created is None else created, document["_id"])


def _fits(document: Mapping[str, Any], query: TrialQuery) -> bool:
    project = document.get("project") or {}
    refers = document.get("refers") or {}
    return (
        (query.ids is None or document["_id"] in query.ids)
        and (query.id_prefix is None or document["_id"].startswith(query.id_prefix))
        and (query.name is None or document.get("name") == query.name)
        and (query.project is None or project.get("id") == query.project)
        and (query.statuses is None or document.get("status") in query.statuses)
        and (query.parent is None or refers.get("parent") == query.parent)
        and query.trash in (None, bool(document.get("trashed")))
        and set(query.tags) <= set(document.get("tags") or ())
    )


if TYPE_CHECKING:
    _kept: type[Journal] = MemoryJournal
