"""The front: the story of one launch in order (DESIGN "The way of a run").

Fork the supervisor, capture, decide, reserve, open the spool, ``go``; from there on :mod:`kleio.launcher.attempt`
sees the command through. Until ``go`` nothing has run, and whatever fails leaves nothing behind.
"""

from __future__ import annotations

import os

from kleio.clock import SystemClock
from kleio.errors import JournalUnreachable
from kleio.launcher.link import Interrupted, Link
from kleio.launcher.reserve import this_process
from kleio.spool.directory import spool_roots
from kleio.spool.handshake import ATTEMPT, TRIAL_ID
from kleio.trial import branching, status
from kleio.trial.document import new_document, new_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.launcher.attempt import Attempt
    from kleio.launcher.prepare import Prepared
    from kleio.launcher.request import LaunchRequest, Outcome

    Document = dict[str, Any]


OFFLINE_PATIENCE = 2.0
"""Seconds for which ``--offline`` looks for the journal before it goes without."""


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
    from kleio.launcher import prepare

    redactor = load_redactor(request.settings.data)
    if prepare.is_selection(request):
        journal = _open(request, clock)
        target = prepare.selected_target(request, journal, redactor)
        prepared = prepare.complete(request, target, redactor, prepare.begin(request, target, redactor))
        return _claim(request, link, journal, prepared, clock)
    target = prepare.typed_target(request)
    pending = prepare.begin(request, target, redactor)
    try:
        journal = _open(request, clock)
        prepared = prepare.complete(request, target, redactor, pending)
        return _claim(request, link, journal, prepared, clock)
    except JournalUnreachable as error:
        if not request.offline:
            error.hint = (
                f"{error.hint + '; ' if error.hint else ''}to run all the same and tell it later: kleio --offline …"
            )
            raise
        prepared = prepare.complete(request, target, redactor, pending)
        return _claim_offline(request, link, prepared, clock, error)


def _open(request: LaunchRequest, clock: Clock) -> Journal:
    from kleio.journal.registry import open_journal

    return open_journal(request.settings.journal, clock=clock, timeout=OFFLINE_PATIENCE if request.offline else None)


def _admit(request: LaunchRequest, journal: Journal, prepared: Prepared, clock: Clock) -> Document | None:
    """The trial's document if it may run now (``None``: it is new), or the refusal."""
    from kleio.launcher import refusal, rescue

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


def _claim(request: LaunchRequest, link: Link, journal: Journal, prepared: Prepared, clock: Clock) -> Attempt:
    """Reserve the trial, open its spool and let the supervisor start the command."""
    from kleio.launcher.attempt import open_attempt
    from kleio.launcher.reserve import holder, release, reserve

    if _admit(request, journal, prepared, clock) is None:
        journal.insert_trial(_document(request, prepared, clock))  # somebody else may just have: then theirs is the one
    reserved = reserve(
        journal,
        prepared.trial,
        clock,
        held_by=holder(request.settings.lease, spool_roots(request.settings.data, os.environ)),
        changes={"code": prepared.code.summary(), "environment": prepared.environment.summary()},
        note={"argv": list(prepared.command.redacted), "cwd": prepared.target.cwd},
    )
    try:
        attempt = open_attempt(request, link, lambda: journal, prepared, reserved, clock)
        request.say(f"trial reserved with id: {prepared.trial[:7]}")
        attempt.go()
    except BaseException as failure:
        word = status.SUSPENDED if isinstance(failure, Interrupted) else status.FAILOVER
        release(journal, reserved, word, clock, f"not started: {str(failure) or type(failure).__name__}")
        raise
    return attempt


def _claim_offline(
    request: LaunchRequest, link: Link, prepared: Prepared, clock: Clock, error: JournalUnreachable
) -> Attempt:
    """Run without a reservation; the journal is told when it is back (:mod:`kleio.spool.adoption`)."""
    from kleio.launcher.attempt import open_attempt
    from kleio.launcher.reserve import holder
    from kleio.spool.adoption import OFFLINE_ATTEMPT
    from kleio.trial.document import new_owner

    request.warn(f"{error.message}; running offline")
    document = {
        **_document(request, prepared, clock),
        "fence": OFFLINE_ATTEMPT,
        "owner": new_owner(),
        "holder": holder(request.settings.lease, spool_roots(request.settings.data, os.environ)),
        "code": prepared.code.summary(),
        "environment": prepared.environment.summary(),
    }
    attempt = open_attempt(request, link, lambda: _open(request, clock), prepared, document, clock)
    request.say(f"trial reserved with id: {prepared.trial[:7]} (offline)")
    attempt.go()
    return attempt


def _document(request: LaunchRequest, prepared: Prepared, clock: Clock) -> Document:
    """The document of a trial that the journal does not know."""
    outer = os.environ.get(TRIAL_ID)
    return new_document(
        prepared.trial,
        prepared.command,
        prepared.project,
        clock,
        tags=request.tags,
        name=request.name,
        within={"trial": outer, "attempt": int(os.environ.get(ATTEMPT) or 0)} if outer else None,
        event=new_event(status.NEW, clock, who=this_process(), why="registered"),
    )
