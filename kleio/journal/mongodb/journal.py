"""A journal in a MongoDB database: shared by machines, safe on one server and on a replica set.

A trial is one document and every move of it one ``findAndModify``, so that a majority of servers decides who holds
it. Segments are documents of their own, named by their place, so nothing grows without bound and sending twice is
harmless. Collections: ``trials``, ``segments``, ``meta``, and ``blobs.*`` (``artifacts/gridfs.py``).
"""

from __future__ import annotations

import time

import bson
from pymongo import ReturnDocument, errors

from kleio.connection.mongodb import DOCUMENT_BYTES, acquire, greeting, pages_in_order, release
from kleio.errors import JournalError
from kleio.journal.change import checked_changes, event_segment, matches
from kleio.journal.contract import SCHEMA, Health, Segment, Tally, TrialQuery
from kleio.journal.mongodb.append import append, extend, last_confirmed, last_of
from kleio.journal.mongodb.codec import decode, documents, encode, encode_key
from kleio.journal.mongodb.query import expectation, segment_filter
from kleio.journal.mongodb.schema import META, may_write, prepare, too_new
from kleio.journal.mongodb.search import PAGE, Search
from kleio.journal.values import plain_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kleio.connection.address import Address
    from kleio.connection.mongodb import Connection
    from kleio.journal.contract import Journal


class MongoJournal:
    """See :class:`kleio.journal.contract.Journal`. The journal's clock is the server's."""

    def __init__(self, where: Address, *, timeout: float | None = None) -> None:
        self.address = where.printable
        self._connection: Connection | None = acquire(where, timeout)
        try:
            self._meta = self._open.meet("meta", META)
            if self._meta and self._meta["min_reader"] > SCHEMA:
                raise too_new(self.address, self._meta)
        except BaseException:
            self.close()
            raise

    def insert_trial(self, document: Mapping[str, Any]) -> bool:
        new = encode(plain_document(document, f"trial {document['_id']!r}") | {"rvn": 0})
        new.pop("hb", None)
        key = new.pop("_id")
        _check_size(key, new)
        with self._writable() as database:
            try:
                # The filter fits no stored trial. It is an update because only updates can ask for the server's time.
                result = database.trials.update_one(
                    {"_id": key, "rvn": {"$lt": 0}}, {"$setOnInsert": new, "$currentDate": {"hb": True}}, upsert=True
                )
            except errors.DuplicateKeyError:
                return False
        return result.upserted_id is not None

    def trial(self, trial_id: str) -> dict[str, Any] | None:
        with self._open as database:
            found = database.trials.find_one({"_id": encode(trial_id)})
        return None if found is None else _stored(decode(found))

    def find_trials(self, query: TrialQuery) -> Iterator[dict[str, Any]]:
        if query.limit is not None and query.limit <= 0:
            return
        with self._open as database:
            yield from Search(database.trials, query, _trials).documents()

    def count_trials(self, query: TrialQuery) -> int:
        with self._open as database:
            return Search(database.trials, query, _trials).count()

    def tally(self, query: TrialQuery) -> Tally:
        with self._open as database:
            return Search(database.trials, query, _trials).tally()

    def tabulate(self, query: TrialQuery, figures: Sequence[str]) -> Mapping[str, Sequence[Any]]:
        from kleio.journal.mongodb.table import tabulate

        with self._open as database:
            return tabulate(database.trials, query, figures, _trials)

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
        wanted = expectation(trial_id, expected)
        update: dict[str, Any] = {
            "$inc": {"rvn": 1, "fence": 1} if claim else {"rvn": 1},
            "$currentDate": {"hb": True},
        }
        new = {encode_key(field): encode(value) for field, value in changes.items()}
        if event is not None:
            new["event"] = encode(event)
        if new:
            update["$set"] = new
        _check_size(trial_id, new)
        while True:
            if event is not None:
                before = self.trial(trial_id)
                if before is None or not matches(before, expected):
                    return None
                # The event is about to be replaced: keep it first, and replace this one only.
                _keep_event(self._writable(), before)
                wanted["rvn"] = before["rvn"]
            with self._writable() as database:
                found = database.trials.find_one_and_update(wanted, update, return_document=ReturnDocument.AFTER)
            if found is not None:
                after = _stored(decode(found))
                if event is not None:
                    _keep_event(self._writable(), after)
                return after
            if "rvn" not in wanted or "rvn" in expected:
                return None

    def replace_trial(self, document: Mapping[str, Any], rvn: int) -> bool:
        new = encode(plain_document(document, f"trial {document['_id']!r}"))
        key = new.pop("_id")
        _check_size(key, new)
        before = self.trial(document["_id"])
        if before is None or before["rvn"] != rvn:
            return False
        _keep_event(self._writable(), before)
        moved_here = {"rvn", "hb"}
        update: dict[str, Any] = {"$inc": {"rvn": 1}, "$currentDate": {"hb": True}}
        update["$set"] = {field: value for field, value in new.items() if field not in moved_here}
        gone = {encode_key(field) for field in before} - new.keys() - moved_here - {"_id"}
        if gone:
            update["$unset"] = dict.fromkeys(sorted(gone), "")
        with self._writable() as database:
            done = database.trials.update_one({"_id": key, "rvn": rvn}, update).matched_count == 1
        if done:
            _keep_event(self._writable(), document)
        return done

    def delete_trial(self, trial_id: str) -> bool:
        with self._writable() as database:
            database.segments.delete_many(segment_filter(trial_id, None, None, None))
            return database.trials.delete_one({"_id": trial_id}).deleted_count == 1

    def append(self, segments: Sequence[Segment]) -> list[int]:
        if not segments:
            return []
        with self._writable() as database:
            return append(database.segments, segments)

    def extend(self, segment: Segment, last: int) -> int:
        with self._writable() as database:
            return extend(database.segments, segment, last)

    def segments(
        self,
        trial_id: str,
        *,
        attempt: int | None = None,
        stream: str | None = None,
        writer: str | None = None,
        first: int = 0,
    ) -> Iterator[Segment]:
        wanted = segment_filter(trial_id, attempt, stream, writer)
        if first:
            wanted["first"] = {"$gte": first}
        repeated = False
        while True:
            try:
                for segment in _read_segments(self._open, wanted):
                    repeated = False
                    wanted["_id"] = {"$gt": segment.id, "$lt": wanted["_id"]["$lt"]}
                    yield segment
                return
            except JournalError as error:
                # A reader may be slow enough for the server to forget its cursor, or meet an election: once more.
                if repeated or not isinstance(error.__cause__, (errors.CursorNotFound, errors.AutoReconnect)):
                    raise
                repeated = True

    def streams(self, trial_id: str) -> set[str]:
        with self._open as database:
            return set(database.segments.distinct("stream", {"trial": trial_id}))

    def last_sequence(self, trial_id: str, attempt: int, stream: str, writer: str, *, confirmed: bool = False) -> int:
        if confirmed:
            with self._open as database:
                return last_confirmed(database.segments, trial_id, attempt, stream, writer)
        wanted = {"trial": trial_id, "attempt": attempt, "stream": stream, "writer": writer}
        with self._open as database:
            return last_of(database.segments, wanted)

    def ping(self) -> Health:
        started = time.monotonic()
        with self._open as database:
            database.command("ping")
            latency = time.monotonic() - started
            version = database.command("buildInfo")["version"]
            now, replica_set = greeting(database)
            self._meta = database.meta.find_one({"_id": META})
        details = {"exists": self._meta is not None, "replica_set": replica_set, "database": database.name}
        schema = self._meta["schema"] if self._meta else SCHEMA
        return Health(f"MongoDB {version}", schema, latency, may_write(self._open, self._meta), details, now)

    def close(self) -> None:
        if self._connection is not None:
            release(self._connection)
        self._connection = None

    @property
    def _open(self) -> Connection:
        if self._connection is None:
            raise JournalError(f"the journal {self.address} is closed")
        return self._connection

    def _writable(self) -> Connection:
        """The connection, once it is known that there are indexes and that this kleio may write."""
        if self._meta is None:
            self._meta = prepare(self._open)
        if self._meta["min_writer"] > SCHEMA:
            raise too_new(self.address, self._meta)
        return self._open


def _trials(page: bytes) -> Iterator[dict[str, Any]]:
    return map(_stored, documents(page))


def _stored(document: dict[str, Any]) -> dict[str, Any]:
    """A trial as it was stored. ``hb`` comes as the driver's milliseconds since the epoch."""
    beat = document.pop("hb", None)
    document["hb"] = None if beat is None else int(beat) / 1000
    return document


def _check_size(trial_id: str, content: dict[str, Any]) -> None:
    size = len(bson.encode(content))
    if size > DOCUMENT_BYTES:
        raise ValueError(f"trial {trial_id!r} is too large: MongoDB takes {DOCUMENT_BYTES} bytes, not {size}")


def _keep_event(connection: Connection, document: Mapping[str, Any]) -> None:
    segment = event_segment(document)
    if segment is not None:
        with connection as database:
            append(database.segments, [segment])


def _read_segments(connection: Connection, wanted: Mapping[str, Any]) -> Iterator[Segment]:
    with connection as database:
        for page in pages_in_order(database.segments, wanted, None, [("_id", 1)], 0, PAGE):
            for document in documents(page):
                yield Segment(
                    document["trial"],
                    document["attempt"],
                    document["stream"],
                    document["writer"],
                    document["first"],
                    document["last"],
                    document["body"],
                )


if TYPE_CHECKING:
    _kept: type[Journal] = MongoJournal
