"""The code that a command is about to run: which commit, and how the work tree differs from it.

:func:`start_capture` starts ``git status`` and returns at once; :meth:`PendingCode.finish` reads the answer. Content
decides: a dirty tree and the commit made of it have one digest, and a result file left behind changes nothing. Where
git has no answer (not a repository, not installed, too slow, refused), the script named on the command line stands in
and a note says why. Nothing here raises and nothing touches the work tree, the index or the refs.
"""

from __future__ import annotations

import os

from kleio.capture.code.findings import Findings, GitRefused
from kleio.capture.code.git import Git
from kleio.capture.code.project import PendingProject, directory_project
from kleio.capture.code.repository import find_repository, read_config, remote_url
from kleio.capture.code.script import digest_of_file, find_script
from kleio.capture.code.snapshot import Snapshot
from kleio.capture.code.worktree import Look
from kleio.capture.secrets.redactor import Redactor, load_redactor
from kleio.clock import SystemClock
from kleio.encoding import digest_of
from kleio.errors import CodeUnknown
from kleio.trial.snapshot import CodeVersion, Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kleio.clock import Clock
    from kleio.settings import Settings

NOT_IN_GIT = "not in git"


def start_capture(
    cwd: str,
    argv: Sequence[str],
    settings: Settings,
    redactor: Redactor | None = None,
    environ: Mapping[str, str] | None = None,
    clock: Clock | None = None,
) -> PendingCode:
    """Begin to look at the code around ``cwd``; returns at once."""
    return PendingCode(cwd, argv, settings, redactor, os.environ if environ is None else environ, clock)


class PendingCode:
    """A look at the code, under way. Ask :meth:`project` and :meth:`finish` in any order, each once."""

    def __init__(
        self,
        cwd: str,
        argv: Sequence[str],
        settings: Settings,
        redactor: Redactor | None,
        environ: Mapping[str, str],
        clock: Clock | None,
    ) -> None:
        self._cwd, self._argv, self._settings = cwd, argv, settings
        self._redactor, self._environ = redactor, environ
        self._look: Look | None = None
        self._project: PendingProject | None = None
        self._note = NOT_IN_GIT
        self._clock = clock or SystemClock()
        self._begun = self._clock.monotonic()
        deadline = self._begun + settings.git_timeout
        repository = find_repository(cwd)
        if repository is not None:
            git = Git(repository, environ)
            self._project = PendingProject(git, cwd, settings.data, deadline)
            if git.missing:
                self._note = "git not available"
            else:
                self._look = Look(repository, settings, environ, deadline)

    @property
    def is_old(self) -> bool:
        """Whether so much time has passed since it began that git might be cut short for what it did not cause, and
        the code be another by now."""
        return self._clock.monotonic() - self._begun > self._settings.git_timeout / 2

    def project(self) -> Project:
        """Where the command belongs. ``CodeUnknown`` if git does not say."""
        try:
            return self._project.result() if self._project else directory_project(self._cwd)
        except CodeUnknown:
            self.kill()
            raise

    def finish(self) -> tuple[CodeVersion, Snapshot]:
        """The code as it stands, and what makes it restorable."""
        if self._look is not None:
            try:
                return self._of_git(self._look, self._look.result())
            except GitRefused as refused:
                self._note = str(refused)
        return self._of_script()

    def kill(self) -> None:
        """Give up; no process stays behind."""
        if self._look is not None:
            self._look.stop()
        if self._project is not None:
            self._project.kill()

    def _of_git(self, look: Look, seen: Findings) -> tuple[CodeVersion, Snapshot]:
        remote = remote_url(read_config(look.repository))
        version = CodeVersion(
            kind="git",
            digest=seen.digest,
            commit=seen.commit,
            branch=seen.branch,
            remote=self._redact().redact_url(remote) if remote else None,
            dirty=bool(seen.changed or seen.untracked),
            script=find_script(self._argv, self._cwd),
            changed=tuple(seen.changed),
            untracked=tuple(seen.untracked),
            submodules=seen.submodules,
            notes=tuple(sorted(seen.notes)),
        )
        return version, Snapshot(tuple(seen.parts), self._settings, self._redact(), self._environ)

    def _of_script(self) -> tuple[CodeVersion, Snapshot]:
        script = find_script(self._argv, self._cwd)
        path = os.path.join(self._cwd, script) if script else ""
        content = digest_of_file(path) if script else None
        kind = "script" if content else "none"
        digest = digest_of({"kind": kind, "script": script if content else None, "content": content})
        version = CodeVersion(kind=kind, digest=digest, script=script, notes=(self._note,))
        lone = (script, path) if script and content else None
        return version, Snapshot((), self._settings, self._redact(), self._environ, script=lone)

    def _redact(self) -> Redactor:
        if self._redactor is None:
            self._redactor = load_redactor(self._settings.data)
        return self._redactor
