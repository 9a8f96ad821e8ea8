"""What two journals know of one trial: the same, one more than the other, or each something else.

A trial's moves are events with random ids, made one after the other, so its history tells: who has the latest move of
the other among its own is ahead. Where neither has the other's, the trial was run in both, and neither may be written
over the other. Registering a command is no such move: a trial that never ran gives way to one that did.
"""

from __future__ import annotations

from kleio.moving.parcel import EDITS, EVENTS
from kleio.spool.records.segments import ATTACHED, REMARKS
from kleio.trial import status
from kleio.trial.edits import NAME, TAGS, with_changes

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
    comes, has = _latest(parcel.document), _latest(here)
    if here["status"] == status.ARRIVING:
        return UNFINISHED if has is None or has in _moves(parcel.segments(EVENTS), comes) else DIVERGED
    if comes == has:
        return SAME
    if comes is None or has is None:
        return BEHIND if comes is None else AHEAD
    ahead = has in _moves(parcel.segments(EVENTS), comes)
    behind = comes in _moves(journal.segments(here["_id"], stream=EVENTS), has)
    if ahead and behind:  # read while it was moving, one of the two documents is older than the moves beside it
        return AHEAD if _place(parcel.document) > _place(here) else BEHIND
    return AHEAD if ahead else BEHIND if behind else DIVERGED


def _moves(events: Iterable[Segment], latest: str | None) -> set[str | None]:
    """The ids of all moves since the trial was first reserved. The latest may be missing among the segments."""
    return {latest, *(segment.writer for segment in events if segment.attempt)}


def _latest(document: Mapping[str, Any]) -> str | None:
    """The id of the latest move; ``None`` if it never ran."""
    event = document.get("event")
    return str(event["id"]) if document.get("fence") and isinstance(event, dict) and "id" in event else None


def _place(document: Mapping[str, Any]) -> tuple[int, float]:
    return int(document["fence"]), float((document.get("event") or {}).get("time") or 0.0)


def joined(
    newer: Mapping[str, Any], older: Mapping[str, Any], edits: Iterable[Segment], known: Iterable[Segment] = ()
) -> dict[str, Any]:
    """The newer of two documents of one trial, with what people did to the older one alone: its tags and its name.

    ``edits`` are those that the older one has and the newer one lacks, ``known`` the newer one's: of two changes of the
    name the later one holds.
    """
    tags: list[str] = list(newer.get("tags") or ())
    if not older.get("fence") or older["status"] == status.ARRIVING:
        tags = with_changes(tags, older.get("tags") or (), ())
    made = sorted((dict(segment.body) for segment in edits), key=_time)
    for edit in made:
        if edit.get("kind") == TAGS:
            tags = with_changes(tags, edit.get("added") or (), edit.get("removed") or ())
    names = [edit for edit in made if edit.get("kind") == NAME]
    there = [dict(segment.body) for segment in known if segment.body.get("kind") == NAME]
    name = newer.get("name") if there else newer.get("name") or older.get("name")
    if names and _time(names[-1]) > max(map(_time, there), default=0.0):
        name = names[-1].get("text") or None
    return {**newer, "tags": tags, "name": name}


def _time(edit: Mapping[str, Any]) -> float:
    return float(edit.get("time") or 0.0)


def lacking(having: Iterable[Segment], other: Iterable[Segment]) -> list[Segment]:
    """What people added to one and not to the other."""
    known = {segment.id for segment in other}
    return [segment for segment in having if segment.id not in known]


ADDED_LATER = (EDITS, REMARKS, ATTACHED)
"""Streams that people and other trials add to at any time, whatever the status."""
