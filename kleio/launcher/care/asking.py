"""Asks the launcher of a running trial, wherever it is, to end its command: ``suspend`` and ``kill``.

The wish is put into the trial's document for the attempt that holds it, by compare-and-set; the launcher finds it at
its next heartbeat, or at once when it is told on its own machine. Who asked waits until the journal says that the
command has ended, and tells the truth when it does not.
"""

from __future__ import annotations

import signal

from kleio.clock import stamp
from kleio.errors import TrialBusy, TrialRefused
from kleio.launcher.care.waking import wake
from kleio.launcher.rescue import death_of, orphans_of, settle
from kleio.launcher.reserve import this_process
from kleio.launcher.stop import send
from kleio.spool.attempt.directory import place_of
from kleio.spool.attempt.liveness import held_by, lease_of
from kleio.spool.attempt.orders import ENDS, KILL, SUSPEND, ask_to_look
from kleio.spool.keeper import pause
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.settings import Settings

    Document = dict[str, Any]
    Wait = Callable[[float], None]

LOOK = 0.1
"""Seconds between two looks at whether the command has ended."""
WAKE = 1.0
"""Seconds between two looks at whether something of it is stopped."""
ORPHANS_DEADLINE = 10.0


def patience(document: Document, settings: Settings) -> float:
    """Seconds after which a launcher that lives should have obeyed: it may have to hear of it, and to be patient."""
    return lease_of(document) + settings.stop_grace


def suspend(journal: Journal, document: Document, clock: Clock, timeout: float, wait: Wait = pause) -> Document:
    """Stop the command of a running trial in good order, so that it can be resumed. Returns when it is gone."""
    _refuse_what_does_not_run(journal, document, SUSPEND, clock, wait)
    return _end(journal, document, SUSPEND, clock, timeout, wait)


def kill(
    journal: Journal, document: Document, settings: Settings, clock: Clock, timeout: float, wait: Wait = pause
) -> Document:
    """Stop the command of a running trial at once; of a trial whose launcher is dead, what it left running here."""
    if document["status"] in status.HELD:
        evidence = death_of(journal, document, clock, wait)
        if evidence:
            return _kill_orphans(journal, document, evidence, settings, clock, wait)
    _refuse_what_does_not_run(journal, document, KILL, clock, wait)
    return _end(journal, document, KILL, clock, timeout, wait)


def _refuse_what_does_not_run(journal: Journal, document: Document, word: str, clock: Clock, wait: Wait) -> None:
    short = document["_id"][:7]
    if document["status"] not in status.HELD:
        raise TrialRefused(
            f"trial {short} is {document['status']}: there is nothing to {word}", hint=f"kleio info {short}"
        )
    evidence = death_of(journal, document, clock, wait) if word == SUSPEND else ""
    if evidence:
        raise TrialRefused(
            f"trial {short} is {status.FAILOVER}, not running: {evidence}",
            hint=f"write that down with `kleio cure`, or go on with: kleio run {short}",
        )


def _end(journal: Journal, document: Document, word: str, clock: Clock, timeout: float, wait: Wait) -> Document:
    held = {"fence": document["fence"], "owner": document["owner"], "status": tuple(status.HELD)}
    asked = journal.compare_and_set(
        document["_id"],
        {**held, "request": (None, word) if word == SUSPEND else (None, SUSPEND, KILL)},
        {"request": word, "requested_by": {**this_process(), **stamp(clock)}},
    )
    if asked is None:
        latest = journal.trial(document["_id"]) or document
        if not _same_attempt_held(latest, document):
            return _verdict(latest, document, word)
        raise TrialRefused(f"trial {document['_id'][:7]} has been asked to be killed already")
    spool = place_of(asked)
    if spool:
        ask_to_look(spool)
    began = awake = clock.monotonic()
    while True:
        latest = journal.trial(document["_id"]) or document
        if not _same_attempt_held(latest, document):
            return _verdict(latest, document, word)
        now = clock.monotonic()
        if now >= began + timeout:
            raise _not_confirmed(latest, word, timeout)
        if spool and now >= awake:  # again and again: of a job, one process stops before the other
            wake(asked, spool)
            awake = now + WAKE
        wait(LOOK)


def _same_attempt_held(latest: Document, document: Document) -> bool:
    return latest["fence"] == document["fence"] and latest["status"] in status.HELD


def _verdict(latest: Document, document: Document, word: str) -> Document:
    """The document if the trial ended as asked; else what happened instead."""
    short = document["_id"][:7]
    if latest["fence"] != document["fence"]:
        raise TrialBusy(
            f"trial {short} was resumed by somebody else meanwhile: it is {latest['status']} as attempt "
            f"{latest['fence']}",
            hint=f"kleio info {short}",
        )
    if latest["status"] != ENDS[word]:
        why = (latest.get("outcome") or {}).get("why") or latest["event"]["why"]
        raise TrialRefused(
            f"trial {short} ended by itself before it could obey: it is {latest['status']} ({why})",
            hint=f"kleio info {short}",
        )
    return latest


def _not_confirmed(latest: Document, word: str, timeout: float) -> TrialBusy:
    short = latest["_id"][:7]
    return TrialBusy(
        f"trial {short} is still {latest['status']} after {timeout:.0f} s on {held_by(latest)}: the end has not been "
        f"confirmed. The request to {word} it stands",
        hint=f"see what it does: kleio tail {short}; should its machine be dead: kleio cure",
    )


def _kill_orphans(
    journal: Journal, document: Document, evidence: str, settings: Settings, clock: Clock, wait: Wait
) -> Document:
    deadline = clock.monotonic() + ORPHANS_DEADLINE
    while pids := orphans_of(document):
        if clock.monotonic() >= deadline:
            raise TrialBusy(f"processes of trial {document['_id'][:7]} survive SIGKILL: {' '.join(map(str, pids))}")
        send(signal.SIGKILL, pids)
        wait(LOOK)
    return settle(journal, document, evidence, settings, clock)
