"""The end of an attempt as its spool tells it, written into the journal once.

``close_attempt`` is called when all of the spool is in the journal. It makes one compare-and-set, filtered by (fence,
owner, a status that may still move), to what the supervisor's exit record says; without an exit record, and with the
supervisor and all that it started dead, the trial is failover: whoever runs it again is never beside its orphans. A
terminal status is never overwritten, and a trial that another attempt has taken over is left alone: what this one
recorded stays as its own attempt. Calling it again changes nothing.
"""

from __future__ import annotations

import os

from kleio.clock import stamp
from kleio.failpoints import failpoint
from kleio.spool.attempt.locks import supervisor_alive
from kleio.spool.attempt.members import members_alive
from kleio.spool.attempt.orders import NOT_ASKED
from kleio.spool.attempt.processes import of_attempt
from kleio.spool.attempt.removal import remove_attempt, set_aside
from kleio.spool.attempt.story import story
from kleio.spool.claim import is_held
from kleio.spool.shipping import summary
from kleio.spool.shipping.hindsight import summary_at_start
from kleio.trial import causes, status
from kleio.trial.document import new_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.spool.attempt.directory import AttemptFile
    from kleio.spool.attempt.story import Story
    from kleio.spool.shipping.shipper import Shipper

SUPERSEDED = "superseded"
"""Not a status: another attempt has the trial."""
UNKNOWN = "unknown"
"""Not a status: the journal does not hold the attempt: its trial was deleted, or the journal is another one."""
OPEN = (status.RESERVED, status.RUNNING, status.FAILOVER)
"""An attempt may be closed while its trial is in one of these."""
_TRIES = 5
DIED = "the launcher died"


def orphans(directory: str) -> list[int]:
    """What an attempt whose launcher died left running. None once its command has ended in order: what runs on then
    was meant to, unless other tasks take part in the attempt."""
    ended = story(directory).exit is not None and not members_alive(directory)
    return [] if ended else of_attempt(directory)


def close_attempt(shipper: Shipper, journal: Journal, clock: Clock) -> str | None:
    """Write the end. Returns the trial's status, ``SUPERSEDED``, ``UNKNOWN``, or ``None`` while it is not over.

    Raises ``JournalError``; then call it again later.
    """
    told = story(shipper.directory)
    if told.exit is None and (supervisor_alive(shipper.directory) or of_attempt(shipper.directory)):
        return None
    attempt = shipper.attempt
    if not is_held(journal, attempt):
        return UNKNOWN
    for _ in range(_TRIES):
        document = journal.trial(attempt.trial)
        if document is None:
            return UNKNOWN
        if not mine(document, attempt):
            return SUPERSEDED
        if document["status"] not in OPEN:
            return str(document["status"])
        if document["status"] == status.RESERVED and told.start is not None:
            document = mark_running(journal, attempt, told.start, clock)
            if document is None:
                continue
        failpoint("before_close")
        word = told.exit["status"] if told.exit else status.FAILOVER
        closed = journal.compare_and_set(
            attempt.trial,
            {"fence": attempt.attempt, "owner": document["owner"], "status": document["status"]},
            _changes(journal, document, shipper, told, clock),
            event=_event(shipper, told, clock),
        )
        failpoint("after_close")
        if closed is not None:
            return str(word)
    return None


def discard(directory: str, word: str) -> bool:
    """Delete the spool of an attempt that is shipped and closed as ``word``; put it aside if it is unknown.

    False while somebody still writes output there.
    """
    if supervisor_alive(directory):
        return False
    failpoint("before_spool_delete")
    if word == UNKNOWN:
        set_aside(directory)
    else:
        remove_attempt(directory)
    return True


def mine(document: Mapping[str, Any], attempt: AttemptFile) -> bool:
    """Whether the trial's latest attempt is this one: nobody can reserve it without a higher fence."""
    return bool(document["fence"] == attempt.attempt and document["owner"] in (attempt.owner, None))


def mark_running(
    journal: Journal, attempt: AttemptFile, start: Mapping[str, Any], clock: Clock
) -> dict[str, Any] | None:
    """The command has been started: reserved → running. The document, or ``None`` if it was not ours to move."""
    began = {"time": start.get("time", clock.wall()), "offset": clock.offset()}
    facts = {"child": start.get("pid"), "output": start.get("output")}
    return journal.compare_and_set(
        attempt.trial,
        {"fence": attempt.attempt, "owner": attempt.owner, "status": status.RESERVED},
        {"status": status.RUNNING, "started": began, "holder": dict(attempt.holder)},
        event=new_event(status.RUNNING, clock, who=this_process(attempt), why="started", **facts),
    )


def this_process(attempt: AttemptFile) -> dict[str, Any]:
    """Who acts, as events name it."""
    return {"user": attempt.user, "host": os.uname().nodename, "pid": os.getpid()}


def _changes(
    journal: Journal, document: Mapping[str, Any], shipper: Shipper, told: Story, clock: Clock
) -> dict[str, Any]:
    end = told.exit
    outcome: dict[str, Any]
    if end is None:
        outcome = {"code": None, "signal": None, "why": DIED, "cause": causes.LAUNCHER, "usage": {}}
    else:
        outcome = {name: end.get(name) for name in ("code", "signal", "why", "cause", "usage")}
    ended, duration = _times(shipper.directory, told, clock)
    return {
        "status": end["status"] if end else status.FAILOVER,
        "owner": None,
        "holder": None,
        **NOT_ASKED,
        "outcome": outcome,
        "ended": ended,
        "duration": document.get("duration", 0.0) + duration,
        "summary": summary.merged(summary_at_start(journal, document, shipper), shipper.summary()),
        "progress": None,
    }


def _event(shipper: Shipper, told: Story, clock: Clock) -> dict[str, Any]:
    end: Mapping[str, Any] = told.exit or {"status": status.FAILOVER, "why": DIED, "cause": causes.LAUNCHER}
    _, duration = _times(shipper.directory, told, clock)
    facts = {name: end[name] for name in ("usage", "lost", "cut", "late") if end.get(name) is not None}
    return new_event(
        end["status"],
        clock,
        who=this_process(shipper.attempt),
        why=end["why"],
        duration=duration,
        outcome={name: end.get(name) for name in ("code", "signal", "why", "cause")},
        manifest=shipper.manifest(),
        **facts,
    )


def _times(directory: str, told: Story, clock: Clock) -> tuple[Mapping[str, float], float]:
    """When it ended and how long it ran. Of a launcher that died: its last sign of life."""
    if told.exit is not None:
        return told.exit.get("ended") or stamp(clock), float(told.exit.get("duration") or 0.0)
    signs = [os.stat(os.path.join(directory, name)).st_mtime for name in os.listdir(directory) if "." in name]
    last = max(signs, default=clock.wall())
    duration = max(0.0, last - told.start["time"]) if told.start else 0.0
    return {"time": last, "offset": clock.offset()}, duration
