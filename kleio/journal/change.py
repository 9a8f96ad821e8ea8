"""Compare-and-set as plain functions, so that all backends mean the same by it."""

from __future__ import annotations

from kleio.journal.contract import Segment
from kleio.journal.values import SCALARS, plain_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

EVENTS = "status"
"""The stream in which the events of a trial are kept."""

OWN_FIELDS = frozenset({"_id", "rvn", "hb", "fence", "event"})
"""Fields that ``changes`` may not name: the journal alone moves them."""


def accepted(value: Any) -> Collection[Any]:
    """The values that one entry of ``expected`` allows. ``ValueError`` unless all are scalars."""
    values = value if isinstance(value, (set, frozenset, tuple)) else (value,)
    for one in values:
        if type(one) not in SCALARS:
            raise ValueError(f"compare-and-set compares text, numbers and None, not {type(one).__name__}")
    return values


def matches(document: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    """Whether the document is as expected; a missing field counts as ``None``, and a truth value is no number."""
    return all(_is_among(document.get(field), accepted(value)) for field, value in expected.items())


def _is_among(value: Any, wanted: Collection[Any]) -> bool:
    return any(one == value and (type(one) is bool) == (type(value) is bool) for one in wanted)


def checked_changes(
    trial_id: str, changes: Mapping[str, Any], claim: bool, event: Mapping[str, Any] | None
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Copies of both, fit to be stored, or ``ValueError``."""
    own = OWN_FIELDS & changes.keys()
    if own:
        raise ValueError(f"only the journal changes {', '.join(sorted(own))}")
    if claim and event is None:
        raise ValueError("a claim is a move, and needs an event")
    if event is not None and not isinstance(event.get("id"), str):
        raise ValueError("an event needs an id")
    what = f"trial {trial_id!r}"
    return plain_document(changes, what), None if event is None else plain_document(event, what)


def changed(
    document: Mapping[str, Any],
    changes: Mapping[str, Any],
    *,
    claim: bool,
    event: Mapping[str, Any] | None,
    now: float,
) -> dict[str, Any]:
    """The document after the change."""
    after = {**document, **changes, "rvn": document.get("rvn", 0) + 1, "hb": now}
    if claim:
        after["fence"] = document.get("fence", 0) + 1
    if event is not None:
        after["event"] = dict(event)
    return after


def replaced(before: Mapping[str, Any], document: Mapping[str, Any], now: float) -> dict[str, Any]:
    """The document that ``Journal.replace_trial`` puts in the place of ``before``."""
    new = plain_document(document, f"trial {document['_id']!r}")
    return {**new, "rvn": before.get("rvn", 0) + 1, "hb": now}


def event_segment(document: Mapping[str, Any]) -> Segment | None:
    """The segment that keeps the document's present event, if it has one."""
    event = document.get("event")
    if not isinstance(event, dict) or not isinstance(event.get("id"), str):
        return None
    return Segment(document["_id"], document.get("fence", 0), EVENTS, event["id"], 0, 0, event)
