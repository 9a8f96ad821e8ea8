"""The front: the story of one launch in order (DESIGN "The way of a run").

Fork the supervisor, capture, decide, reserve, open the spool, ``go``; from there on :mod:`kleio.launcher.attempt`
sees the command through. Until ``go`` nothing has run, and whatever fails leaves nothing behind.
"""

from __future__ import annotations

import os

from kleio.clock import SystemClock
from kleio.errors import JournalFull, JournalLocked, JournalReadOnly, JournalUnreachable
from kleio.launcher.link import Interrupted, Link
from kleio.launcher.request import Outcome
from kleio.launcher.reserve import this_process
from kleio.spool.attempt.directory import spool_roots
from kleio.spool.handshake import ATTEMPT, TRIAL_ID
from kleio.trial import status
from kleio.trial.document import new_document, new_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.clock import Clock
    from kleio.errors import JournalError
    from kleio.journal.contract import Journal
    from kleio.launcher.attempt import Attempt
    from kleio.launcher.decision.prepare import Prepared
    from kleio.launcher.request import LaunchRequest
    from kleio.launcher.team import Team

    Document = dict[str, Any]


TASKS = ("SLURM_PROCID", "OMPI_COMM_WORLD_RANK")
"""Variables of a process that may be one of several, see :mod:`kleio.launcher.team`."""
SILENT = 1.0
"""Seconds after which it is said that the journal is being connected to."""
UNUSABLE = (JournalUnreachable, JournalLocked, JournalReadOnly, JournalFull)
"""What passes, and what ``--offline`` goes without."""
OFFLINE_PATIENCE = 2.0
"""Seconds for which ``--offline`` looks for the journal before it goes without."""


def launch(request: LaunchRequest) -> Outcome:
    """Run one command as a trial, from the fork to its outcome.

    Raises a ``KleioError`` if the command was refused or kleio could not start it, ``Interrupted`` if a signal came
    before. Once the command was started, only its own end ends this.
    """
    clock = SystemClock()
    if any(name in os.environ for name in TASKS) and request.branch is None:
        from kleio.launcher.team import Team

        team = Team.of(os.environ, request)
        if team is not None:
            return _launch_together(request, clock, team)
    return _launch(request, clock)


def _launch(request: LaunchRequest, clock: Clock, team: Team | None = None) -> Outcome:
    link = Link()
    try:
        begun = _begin(request, link, clock)
    except BaseException:
        link.dismiss()
        raise
    if isinstance(begun, Outcome):
        link.dismiss()
        return begun
    if team is not None:
        team.tell(begun, clock)
    return begun.see_through()


def _launch_together(request: LaunchRequest, clock: Clock, team: Team) -> Outcome:
    """One of several tasks: that of rank 0 launches, the others become the same command."""
    if team.rank:
        code = team.join(clock)
        return Outcome("", status.NEW, code, None, "task 0 was refused")
    team.begin(request.settings, clock)
    try:
        outcome = _launch(request, clock, team)
    except BaseException as failure:
        team.refuse(getattr(failure, "exit_code", 1))
        raise
    team.end()
    return outcome


def _begin(request: LaunchRequest, link: Link, clock: Clock) -> Attempt | Outcome:
    """Everything up to ``go``; an outcome if nothing was to be run."""
    from kleio.capture.secrets.redactor import load_redactor
    from kleio.launcher.decision import prepare
    from kleio.trial.document import new_owner

    owner = new_owner()
    redactor = load_redactor(request.settings.data)
    prepared: Prepared | None = None
    if prepare.is_selection(request):
        journal = _open(request, link, clock)
        target = prepare.selected_target(request, journal, redactor)
        prepared = prepare.complete(request, target, redactor, prepare.begin(request, target, redactor))
        return _claim(request, link, journal, prepared, clock, owner)
    target = prepare.typed_target(request)
    pending = prepare.begin(request, target, redactor)
    try:
        journal = _open(request, link, clock)
        prepared = prepare.complete(request, target, redactor, pending)
        return _claim(request, link, journal, prepared, clock, owner)
    except UNUSABLE as error:
        if not request.offline:
            error.hint = (
                f"{error.hint + '; ' if error.hint else ''}to run all the same and tell it later: kleio --offline …"
            )
            raise
        if prepared is None:  # asking what is pending is done once
            prepared = prepare.complete(request, target, redactor, pending)
        return _claim_offline(request, link, prepared, clock, owner, error)


def _open(request: LaunchRequest, link: Link, clock: Clock, *, create: bool = True) -> Journal:
    from kleio.journal.registry import open_journal, server

    timeout = OFFLINE_PATIENCE if request.offline else None
    address = request.settings.journal
    host = server(address)

    def tell(text: str) -> None:
        if not link.going:
            request.remark(text)

    def made(path: str) -> None:
        from kleio.spool.leftover import news_of_made

        text, is_warning = news_of_made(path, request.settings.data)
        (request.warn if is_warning else request.say)(text)

    if host is None or link.going:
        on_made = None if link.going else made
        return open_journal(address, clock=clock, create=create, timeout=timeout, on_wait=tell, on_made=on_made)
    with request.waiting(f"connecting to {host}…", SILENT):
        return open_journal(address, clock=clock, create=create, timeout=timeout)


def _claim(
    request: LaunchRequest, link: Link, journal: Journal, prepared: Prepared, clock: Clock, owner: str
) -> Attempt | Outcome:
    """Reserve the trial, open its spool and let the supervisor start the command."""
    from kleio.launcher.attempt import open_attempt
    from kleio.launcher.decision.admit import admit, refuse_existing
    from kleio.launcher.reserve import holder, release, reserve

    prepared, document = admit(request, journal, prepared, clock)
    if document is None:
        inserted = journal.insert_trial(_document(request, prepared, clock, journal))
        if request.branch is not None and not inserted:
            refuse_existing(journal, prepared)  # somebody was faster
        _warn_without_git(request, prepared)
        if request.name:
            from kleio.launcher.care.labels import namesakes

            for other in namesakes(journal, request.name, prepared.trial):
                request.warn(other)
    if request.branch is not None and not request.branch.run:
        request.say(f"trial registered with id: {prepared.trial[:7]}")
        return Outcome(prepared.trial, status.NEW, 0, None, "registered")
    reserved = reserve(
        journal,
        prepared.trial,
        clock,
        held_by=holder(request.settings.lease, spool_roots(request.settings.data, os.environ)),
        changes={"code": prepared.code.summary(), "environment": prepared.environment.summary()},
        note={"argv": list(prepared.command.redacted), "cwd": prepared.target.cwd},
        fence=0 if document is None else document["fence"],
        owner=owner,
    )
    try:
        at_hand = [journal]

        def journal_of_now() -> Journal:
            """None is made where the one at hand is not any more: that would be an empty one."""
            return at_hand.pop() if at_hand else _open(request, link, clock, create=False)

        attempt = open_attempt(request, link, journal_of_now, prepared, reserved, clock)
        resumed = f" (attempt {reserved['fence']})" if reserved["fence"] > 1 else ""
        request.say(f"trial reserved with id: {prepared.trial[:7]}{resumed}")
        attempt.go()
    except BaseException as failure:
        word = status.SUSPENDED if isinstance(failure, Interrupted) else status.FAILOVER
        release(journal, reserved, word, clock, f"not started: {str(failure) or type(failure).__name__}")
        raise
    return attempt


def _claim_offline(
    request: LaunchRequest, link: Link, prepared: Prepared, clock: Clock, owner: str, error: JournalError
) -> Attempt:
    """Run without a reservation; the journal is told when it is back (:mod:`kleio.spool.adoption`), and knows ``owner``
    if a reservation was made after all."""
    from kleio.launcher.attempt import open_attempt
    from kleio.launcher.reserve import holder
    from kleio.spool.adoption import OFFLINE_ATTEMPT

    request.warn(f"{error.message}; running offline")
    _warn_without_git(request, prepared)
    document = {
        **_document(request, prepared, clock),
        "fence": OFFLINE_ATTEMPT,
        "owner": owner,
        "holder": holder(request.settings.lease, spool_roots(request.settings.data, os.environ)),
        "code": prepared.code.summary(),
        "environment": prepared.environment.summary(),
    }
    attempt = open_attempt(request, link, lambda: _open(request, link, clock), prepared, document, clock)
    request.say(f"trial reserved with id: {prepared.trial[:7]} (offline)")
    attempt.go()
    return attempt


def _warn_without_git(request: LaunchRequest, prepared: Prepared) -> None:
    """Tell once, of a trial that is new, how little is known of its code: no reason to refuse it."""
    code = prepared.code
    if code.kind != "git":
        from kleio.capture.code.findings import INCOMPLETE

        known = f"of the code only {code.script} is known" if code.kind == "script" else "nothing is known of the code"
        notes = ["git did not answer in time (setting git_timeout)" if one == INCOMPLETE else one for one in code.notes]
        request.warn(f"{'; '.join(notes)}: {known}")


def _document(
    request: LaunchRequest, prepared: Prepared, clock: Clock, journal: Journal | None = None
) -> Document:  # fmt: skip
    """The document of a trial that the journal does not know."""
    outer = os.environ.get(TRIAL_ID)
    typed = {"cut": request.branch.cut} if request.branch is not None and request.branch.cut else {}
    document = new_document(
        prepared.trial,
        prepared.command,
        prepared.project,
        clock,
        tags=(*((prepared.parent or {}).get("tags") or ()), *request.tags),
        name=request.name,
        refers=prepared.refers,
        changes=_changes(prepared, journal),
        within={"trial": outer, "attempt": int(os.environ.get(ATTEMPT) or 0)} if outer else None,
        event=new_event(status.NEW, clock, who=this_process(), why="registered", **typed),
    )
    if prepared.refers and journal is not None:
        from kleio.spool.shipping.hindsight import inherited_summary

        document["summary"] = inherited_summary(journal, document)
    return document


def _changes(prepared: Prepared, journal: Journal | None) -> list[dict[str, Any]]:
    """In what a branch differs from its parent."""
    if prepared.parent is None or journal is None:
        return []
    from kleio.launcher.decision.changed import changes_of

    return changes_of(prepared, journal)
