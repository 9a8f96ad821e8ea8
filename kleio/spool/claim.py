"""Whether a journal holds this very attempt, and not a stranger's of the same trial and number.

A trial's id says what is run, an attempt's number how often that journal reserved it: one that was made anew gives both
again. So the event of the reservation names the owner, and nothing is sent where the owner is another one.
"""

from __future__ import annotations

from kleio.journal.change import EVENTS
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kleio.journal.contract import Journal
    from kleio.spool.attempt.directory import AttemptFile


def is_held(journal: Journal, attempt: AttemptFile) -> bool:
    """Whether the journal has reserved the attempt's trial under its number for its owner. Raises ``JournalError``."""
    document = journal.trial(attempt.trial)
    if document is None or document.get("fence", 0) < attempt.attempt:
        return False
    if document["fence"] == attempt.attempt and document["owner"] is not None:
        return bool(document["owner"] == attempt.owner)
    return any(_is_of(claim, attempt) for claim in _claims(journal, document, attempt.attempt))


def _claims(journal: Journal, document: Mapping[str, Any], number: int) -> Iterator[Mapping[str, Any]]:
    """The reservations under a number. The latest event may not be stored apart from the document yet."""
    if document["fence"] == number:
        yield document.get("event") or {}
    for segment in journal.segments(document["_id"], attempt=number, stream=EVENTS):
        yield segment.body


def _is_of(event: Mapping[str, Any], attempt: AttemptFile) -> bool:
    if event.get("status") != status.RESERVED:
        return False
    if "owner" in event:
        return bool(event["owner"] == attempt.owner)
    who = event.get("who") or {}  # written before events named the owner
    return all(who.get(name) == attempt.holder.get(name) for name in ("host", "pid"))
