"""Storing many segments at once, so that one which cannot be stored does not keep the others out.

Segments go in batches, each document at most once however often it is sent: its ``_id`` is its place, and a refusal
because the ``_id`` exists is success. A batch that the server refuses as a whole is halved until the culprit is found.

What decides whether something is written once more is never an answer of old. A write that the primary has carried out,
but no majority confirmed in time, is not acknowledged, and no ordinary read shows it yet: to add what seems to lack
would double it. A server that finds nothing to do for a write waits for the majority all the same, so a read behind it
tells all; where nothing was written before, the primary is asked as well (:func:`last_confirmed`).
"""

from __future__ import annotations

import time

import bson
from bson.raw_bson import RawBSONDocument
from pymongo import errors
from pymongo.read_concern import ReadConcern

from kleio.connection.mongodb import CONFIRMED_WITHIN, DOCUMENT_BYTES
from kleio.errors import JournalUnreachable
from kleio.journal.mongodb.codec import encode
from kleio.journal.values import plain_body

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from pymongo.collection import Collection

    from kleio.journal.contract import Segment

    Batch = list[tuple[int, RawBSONDocument]]

BATCH = 1_000
BATCH_BYTES = 8 << 20
PAUSE = 0.05
"""Seconds between two looks at what is not confirmed yet."""
_DUPLICATE = 11000
_POISON = frozenset({2, 9, 14, 22, 52, 56, 57, 121, 10334, 15846, 17280, 17419, 17420})
"""Codes that blame the document: too large, a key or a value that the server does not take."""


def append(collection: Collection[RawBSONDocument], segments: Sequence[Segment]) -> list[int]:
    """See ``Journal.append``; the driver's errors are left to the caller."""
    stored = [segment.last for segment in segments]
    refused: dict[int, str] = {}
    for batch in _batches(segments, refused):
        _insert(collection, batch, segments, stored, refused)
    if refused:
        where, why = min(refused.items())
        raise ValueError(f"segment {segments[where].id!r} cannot be stored: {why}")
    return stored


def extend(collection: Collection[RawBSONDocument], segment: Segment, last: int) -> int:
    """See ``Journal.extend``; the driver's errors are left to the caller."""
    document = RawBSONDocument(_encoded(segment))
    try:
        done = collection.update_one(
            {"_id": segment.id, "last": last}, {"$set": {"last": segment.last, "body": document["body"]}}
        )
    except errors.OperationFailure as error:
        if error.code not in _POISON:
            raise
        raise ValueError(f"segment {segment.id!r} cannot be stored: {error}") from error
    if done.matched_count:
        return segment.last
    found = collection.find_one({"_id": segment.id}, {"last": 1})
    return -1 if found is None else int(found["last"])


def last_confirmed(collection: Collection[Any], trial: str, attempt: int, stream: str, writer: str) -> int:
    """The highest ``last`` of this writer, or -1, once a majority of the servers has what the primary has.

    ``JournalUnreachable`` if that takes longer than a write has for being confirmed.
    """
    wanted = {"trial": trial, "attempt": attempt, "stream": stream, "writer": writer}
    primary = collection.with_options(read_concern=ReadConcern("local"))
    deadline = time.monotonic() + CONFIRMED_WITHIN
    while True:
        newest = last_of(primary, wanted)
        sure = last_of(collection, wanted)
        if sure >= newest:
            return sure
        if time.monotonic() > deadline:
            raise JournalUnreachable("what was written last has not been confirmed by a majority of the servers yet")
        time.sleep(PAUSE)


def last_of(collection: Collection[Any], wanted: Mapping[str, Any]) -> int:
    """The highest ``last`` of the segments that fit, or -1."""
    found = collection.find_one(wanted, {"last": 1}, sort=[("last", -1)])
    return -1 if found is None else int(found["last"])


def _batches(segments: Sequence[Segment], refused: dict[int, str]) -> Iterator[Batch]:
    batch: Batch = []
    size = 0
    for number, segment in enumerate(segments):
        try:
            document = RawBSONDocument(_encoded(segment))
        except ValueError as error:
            refused[number] = str(error)
            continue
        if batch and (len(batch) >= BATCH or size + len(document.raw) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((number, document))
        size += len(document.raw)
    if batch:
        yield batch


def _encoded(segment: Segment) -> bytes:
    document = {
        "_id": segment.id,
        "trial": segment.trial,
        "attempt": segment.attempt,
        "stream": segment.stream,
        "writer": segment.writer,
        "first": segment.first,
        "last": segment.last,
        "body": encode(plain_body(segment)),
    }
    encoded = bson.encode(document)
    if len(encoded) > DOCUMENT_BYTES:
        raise ValueError(f"{len(encoded)} bytes are more than MongoDB takes in one document ({DOCUMENT_BYTES})")
    return encoded


def _insert(
    collection: Collection[RawBSONDocument],
    batch: Batch,
    segments: Sequence[Segment],
    stored: list[int],
    refused: dict[int, str],
) -> None:
    try:
        collection.insert_many([document for _, document in batch], ordered=False)
    except errors.BulkWriteError as error:
        details = error.details
        if details.get("writeConcernErrors"):
            raise
        known = []
        for failure in details["writeErrors"]:
            number = batch[failure["index"]][0]
            if failure["code"] == _DUPLICATE:
                known.append(number)
            elif failure["code"] in _POISON:
                refused[number] = failure["errmsg"]
            else:
                raise errors.OperationFailure(failure["errmsg"], failure["code"], failure)
        _look_up(collection, known, segments, stored)
    except errors.OperationFailure as error:
        if error.code not in _POISON:
            raise
        if len(batch) == 1:
            refused[batch[0][0]] = str(error)
            return
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            _insert(collection, half, segments, stored, refused)


def _look_up(
    collection: Collection[RawBSONDocument], known: list[int], segments: Sequence[Segment], stored: list[int]
) -> None:
    """Where each of the segments that were there already ends, as a majority of servers has it."""
    ids = [segments[number].id for number in known]
    lasts = {found["_id"]: int(found["last"]) for found in collection.find({"_id": {"$in": ids}}, {"last": 1})}
    for number in known:
        last = lasts.get(segments[number].id)
        if last is None:
            raise JournalUnreachable("a segment was written by somebody else, but not by a majority of the servers yet")
        stored[number] = last
