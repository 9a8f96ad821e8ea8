"""Decides what a prepared launch runs: a new trial, a known one, a branch of one; or refuses, and says why.

A change of code or environment that the user allowed makes a branch at the parent's end. The same line again finds
that branch by what it was made for, the code and the environment of this moment, and continues it instead of
branching once more. The parent keeps its status and goes on with its own code.

A repetition begins with the code and the environment of its original: with others it would be no repetition. Where the
user allows that, it begins with those at hand, and is a branch of the original already.
"""

from __future__ import annotations

from kleio.dataclass import replace
from kleio.errors import TrialExists
from kleio.journal.contract import TrialQuery
from kleio.launcher import rescue
from kleio.launcher.decision import refusal
from kleio.launcher.decision.cutting import parents_end
from kleio.launcher.reserve import in_trash
from kleio.trial import branching, status
from kleio.trial.identity import trial_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.launcher.decision.prepare import Prepared
    from kleio.launcher.request import LaunchRequest

    Document = dict[str, Any]


def admit(
    request: LaunchRequest, journal: Journal, prepared: Prepared, clock: Clock
) -> tuple[Prepared, Document | None]:
    """What to run and the document that the journal has of it (``None``: none yet). Raises the refusal."""
    if request.branch is not None:
        refuse_existing(journal, prepared)
        return prepared, None
    selected = prepared.target.document
    if selected is not None and selected["_id"] != prepared.trial:
        if branching.CONFIGURATION_CHANGED not in request.allow:
            raise refusal.configuration_changed(selected, prepared)
        return _branch_off(request, journal, prepared, dict(selected), (branching.CONFIGURATION_CHANGED,), clock)
    document = _known(request, journal, prepared.trial, clock)
    decision = _decide(request, document, prepared)
    if document is not None and decision.changes and request.allow.issuperset(decision.changes):
        return _branch_off(request, journal, prepared, document, decision.changes, clock)
    if decision.action in (branching.NEW, branching.RESUME) and not decision.changes:
        _refuse_other_than_original(request, journal, prepared, document)
        return prepared, _switched_over(request, journal, document, clock)
    assert document is not None
    raise refusal.of(decision, document, prepared, journal, clock)


def _decide(request: LaunchRequest, document: Document | None, prepared: Prepared) -> branching.Decision:
    """With ``--switch-over`` a broken trial is judged as if it was switched over already: what is refused in the end,
    or branched off, stays as it is."""
    if document is not None and request.switch_over and document["status"] == status.BROKEN:
        document = {**document, "status": status.SWITCHOVER}
    return branching.decide(document, prepared.code, prepared.environment)


def _refuse_other_than_original(
    request: LaunchRequest, journal: Journal, prepared: Prepared, document: Document | None
) -> None:
    """Of a repetition that never ran."""
    refers = (document or {}).get("refers") or {}
    if document is None or document["code"] is not None or "repeat" not in refers:
        return
    original = journal.trial(refers["parent"])
    if original is not None:
        differing = branching.changes(original, prepared.code, prepared.environment)
        if not request.allow.issuperset(differing):
            raise refusal.unlike_original(differing, original, prepared, journal)


def _switched_over(
    request: LaunchRequest, journal: Journal, document: Document | None, clock: Clock
) -> Document | None:
    if document is None or not request.switch_over:
        return document
    return rescue.switch_over(journal, document, clock)


def refuse_existing(journal: Journal, prepared: Prepared) -> None:
    """A branch that was made before is continued by its id, not made again."""
    document = journal.trial(prepared.trial)
    if document is not None:
        if document.get("trashed"):
            raise in_trash(document)
        short = prepared.trial[:7]
        raise TrialExists(f"this branch exists already: trial {short}", hint=f"continue it with: kleio run {short}")


def _known(request: LaunchRequest, journal: Journal, trial: str, clock: Clock) -> Document | None:
    """The trial as it stands, its dead launcher's end written first."""
    document = journal.trial(trial)
    if document is None:
        return None
    if document.get("trashed"):
        raise in_trash(document)
    return rescue.rescue(journal, document, request.settings, clock, say=request.say)


def _branch_off(
    request: LaunchRequest,
    journal: Journal,
    prepared: Prepared,
    parent: Document,
    changes: tuple[str, ...],
    clock: Clock,
) -> tuple[Prepared, Document | None]:
    made_for = {"code": prepared.code.digest, "environment": prepared.environment.digest}
    for child in journal.find_trials(TrialQuery(parent=parent["_id"], trash=None)):
        if child["argv"] == list(prepared.command.redacted) and _made_for(child) == made_for:
            branch = replace(prepared, trial=child["_id"], refers=child["refers"], parent=parent)
            document = _known(request, journal, child["_id"], clock)
            decision = _decide(request, document, prepared)
            if decision.action in (branching.NEW, branching.RESUME) and not decision.changes:
                return branch, _switched_over(request, journal, document, clock)
            raise refusal.of(decision, child, branch, journal, clock)
    refers = {"parent": parent["_id"], "cut": parents_end(parent, clock).as_document(), **made_for}
    request.say(f"branching off trial {parent['_id'][:7]} at its end: {' and '.join(changes)}")
    own = trial_id(prepared.command, prepared.project, refers)
    return replace(prepared, trial=own, refers=refers, parent=parent), None


def _made_for(child: Document) -> dict[str, Any]:
    return {part: child["refers"].get(part) for part in ("code", "environment")}
