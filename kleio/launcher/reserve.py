"""Claims a trial by one atomic compare-and-set, so that no second launcher runs it (RELIABILITY 4.1).

``owner`` is a token nobody else has and ``fence`` a number that only the journal increments. Every later change of
the trial names both, so a launcher that was paused, cut off and replaced can never write over its successor. A lost
reply is no riddle either: whoever finds its own token in the document has won.
"""

from __future__ import annotations

import os

from kleio.errors import JournalUnreachable, TrialBusy, TrialRefused
from kleio.failpoints import failpoint
from kleio.spool.attempt.orders import NOT_ASKED
from kleio.trial import status
from kleio.trial.document import new_event, new_owner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal


def this_process() -> dict[str, Any]:
    """Who acts, as events name it."""
    return {"user": _user(), "host": os.uname().nodename, "pid": os.getpid()}


def boot_id() -> str:
    """Names this boot of this machine; empty where the kernel does not tell."""
    return _read("/proc/sys/kernel/random/boot_id").strip()


def holder(lease: float, roots: Sequence[str]) -> dict[str, Any]:
    """The identity of a launcher, immune to the reuse of process ids: host, boot, pid and its start time.

    ``roots`` are the places where its spool will lie; the spool itself is known when it is open.
    """
    fields = _read("/proc/self/stat").rpartition(")")[2].split()
    return {
        **this_process(),
        "boot_id": boot_id(),
        "start_ticks": int(fields[19]) if len(fields) > 19 else 0,
        "lease": lease,
        "roots": list(roots),
        "spool": None,
    }


def reserve(
    journal: Journal,
    trial_id: str,
    clock: Clock,
    *,
    held_by: Mapping[str, Any],
    changes: Mapping[str, Any],
    note: Mapping[str, Any],
    fence: int,
    owner: str = "",
) -> dict[str, Any]:
    """Take the lease. Returns the trial's document, whose ``fence`` is the number of the new attempt.

    ``changes`` are fields to set in the same step, ``note`` goes into the event. ``fence`` is the number of the last
    attempt that the caller knows: what it compared must still be true. ``owner`` is the token, if the caller needs it:
    a reservation that nobody confirmed may be made all the same. Raises ``TrialBusy`` if somebody was faster.
    """
    owner = owner or new_owner()
    event = new_event(status.RESERVED, clock, who=this_process(), why="launch", owner=owner, **note)
    failpoint("before_reserve")
    lost: JournalUnreachable | None = None
    try:
        document = journal.compare_and_set(
            trial_id,
            {"status": status.RESERVABLE, "fence": fence, "trashed": None},
            {**changes, **NOT_ASKED, "status": status.RESERVED, "owner": owner, "holder": dict(held_by)},
            claim=True,
            event=event,
        )
    except JournalUnreachable as error:
        document, lost = None, error  # the reply is lost, the reservation perhaps not: read which
    if document is None:
        document = journal.trial(trial_id)
        if document is not None and document.get("trashed"):
            raise in_trash(document)
        if document is None or document["owner"] != owner:
            if lost and document and document["status"] in status.RESERVABLE:
                raise lost  # nobody has it, as far as a majority of the journal's servers knows
            raise busy(document, trial_id, clock)
    failpoint("after_reserve")
    return document


def release(journal: Journal, document: Mapping[str, Any], word: str, clock: Clock, why: str) -> None:
    """Give a reservation back before the command was started."""
    journal.compare_and_set(
        document["_id"],
        {"fence": document["fence"], "owner": document["owner"], "status": status.RESERVED},
        {"status": word, "owner": None, "holder": None, **NOT_ASKED},
        event=new_event(word, clock, who=this_process(), why=why),
    )


def in_trash(document: Mapping[str, Any]) -> TrialRefused:
    """The refusal of a trial that somebody has removed: it runs again when it is back, or afresh when it is gone."""
    short = document["_id"][:7]
    return TrialRefused(
        f"trial {short} [{document['status']}] is in the trash",
        hint=f"take it out with `kleio restore {short}`, or begin afresh after: kleio rm --purge {short}",
    )


def busy(document: Mapping[str, Any] | None, trial_id: str, clock: Clock) -> TrialBusy:
    """The refusal that tells who runs the trial, where, and for how long."""
    short = trial_id[:7]
    if document is None or not document.get("holder"):
        return TrialBusy(f"trial {short} was taken by another launcher in this moment", hint=f"kleio info {short}")
    from kleio.spool.attempt.liveness import held_by  # inside: a launch that is not refused does without

    age = _words(max(0.0, clock.wall() - document["event"]["time"]))
    return TrialBusy(
        f"trial {short} is already {document['status']} on {held_by(document)}, for {age}",
        hint=f"follow it with: kleio tail -f {short}",
    )


def _words(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def _user() -> str:
    for name in ("LOGNAME", "USER"):
        if os.environ.get(name):
            return os.environ[name]
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
