"""Moves of a trial's status that a person makes by hand: ``switchover`` and ``acknowledge``.

Each is one compare-and-set on (status, fence, owner) with one event that says who did it and why; a move that the
table of :mod:`kleio.trial.status` does not hold is refused.
"""

from __future__ import annotations

from kleio.errors import TrialBusy, TrialRefused
from kleio.launcher.rescue import death_of, refuse_beside_orphans, settle
from kleio.launcher.reserve import busy, this_process
from kleio.spool.keeper import pause
from kleio.trial import status
from kleio.trial.document import new_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.settings import Settings

    Document = dict[str, Any]

_WAYS = {
    status.SWITCHOVER: "only a broken or branched trial, or one whose launcher died before it began, "
    "needs a switchover",
    status.ACKNOWLEDGED: "only a broken trial can be acknowledged",
}


def switchover(
    journal: Journal,
    document: Document,
    settings: Settings,
    clock: Clock,
    *,
    why: str = "",
    wait: Callable[[float], None] = pause,
) -> Document:
    """Mark a trial as runnable again. A reserved one only when its launcher is surely dead (``TrialBusy`` if not)."""
    if document["status"] not in status.HELD:
        return _move(journal, document, status.SWITCHOVER, clock, why or "kleio switchover")
    evidence = death_of(journal, document, clock, wait)
    if not evidence:
        raise busy(document, document["_id"], clock)
    if document["status"] != status.RESERVED:
        raise _refused({**document, "status": status.FAILOVER}, status.SWITCHOVER)
    refuse_beside_orphans(document)
    end = settle(journal, document, why or f"kleio switchover: {evidence}", settings, clock, status.SWITCHOVER)
    if end["status"] not in status.RESERVABLE:
        raise _refused(end, status.SWITCHOVER)  # its spool told that the command had been run after all
    return end


def acknowledge(journal: Journal, document: Document, clock: Clock, *, why: str = "") -> Document:
    """Mark a broken trial as seen: it is not going to be mended."""
    return _move(journal, document, status.ACKNOWLEDGED, clock, why or "kleio acknowledge")


def _move(journal: Journal, document: Document, word: str, clock: Clock, why: str) -> Document:
    old = document["status"]
    if not status.may_move(old, word):
        raise _refused(document, word)
    moved = journal.compare_and_set(
        document["_id"],
        {"status": old, "fence": document["fence"], "owner": document["owner"]},
        {"status": word, "owner": None, "holder": None},
        event=new_event(word, clock, who=this_process(), why=why),
    )
    if moved is None:
        raise TrialBusy(
            f"trial {document['_id'][:7]} was changed by somebody else in this moment",
            hint=f"look with: kleio info {document['_id'][:7]}",
        )
    return moved


def _refused(document: Document, word: str) -> TrialRefused:
    short, old = document["_id"][:7], document["status"]
    if old in status.RESERVABLE:
        hint = f"it runs again without: kleio run {short}" if word == status.SWITCHOVER else _WAYS[word]
    else:
        hint = _WAYS[word]
    return TrialRefused(f"trial {short} is {old} and cannot become {word}", hint=hint)
