"""Registers commands as trials that nobody has run: the queue that workers drain.

Nothing is run and no code is looked at: a trial's code and environment are those of its first attempt. Options that
name configuration files make those files' content, as of now, part of the trial, as a launch would.
"""

from __future__ import annotations

import os

from kleio.capture.code.project import project_of
from kleio.capture.commandline.reading import read_command_line
from kleio.capture.secrets.redactor import load_redactor
from kleio.dataclass import dataclass
from kleio.errors import TrialExists, TrialNotFound, TrialRefused, UsageError
from kleio.launcher.child import find_command
from kleio.launcher.reserve import in_trash, this_process
from kleio.spool.handshake import ATTEMPT, TRIAL_ID
from kleio.trial import status
from kleio.trial.cut import BEFORE_THE_FIRST, Cut
from kleio.trial.document import new_document, new_event
from kleio.trial.edits import check_name, check_tag
from kleio.trial.identity import trial_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.settings import Settings
    from kleio.trial.snapshot import CommandLine


@dataclass(frozen=True)
class Saved:
    """A registered command. ``is_new``: it was not in the journal before. ``has_secrets``: no worker can run it."""

    trial: str
    is_new: bool
    has_secrets: bool


class Registrar:
    """Registers commands typed in one directory."""

    def __init__(self, journal: Journal, settings: Settings, clock: Clock, cwd: str) -> None:
        self._journal, self._clock, self._cwd = journal, clock, cwd
        self._redactor = load_redactor(settings.data)
        self._project = project_of(cwd, settings.data, os.environ, clock.monotonic() + settings.git_timeout)

    def save(self, argv: Sequence[str], *, tags: Sequence[str] = (), name: str | None = None) -> Saved:
        """Register one command; one that is there already is left as it is."""
        return self._insert(self._read(argv, tags), tags, name, None)

    def repeat(
        self, argv: Sequence[str], *, tags: Sequence[str], more: Sequence[str] = (), name: str | None = None
    ) -> Saved:
        """Register a repetition of a command that is registered already: a branch cut at the start of the original,
        so that it inherits nothing but tags. ``tags`` tell one repetition from another; it bears ``more`` as well."""
        if not tags:
            raise UsageError(
                "a repetition needs a tag that tells it from the original",
                hint="kleio save --branch-original --tags TAG COMMAND ARGUMENTS…",
            )
        command = self._read(argv, (*tags, *more))
        original = trial_id(command, self._project)
        document = self._journal.trial(original)
        if document is None:
            raise TrialNotFound(
                "there is nothing to repeat: this command was neither run nor registered",
                hint="register it with `kleio save` and the same command, or run it N times with: kleio run --repeat N",
            )
        if document.get("trashed"):
            raise in_trash(document)
        cut = Cut(original, BEFORE_THE_FIRST, 0.0)
        refers = {"parent": original, "cut": cut.as_document(), "repeat": sorted(set(tags))}
        return self._insert(command, (*(document.get("tags") or ()), *tags, *more), name, refers)

    def _read(self, argv: Sequence[str], tags: Sequence[str]) -> CommandLine:
        if not argv or not argv[0]:
            raise UsageError("there is no command to register", hint="kleio save COMMAND ARGUMENTS…")
        for tag in tags:
            check_tag(tag)
        find_command(argv[0])
        return read_command_line(tuple(argv), self._redactor, self._cwd)

    def _insert(
        self, command: CommandLine, tags: Sequence[str], name: str | None, refers: Mapping[str, Any] | None
    ) -> Saved:
        if name:
            check_name(name)
        own = trial_id(command, self._project, refers)
        outer = os.environ.get(TRIAL_ID)
        document = new_document(
            own,
            command,
            self._project,
            self._clock,
            tags=tags,
            name=name,
            refers=refers,
            within={"trial": outer, "attempt": int(os.environ.get(ATTEMPT) or 0)} if outer else None,
            event=new_event(status.NEW, self._clock, who=this_process(), why="registered"),
        )
        return Saved(own, self._journal.insert_trial(document), command.has_secrets)


def already(saved: Saved, journal: Journal) -> TrialRefused:
    """The refusal to register a command twice."""
    short = saved.trial[:7]
    document = journal.trial(saved.trial) or {}
    if document.get("trashed"):
        return in_trash(document)
    word = document.get("status", "gone")
    return TrialExists(
        f"this command is already registered with id: {short} [{word}]",
        hint=f"look at it with `kleio info {short}`, or add a tag with: kleio tag {short} TAG",
    )
