"""The front: the story of one launch in order (DESIGN "The way of a run").

Fork the supervisor, capture, decide, reserve, open the spool, ``go``; from there on :mod:`kleio.launcher.attempt`
sees the command through. Until ``go`` nothing has run, and whatever fails leaves nothing behind.
"""

from __future__ import annotations

import os

from kleio.clock import SystemClock
from kleio.launcher.link import Interrupted, Link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.launcher.attempt import Attempt
    from kleio.launcher.prepare import Prepared
    from kleio.launcher.request import LaunchRequest, Outcome

    Document = dict[str, Any]


def launch(request: LaunchRequest) -> Outcome:
    """Run one command as a trial, from the fork to its outcome.

    Raises a ``KleioError`` if the command was refused or kleio could not start it, ``Interrupted`` if a signal came
    before. Once the command was started, only its own end ends this.
    """
    link = Link()
    try:
        attempt = _begin(request, link, SystemClock())
    except BaseException:
        link.dismiss()
        raise
    return attempt.see_through()


def _begin(request: LaunchRequest, link: Link, clock: Clock) -> Attempt:
    """Everything up to ``go``."""
    from kleio.capture.secrets import load_redactor
    from kleio.journal.registry import open_journal
    from kleio.launcher import prepare

    redactor = load_redactor(request.settings.data)
    if prepare.is_selection(request):
        journal = open_journal(request.settings.journal, clock=clock)
        target = prepare.selected_target(request, journal, redactor)
        prepared = prepare.complete(request, target, redactor, prepare.begin(request, target, redactor))
    else:
        target = prepare.typed_target(request)
        pending = prepare.begin(request, target, redactor)
        journal = open_journal(request.settings.journal, clock=clock)
        prepared = prepare.complete(request, target, redactor, pending)
    document = _admit(request, journal, prepared, clock)
    return _claim(request, link, journal, prepared, document, clock)


def _admit(request: LaunchRequest, journal: Journal, prepared: Prepared, clock: Clock) -> Document | None:
    """The trial's document if it may run now (``None``: it is new), or the refusal."""
    from kleio.launcher import refusal, rescue
    from kleio.trial import branching

    selected = prepared.target.document
    if selected is not None and selected["_id"] != prepared.trial:
        raise refusal.configuration_changed(selected, prepared)
    document = journal.trial(prepared.trial)
    if document is not None:
        document = rescue.rescue(journal, document, request.settings, clock)
        if request.switch_over:
            document = rescue.switch_over(journal, document, clock)
    decision = branching.decide(document, prepared.code, prepared.environment)
    if decision.action in (branching.NEW, branching.RESUME) and not decision.changes:
        return document
    assert document is not None
    raise refusal.of(decision, document, prepared, journal, clock)


def _claim(
    request: LaunchRequest, link: Link, journal: Journal, prepared: Prepared, document: Document | None, clock: Clock
) -> Attempt:
    """Reserve the trial, open its spool and let the supervisor start the command."""
    from kleio.launcher.attempt import open_attempt
    from kleio.launcher.reserve import holder, release, reserve

    if document is None:
        _insert(request, journal, prepared, clock)
    reserved = reserve(
        journal,
        prepared.trial,
        clock,
        held_by=holder(request.settings.lease, link.pid),
        changes={"code": prepared.code.summary(), "environment": prepared.environment.summary()},
        note={"argv": list(prepared.command.redacted), "cwd": prepared.target.cwd},
    )
    try:
        attempt = open_attempt(request, link, journal, prepared, reserved, clock)
        request.say(f"trial reserved with id: {prepared.trial[:7]}")
        attempt.go()
    except BaseException as failure:
        from kleio.trial import status

        word = status.SUSPENDED if isinstance(failure, Interrupted) else status.FAILOVER
        release(journal, reserved, word, clock, f"not started: {str(failure) or type(failure).__name__}")
        raise
    return attempt


def _insert(request: LaunchRequest, journal: Journal, prepared: Prepared, clock: Clock) -> None:
    """Make the trial known. Somebody else may have done so in this moment: then theirs is the one."""
    from kleio.launcher.reserve import this_process
    from kleio.spool.handshake import ATTEMPT, TRIAL_ID
    from kleio.trial.document import new_document, new_event
    from kleio.trial.status import NEW

    outer = os.environ.get(TRIAL_ID)
    journal.insert_trial(
        new_document(
            prepared.trial,
            prepared.command,
            prepared.project,
            clock,
            tags=request.tags,
            name=request.name,
            within={"trial": outer, "attempt": int(os.environ.get(ATTEMPT) or 0)} if outer else None,
            event=new_event(NEW, clock, who=this_process(), why="registered"),
        )
    )
