"""``kleio cure``: finds the trials whose launchers died without a word, and writes down what became of them.

For each, in this order (RELIABILITY 4.3): is its launcher known to live or to be dead on this machine; elsewhere, did
anything of it move while it was watched for a lease. Of the dead the spool is shipped first and its exit record
replayed: a trial that had completed is completed; only what has no end is ``failover``. Doing it again, or twice at
once, changes nothing more; a launcher that was wrongly held for dead takes its trial back.
"""

from __future__ import annotations

from kleio.dataclass import dataclass
from kleio.errors import JournalError, KleioError
from kleio.journal.contract import TrialQuery
from kleio.launcher.rescue import orphans_of, refuse_beside_orphans, settle
from kleio.spool.attempt.directory import place_of
from kleio.spool.attempt.liveness import Observer, lease_of, watch
from kleio.spool.attempt.story import story
from kleio.spool.keeper import pause
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.settings import Settings

    Document = dict[str, Any]


_TOLD_LATER = "what was recorded waits here: the next `kleio COMMAND` sends it once the journal can be written"


@dataclass(frozen=True)
class Patient:
    """A held trial and what is known of its launcher. ``dead`` is ``None`` while only watching could tell."""

    document: Document
    dead: bool | None
    evidence: str


@dataclass(frozen=True)
class Cured:
    """What was found, and done, about one held trial. ``problem`` says why nothing could be done, ``mend`` what then
    helps."""

    trial: str
    before: str
    after: str
    evidence: str
    problem: str = ""
    mend: str = ""


def examine(
    journal: Journal,
    clock: Clock,
    *,
    tags: Sequence[str] = (),
    leases: float = 1.0,
    wait: Callable[[float], None] = pause,
    say: Callable[[str], None] = lambda text: None,
) -> list[Patient]:
    """Every held trial with these tags, oldest first. Writes nothing; watches those elsewhere for ``leases``."""
    observer = Observer(journal)
    held = journal.find_trials(TrialQuery(statuses=status.HELD, tags=tuple(tags)))
    patients = [Patient(document, *observer.judge(document)) for document in held]
    unsure = [one for one in patients if one.dead is None]
    if not unsure:
        return patients[::-1]
    seconds = max(leases * lease_of(one.document) for one in unsure)
    say(f"watching {len(unsure)} launchers elsewhere for a heartbeat, {seconds:.0f} s at most")
    silent = watch(journal, (one.document for one in unsure), clock, wait, leases=leases)
    return [_watched(one, silent) if one.dead is None else one for one in reversed(patients)]


def _watched(patient: Patient, silent: dict[str, str]) -> Patient:
    evidence = silent.get(patient.document["_id"])
    if evidence is None:
        return Patient(patient.document, False, "a heartbeat came while it was watched")
    return Patient(patient.document, True, evidence)


def cure(journal: Journal, patient: Patient, settings: Settings, clock: Clock) -> Cured:
    """Write down the end of a patient that is dead."""
    document = patient.document
    before = str(document["status"])
    if not patient.dead:
        return Cured(document["_id"], before, before, patient.evidence)
    latest = journal.trial(document["_id"])
    if latest is None or latest["status"] not in status.HELD or latest["fence"] != document["fence"]:
        after = before if latest is None else str(latest["status"])
        return Cured(document["_id"], before, after, "it moved on by itself")
    try:
        refuse_beside_orphans(document)
        document = settle(journal, document, patient.evidence, settings, clock)
    except KleioError as error:
        mend = _TOLD_LATER if isinstance(error, JournalError) else error.hint or ""
        return Cured(document["_id"], before, before, patient.evidence, error.message, mend)
    return Cured(document["_id"], before, str(document["status"]), patient.evidence)


def foretold(patient: Patient) -> Cured:
    """What :func:`cure` would do, read from the spool without touching anything."""
    document = patient.document
    before = str(document["status"])
    if not patient.dead:
        return Cured(document["_id"], before, before, patient.evidence)
    pids = orphans_of(document)
    if pids:
        problem = f"processes that it started still run: {' '.join(map(str, pids))}"
        mend = f"end what is left with: kleio kill {document['_id'][:7]}"
        return Cured(document["_id"], before, before, patient.evidence, problem, mend)
    spool = place_of(document)
    end = story(spool).exit if spool else None
    return Cured(document["_id"], before, str(end["status"]) if end else status.FAILOVER, patient.evidence)
