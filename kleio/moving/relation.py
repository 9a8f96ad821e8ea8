"""What two journals know of one trial: the same, one more than the other, or each something else.

A trial's moves are events with random ids, so its history tells. Who has all the moves of the other and more is ahead.
Where each has a move that the other lacks, the trial was run in both, and neither may be written over the other.
Registering a command is no such move: a trial that never ran gives way to one that did.
"""

from __future__ import annotations

from kleio.moving.parcel import EDITS, EVENTS
from kleio.trial import status
from kleio.trial.edits import TAGS, with_changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from kleio.journal.contract import Journal, Segment
    from kleio.moving.parcel import Parcel

NEW = "new"
SAME = "same"
AHEAD = "ahead"
"""What comes has more than what is here."""
BEHIND = "behind"
DIVERGED = "diverged"
UNFINISHED = "unfinished"
"""Here is the beginning of what comes."""


def relation(parcel: Parcel, journal: Journal, here: Mapping[str, Any] | None) -> str:
    """How a trial that comes stands to the document that the journal has of it."""
    if here is None:
        return NEW
    theirs = moves(parcel.document, parcel.segments(EVENTS))
    if here["status"] == status.ARRIVING:
        latest = _latest(here)
        return UNFINISHED if latest in theirs or latest is None else DIVERGED
    ours = moves(here, journal.segments(here["_id"], stream=EVENTS))
    if ours == theirs:
        return SAME
    if ours < theirs:
        return AHEAD
    return BEHIND if theirs < ours else DIVERGED


def moves(document: Mapping[str, Any], events: Iterable[Segment]) -> set[str]:
    """The ids of all moves since the trial was first reserved."""
    found = {segment.writer for segment in events if segment.attempt}
    latest = _latest(document)
    return found if latest is None else found | {latest}


def _latest(document: Mapping[str, Any]) -> str | None:
    """The id of the latest move; the document has it even where its segment is missing."""
    event = document.get("event")
    return str(event["id"]) if document.get("fence") and isinstance(event, dict) and "id" in event else None


def joined(newer: Mapping[str, Any], older: Mapping[str, Any], edits: Iterable[Segment]) -> dict[str, Any]:
    """The newer of two documents of one trial, with what people did to the older one alone: its tags and its name.

    ``edits`` are those that the older one has and the newer one lacks.
    """
    tags: list[str] = list(newer.get("tags") or ())
    if not older.get("fence") or older["status"] == status.ARRIVING:
        tags = with_changes(tags, older.get("tags") or (), ())
    made = [dict(segment.body) for segment in edits]
    for edit in sorted(made, key=lambda edit: float(edit.get("time") or 0.0)):
        if edit.get("kind") == TAGS:
            tags = with_changes(tags, edit.get("added") or (), edit.get("removed") or ())
    return {**newer, "tags": tags, "name": newer.get("name") or older.get("name")}


def lacking(having: Iterable[Segment], other: Iterable[Segment]) -> list[Segment]:
    """What people added to one and not to the other."""
    known = {segment.id for segment in other}
    return [segment for segment in having if segment.id not in known]


ADDED_LATER = (EDITS, "remarks")
"""Streams that people and other trials add to at any time, whatever the status."""
