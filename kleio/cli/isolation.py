"""``kleio work --isolated``: each trial in a clean checkout of its own code, so that nobody's edits touch it.

A trial that ran before gets the code that was recorded; one that never ran gets the code as it stood when the worker
began. Checkouts are removed when their trial is over.
"""

from __future__ import annotations

from kleio.capture.repository import find_repository
from kleio.capture.secrets import load_redactor
from kleio.checkout.current import CurrentCode
from kleio.checkout.recorded import recorded_code
from kleio.checkout.room import Room
from kleio.cli.checkouts import reader
from kleio.cli.reproducing import exact_checkout
from kleio.cli.working import Launcher
from kleio.errors import KleioError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kleio.cli.context import Context


class IsolatedLauncher(Launcher):
    """Starts trials, each in a checkout and a process of its own."""

    def __init__(self, options: list[str], context: Context, links: Sequence[str] = ()) -> None:
        super().__init__(options)
        self._context, self._links = context, tuple(links)
        repository = find_repository(context.cwd)
        if repository is None:
            raise UsageError("--isolated needs a git repository: outside, only one script of a trial's code is known")
        redactor = load_redactor(context.settings.data)
        self._current = CurrentCode(repository.root, context.settings, redactor, context.environ)

    def run(self, trial: str, cwd: str | None = None) -> int:
        """Run a trial to its end. Returns the pid of the process that launched it; 0 if there was none."""
        document = self._context.writable_journal().trial(trial)
        if document is None:
            return 0
        try:
            with Room(self._context.settings, trial, document["project"]["name"].replace("/", "-")) as room:
                ran = document["code"] is not None
                code = (
                    recorded_code(self._context.writable_journal(), document)
                    if ran
                    else self._current.for_trial(document)
                )
                read = reader(self._context) if ran else self._current.read
                checkout = exact_checkout(self._context, code, room.path, read, links=self._links)
                if self.stopped_by is not None:
                    return 0
                return super().run(trial, checkout.directory)
        except KleioError as error:
            self._context.console.fail(error.message, error.hint)
            return 0
