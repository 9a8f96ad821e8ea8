"""What is done about a trial whose launcher died: by ``kleio cure``, and before it is run again.

What the dead attempt left in its spool is shipped and its end is written first: it may well have completed. A process
of it that still runs is an orphan, and the trial waits for its end: never two live copies of one trial.
"""

from __future__ import annotations

from kleio.errors import TrialBusy
from kleio.launcher.reserve import boot_id, this_process
from kleio.spool.attempt.directory import place_of
from kleio.spool.attempt.liveness import Observer, lease_of, watch
from kleio.spool.attempt.orders import NOT_ASKED
from kleio.spool.closing import orphans
from kleio.spool.keeper import pause
from kleio.trial import causes, status
from kleio.trial.document import new_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.settings import Settings

    Document = dict[str, Any]
    Wait = Callable[[float], None]
    Say = Callable[[str], None]


def nobody(text: str) -> None:
    """Nobody listens."""


def rescue(
    journal: Journal, document: Document, settings: Settings, clock: Clock, wait: Wait = pause, say: Say = nobody
) -> Document:
    """The trial's document, its status ``failover`` or better if its holder is dead; unchanged if nobody holds it."""
    if document["status"] not in status.HELD:
        return document
    evidence = death_of(journal, document, clock, wait, say)
    if not evidence:
        return journal.trial(document["_id"]) or document
    refuse_beside_orphans(document)
    return settle(journal, document, evidence, settings, clock)


def death_of(journal: Journal, document: Document, clock: Clock, wait: Wait = pause, say: Say = nobody) -> str:
    """How one knows that the holder of a held trial is dead; empty if it is not known to be.

    One elsewhere that has been silent for a lease, by the journal's clock, or may have been, is watched for another.
    """
    observer = Observer(journal)
    dead, evidence = observer.judge(document)
    if dead is None:
        if not observer.may_be_silent(document):
            return ""
        say(f"trial {document['_id'][:7]}: {evidence}; watching for another one, {lease_of(document):.0f} s at most")
        return watch(journal, [document], clock, wait).get(document["_id"], "")
    return evidence if dead else ""


def settle(
    journal: Journal,
    document: Document,
    evidence: str,
    settings: Settings,
    clock: Clock,
    word: str = status.FAILOVER,
) -> Document:
    """Write the end of an attempt whose holder is dead: what its spool tells, or else ``word``. Returns the document.

    Idempotent: of several that do it at once one makes the move, and who has moved on meanwhile is left alone.
    """
    spool = place_of(document)
    if spool:
        _ship_what_is_left(journal, spool, settings, clock)
        latest = journal.trial(document["_id"]) or document
        if latest["status"] not in status.HELD or latest["fence"] != document["fence"]:
            return latest
    moved = journal.compare_and_set(
        document["_id"],
        {"fence": document["fence"], "owner": document["owner"], "rvn": document["rvn"]},
        {"status": word, **NOT_ASKED},
        event=new_event(word, clock, who=this_process(), why=evidence, cause=_cause(document)),
    )
    return moved or journal.trial(document["_id"]) or document


def _cause(document: Document) -> str:
    """What died: the launcher alone, or, as far as this machine can know, its machine."""
    holder = document.get("holder") or {}
    here = holder.get("host") == this_process()["host"] and holder.get("boot_id") in (None, "", boot_id())
    return causes.LAUNCHER if here else causes.HOST


def switch_over(journal: Journal, document: Document, clock: Clock) -> Document:
    """Make a broken trial runnable again, as ``--switch-over`` asks; any other is left as it is."""
    if document["status"] != status.BROKEN:
        return document
    switched = journal.compare_and_set(
        document["_id"],
        {"status": status.BROKEN, "fence": document["fence"]},
        {"status": status.SWITCHOVER},
        event=new_event(status.SWITCHOVER, clock, who=this_process(), why="--switch-over"),
    )
    return switched or journal.trial(document["_id"]) or document


def orphans_of(document: Document) -> list[int]:
    """Processes on this machine that a held trial's latest attempt started and that still run."""
    spool = place_of(document)
    return orphans(spool) if spool else []


def refuse_beside_orphans(document: Document) -> None:
    """Raise ``TrialBusy`` while something of the dead attempt still runs."""
    pids = orphans_of(document)
    if pids:
        short = document["_id"][:7]
        raise TrialBusy(
            f"the launcher of trial {short} is dead, but processes that it started still run: "
            f"{' '.join(map(str, pids))}",
            hint=f"wait for their end, or end them with: kleio kill {short}",
        )


def _ship_what_is_left(journal: Journal, spool: str, settings: Settings, clock: Clock) -> None:
    from kleio.artifacts.registry import open_blobs
    from kleio.spool.recover import recover_attempt

    recover_attempt(spool, journal, lambda: open_blobs(settings.journal), clock)
