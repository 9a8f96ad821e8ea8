"""What a launch does about a trial whose launcher died, before it runs it again.

What the dead attempt left in its spool is shipped and its end is written first: it may well have completed. A process
of it that still runs is an orphan, and the trial waits for its end: never two live copies of one trial.
"""

from __future__ import annotations

from kleio.errors import TrialBusy
from kleio.launcher.reserve import this_process
from kleio.launcher.stop import of_attempt
from kleio.spool.directory import place_of
from kleio.spool.liveness import Observer
from kleio.trial import status
from kleio.trial.document import new_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.settings import Settings

    Document = dict[str, Any]


def rescue(journal: Journal, document: Document, settings: Settings, clock: Clock) -> Document:
    """The trial's document, its status ``failover`` or better if its holder is dead; unchanged if nobody holds it."""
    if document["status"] not in status.HELD:
        return document
    document, word, evidence = Observer(journal).current(document)
    if word != status.FAILOVER:
        return document
    spool = place_of(document)
    if spool:
        _refuse_beside_orphans(document, spool)
        _ship_what_is_left(journal, spool, settings, clock)
        document = journal.trial(document["_id"]) or document
        if document["status"] not in status.HELD:
            return document
    failed = journal.compare_and_set(
        document["_id"],
        {"fence": document["fence"], "owner": document["owner"], "rvn": document["rvn"]},
        {"status": status.FAILOVER},
        event=new_event(status.FAILOVER, clock, who=this_process(), why=evidence),
    )
    return failed or journal.trial(document["_id"]) or document


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


def _refuse_beside_orphans(document: Document, spool: str) -> None:
    pids = of_attempt(spool)
    if pids:
        words = " ".join(map(str, pids))
        raise TrialBusy(
            f"the launcher of trial {document['_id'][:7]} is dead, but processes that it started still run: {words}",
            hint=f"wait for their end, or end them with: kill {words}",
        )


def _ship_what_is_left(journal: Journal, spool: str, settings: Settings, clock: Clock) -> None:
    from kleio.artifacts.registry import open_blobs
    from kleio.spool.recover import recover_attempt

    recover_attempt(spool, journal, lambda: open_blobs(settings.journal), clock)
