"""``kleio work --isolated``: each trial in a clean checkout of its own code, so that nobody's edits touch it.

A trial that ran before gets the code that was recorded; one that never ran gets the code as it stood when the worker
began. Checkouts are removed when their trial is over.
"""

from __future__ import annotations

from kleio.capture.code.project import project_of
from kleio.capture.code.repository import find_repository
from kleio.capture.secrets.redactor import load_redactor
from kleio.checkout.current import CurrentCode
from kleio.checkout.recorded import recorded_code
from kleio.checkout.room import Room
from kleio.cli.reproducing.checkouts import reader
from kleio.cli.reproducing.rerunning import exact_checkout
from kleio.cli.running.processes import Launcher
from kleio.clock import SystemClock
from kleio.errors import CodeLost, KleioError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from kleio.checkout.recorded import RecordedCode
    from kleio.cli.context import Context


class IsolatedLauncher(Launcher):
    """Starts trials, each in a checkout and a process of its own."""

    def __init__(
        self, options: list[str], context: Context, links: Sequence[str] = (), *, everywhere: bool = False
    ) -> None:
        super().__init__(options)
        self._context, self._links = context, tuple(links)
        self._current: dict[str, CurrentCode] = {}
        repository = find_repository(context.cwd)
        if repository is None and not everywhere:
            raise UsageError("--isolated needs a git repository: outside, only one script of a trial's code is known")
        if repository is not None:
            deadline = SystemClock().monotonic() + context.settings.git_timeout
            here = project_of(context.cwd, context.settings.data, context.environ, deadline)
            self._current[here.id] = self._code_at(repository.root)

    def run(self, trial: str, cwd: str | None = None) -> int:
        """Run a trial to its end. Returns the pid of the process that launched it; 0 if there was none."""
        document = self._context.writable_journal().trial(trial)
        if document is None:
            return 0
        try:
            with Room(self._context.settings, trial, document["project"]["name"].replace("/", "-")) as room:
                code, read = self._code_of(document)
                checkout = exact_checkout(self._context, code, room, read, links=self._links)
                if self.stopped_by is not None:
                    return 0
                return super().run(trial, checkout.directory)
        except KleioError as error:
            self._context.console.fail(error.message, error.hint)
            return 0

    def _code_of(self, document: Mapping[str, Any]) -> tuple[RecordedCode, Callable[[str], bytes]]:
        """What the trial is to run, and where its pieces are read."""
        if document["code"] is not None:
            return recorded_code(self._context.writable_journal(), document), reader(self._context)
        project = document["project"]
        if project["id"] not in self._current:
            if find_repository(project["root"]) is None:
                raise CodeLost(f"the code of trial {document['_id'][:7]} is not here: there is no {project['root']}")
            self._current[project["id"]] = self._code_at(project["root"])
        current = self._current[project["id"]]
        return current.for_trial(document), current.read

    def _code_at(self, root: str) -> CurrentCode:
        context = self._context
        return CurrentCode(root, context.settings, load_redactor(context.settings.data), context.environ)
