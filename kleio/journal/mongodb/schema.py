"""Indexes and version of the MongoDB journal: made before the first write and remembered in ``meta``.

A reader never makes anything, so a user who may only read needs no more rights than that.
"""

from __future__ import annotations

from pymongo import IndexModel, errors

from kleio.errors import JournalReadOnly, JournalTooNew
from kleio.journal.contract import SCHEMA
from kleio.journal.mongodb.query import SEGMENT_INDEXES, TRIAL_INDEXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.connection.mongodb import Connection

META = "journal"


def prepare(connection: Connection) -> dict[str, Any]:
    """Make the indexes, then the document that says so. Of many who do it at once, all succeed."""
    with connection as database:
        database.trials.create_indexes([IndexModel(keys) for keys in TRIAL_INDEXES])
        database.segments.create_indexes([IndexModel(keys) for keys in SEGMENT_INDEXES])
        meta = {"schema": SCHEMA, "min_reader": SCHEMA, "min_writer": SCHEMA}
        try:
            database.meta.update_one({"_id": META}, {"$setOnInsert": meta}, upsert=True)
        except errors.DuplicateKeyError:
            pass  # somebody else was a moment earlier
        return database.meta.find_one({"_id": META}) or meta


def may_write(connection: Connection, meta: Mapping[str, Any] | None) -> bool:
    """Whether this user of this kleio may write; asked by an update that fits no document."""
    try:
        with connection as database:
            database.meta.update_one({"_id": META, "schema": -1}, {"$set": {"schema": -1}})
    except JournalReadOnly:
        return False
    return meta is None or int(meta["min_writer"]) <= SCHEMA


def too_new(address: str, meta: Mapping[str, Any]) -> JournalTooNew:
    return JournalTooNew(
        f"the journal {address} has schema {meta['schema']}, and this kleio knows {SCHEMA}",
        hint="upgrade kleio: pip install -U kleio",
    )
