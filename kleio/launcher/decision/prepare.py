"""From the words that were typed to a trial that may be reserved, or to the reason why it may not.

Capture is started first and read last, so that git works while the journal is opened (:func:`begin`,
:func:`complete`).
"""

from __future__ import annotations

import os

from kleio.capture.code.project import project_of
from kleio.capture.code.version import start_capture
from kleio.capture.commandline.reading import read_command_line
from kleio.capture.commandline.rewriting import rewrite
from kleio.capture.environment.facts import capture_environment
from kleio.clock import SystemClock
from kleio.dataclass import dataclass, replace
from kleio.errors import CommandNotFound, SecretNeeded, TrialNotFound, TrialRefused
from kleio.launcher.child import find_command
from kleio.launcher.decision.cutting import cut_of
from kleio.trial.identity import trial_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from kleio.capture.code.snapshot import Snapshot
    from kleio.capture.code.version import PendingCode
    from kleio.capture.secrets.redactor import Redactor
    from kleio.journal.contract import Journal
    from kleio.launcher.request import LaunchRequest
    from kleio.settings import Settings
    from kleio.trial.snapshot import CodeVersion, CommandLine, Environment, Project


@dataclass(frozen=True)
class Target:
    """What is to run: the words, the executable they name, the directory. ``document`` is that of the trial that was
    selected by id, ``refers`` the lineage of what is to run."""

    argv: tuple[str, ...]
    path: str
    cwd: str
    document: Mapping[str, Any] | None = None
    refers: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Prepared:
    """Everything that is known before the reservation."""

    target: Target
    trial: str
    command: CommandLine
    project: Project
    code: CodeVersion
    snapshot: Snapshot
    environment: Environment
    refers: Mapping[str, Any] | None = None
    parent: Mapping[str, Any] | None = None
    """The document of the trial that this one is branched off now."""


def is_selection(request: LaunchRequest) -> bool:
    """Whether the words select a recorded trial instead of being a command."""
    if request.by_id:
        return True
    if not request.may_be_id or len(request.words) != 1:
        return False
    try:
        find_command(request.words[0])
    except CommandNotFound:
        return True
    return False


def typed_target(request: LaunchRequest) -> Target:
    """The command as typed, in the directory where it was typed."""
    return Target(request.words, find_command(request.words[0]), os.getcwd())


def selected_target(request: LaunchRequest, journal: Journal, redactor: Redactor) -> Target:
    """The recorded command of a trial, in its own directory of the repository at hand or of the recorded one."""
    word = request.words[0]
    try:
        document = request.select(journal, word)
    except TrialNotFound as error:
        if request.by_id or not word:
            raise
        raise TrialNotFound(f"{word}: neither a command nor a trial", hint=error.hint) from error
    argv = _with_secrets(document, redactor, request)
    refers = document["refers"]
    if request.branch is not None:
        cut = cut_of(journal, document, request.branch.cut, SystemClock())
        refers = {"parent": document["_id"], "cut": cut.as_document()}
        argv = rewrite(argv, request.branch.changes, request.branch.unset)
    cwd = _directory_of(document, request.settings)
    os.chdir(cwd)
    return Target(argv, find_command(argv[0]), cwd, document, refers)


def _with_secrets(document: Mapping[str, Any], redactor: Redactor, request: LaunchRequest) -> tuple[str, ...]:
    """The recorded words, each secret typed again and checked against its fingerprint."""
    words = tuple(document["argv"])
    short = document["_id"][:7]
    if not document["secrets"]:
        return words
    if request.ask is None:
        raise SecretNeeded(
            f"the command of trial {short} holds secrets, which are not recorded",
            hint="run the same command again instead, or resume by id in a terminal, where kleio can ask for them",
        )
    return tuple(_filled(word, redactor, request.ask, short) for word in words)


def _filled(word: str, redactor: Redactor, ask: Callable[[str], str], short: str) -> str:
    import re

    for fingerprint in re.findall(r"<redacted:[0-9a-f]+>", word):
        value = ask(f"secret in {word!r} of trial {short}: ")
        if not redactor.matches(fingerprint, value):
            raise SecretNeeded(f"that is not the secret that trial {short} was run with")
        word = word.replace(fingerprint, value)
    return word


def _directory_of(document: Mapping[str, Any], settings: Settings) -> str:
    """Where the trial's command belongs: below this repository if it is the same project, else where it ran."""
    here = project_of(os.getcwd(), settings.data, os.environ, SystemClock().monotonic() + settings.git_timeout)
    root = here.root if here.id == document["project"]["id"] else document["project"]["root"]
    cwd: str = os.path.join(root, document["directory"])
    if not os.path.isdir(cwd):
        raise TrialRefused(
            f"trial {document['_id'][:7]} ran in {cwd}, which is not here",
            hint=f"go to a clone of project {document['project']['name']} and resume it there",
        )
    return cwd


def begin(request: LaunchRequest, target: Target, redactor: Redactor) -> PendingCode:
    """Start to look at the code, so that git works while the journal is opened."""
    return start_capture(target.cwd, target.argv, request.settings, redactor)


def complete(request: LaunchRequest, target: Target, redactor: Redactor, pending: PendingCode) -> Prepared:
    """Capture environment and command line, read what git found, and name the trial."""
    command = read_command_line(target.argv, redactor, target.cwd)
    environment = capture_environment(target.argv, request.settings, redactor, os.environ)
    if pending.is_old:  # the journal was waited for
        pending.kill()
        pending = begin(request, target, redactor)
    project = pending.project()
    code, snapshot = pending.finish()
    files = tuple((file.argument, os.path.join(target.cwd, file.argument)) for file in command.files)
    snapshot = replace(snapshot, configuration=files) if files else snapshot
    own = trial_id(command, project, target.refers)
    parent = target.document if request.branch is not None else None
    return Prepared(target, own, command, project, code, snapshot, environment, target.refers, parent)
