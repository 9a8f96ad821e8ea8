"""Tells the journal of an attempt that ran offline: the reservation that could not be made then is made now.

``attempt.json`` of such an attempt carries the whole trial document and the number 0. The trial is inserted and
reserved as a launcher would have done, and only if it may be: when somebody else ran it meanwhile, or it last ran with
other code or in another environment, the attempt becomes a trial of its own, so that results never mix. Its id is made
of the old one and the attempt's owner, so that adopting twice comes to the same.
"""

from __future__ import annotations

from kleio.dataclass import replace
from kleio.encoding import digest_of
from kleio.errors import SpoolError
from kleio.spool.attempt.directory import write_attempt
from kleio.trial import status
from kleio.trial.document import new_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.spool.attempt.directory import AttemptFile

OFFLINE_ATTEMPT = 0
REGISTERED = "_id schema project directory argv secrets configuration files refers within changes tags name created"
"""Of a trial's document: what it is, whatever became of it."""


def as_if_offline(attempt: AttemptFile, clock: Clock) -> AttemptFile:
    """The same attempt for a journal that does not know of it: to be adopted as if it had run offline."""
    if attempt.offline is not None:
        return attempt
    document = attempt.document
    if document is None:
        raise SpoolError("an older kleio recorded it, without what its trial is")
    who = {name: attempt.holder.get(name) for name in ("user", "host", "pid")}
    offline = {
        **{name: document.get(name) for name in REGISTERED.split()},
        **{name: document.get(name) for name in ("code", "environment")},
        **dict.fromkeys(("started", "ended", "outcome")),
        "status": status.NEW,
        "fence": OFFLINE_ATTEMPT,
        "duration": 0.0,
        "summary": {},
        "event": new_event(status.NEW, clock, who=who, why="registered"),
    }
    return replace(attempt, attempt=OFFLINE_ATTEMPT, offline=offline, document=None)


def adopt(directory: str, attempt: AttemptFile, journal: Journal, clock: Clock) -> AttemptFile:
    """The attempt with its number; unchanged if it was reserved when it began. Raises ``JournalError``, and
    ``SpoolError`` if no trial is to be had for it."""
    if attempt.offline is None:
        return attempt
    own = digest_of({"offline": attempt.owner, "trial": attempt.trial})
    for trial_id in (attempt.trial, own):
        fence = _reserve(trial_id, attempt, journal, clock)
        if fence is not None:
            document = {**attempt.offline, "_id": trial_id}
            adopted = replace(attempt, trial=trial_id, attempt=fence, offline=None, document=document)
            write_attempt(directory, adopted)
            return adopted
    raise SpoolError(f"trial {own[:7]}, made for an attempt that ran offline, cannot be reserved")


def _reserve(trial_id: str, attempt: AttemptFile, journal: Journal, clock: Clock) -> int | None:
    """The fence of the reservation, or ``None`` if this trial is not to be had for this attempt."""
    assert attempt.offline is not None
    nobodys = {"owner": None, "holder": None, "code": None, "environment": None}
    journal.insert_trial({**attempt.offline, **nobodys, "_id": trial_id})
    document = journal.trial(trial_id)
    if document is None:
        return None
    if document["owner"] == attempt.owner:  # a crash, or a lost reply, after the reservation
        return int(document["fence"])
    if document.get("trashed") or document["status"] not in status.RESERVABLE or _differs(document, attempt.offline):
        return None
    who = {"user": attempt.user, "host": attempt.holder.get("host"), "pid": attempt.holder.get("pid")}
    reserved = journal.compare_and_set(
        trial_id,
        {"status": document["status"], "fence": document["fence"], "trashed": None},
        {
            "status": status.RESERVED,
            "owner": attempt.owner,
            "holder": dict(attempt.holder),
            "code": attempt.offline["code"],
            "environment": attempt.offline["environment"],
        },
        claim=True,
        event=new_event(
            status.RESERVED, clock, who=who, why="ran offline", owner=attempt.owner, argv=attempt.offline["argv"]
        ),
    )
    return None if reserved is None else int(reserved["fence"])


def _differs(document: Mapping[str, Any], offline: Mapping[str, Any]) -> bool:
    """Whether the trial last ran with other code or in another environment."""
    return any(
        document[part] is not None and document[part]["digest"] != offline[part]["digest"]
        for part in ("code", "environment")
    )
