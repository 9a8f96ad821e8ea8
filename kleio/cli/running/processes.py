"""Launches in processes of their own: the words that start them, a worker's command line among them."""

from __future__ import annotations

import os
import signal
import sys

from kleio.cli.grammar import OPTIONS
from kleio.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType
    from typing import Any

    from kleio.cli.grammar import Line, Option

SIGNALLED = 128
GLOBAL = ("journal", "data", "quiet")
"""Options that stand before `work`."""
OF_ONE_TRIAL = ("name", "offline", "switch_over", "repeat")
"""Options of a launch that mean nothing to a worker."""
PASSED_ON = tuple(option for option in OPTIONS if option.key not in (*GLOBAL, *OF_ONE_TRIAL, "tags"))
"""Options that a worker hands to each of its launches."""
# The user's directory must not be where Python looks for kleio, as it would be with `-m`.
PROGRAM = "import sys; sys.path[:] = [p for p in sys.path if p]; from kleio.cli.main import main; main()"


def words_of_worker(line: Line) -> list[str]:
    """``kleio run`` without a command, said as ``kleio work``."""
    for option in OPTIONS:
        if option.key in OF_ONE_TRIAL and option.key in line.options:
            raise UsageError(
                f"{option.names[-1]} is for one command, and none is given",
                hint="without a command, `kleio run` is a worker that runs what was saved; see `kleio work --help`",
            )
    before = [word for option in OPTIONS if option.key in GLOBAL for word in spelled(option, line.options)]
    after = [word for option in PASSED_ON for word in spelled(option, line.options)]
    tags = [word for text in line.options.get("tags", ()) for word in ("--tags", text)]
    return [*before, "work", *tags, *after]


def spelled(option: Option, values: Mapping[str, Any]) -> list[str]:
    """The words that give this option its value in ``values``; none if it has none."""
    value = values.get(option.key)
    if not value:
        return []
    name = max(option.names, key=len)
    return [name] if option.metavar is None else [f"{name}={value}"]


class Launcher:
    """Starts trials, each in a process of its own, and hears the signals that end the worker.

    Ctrl-C reaches the launch by itself; what a scheduler sends to the worker alone is passed on to it.
    """

    def __init__(self, options: list[str]) -> None:
        self._options = options
        self._process: Any = None
        self.stopped_by: int | None = None
        self.code = 0
        """The exit code of the last trial, as a shell shows it."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def run(self, trial: str, cwd: str | None = None) -> int:
        """Run a trial to its end, here or in ``cwd``. Returns the pid of the process that launched it."""
        import subprocess

        words = [sys.executable, "-c", PROGRAM, "exec", *self._options, trial]
        environment = {**os.environ, "PWD": cwd} if cwd else None
        self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, cwd=cwd, env=environment)
        code = self._process.wait()
        self.code = SIGNALLED - code if code < 0 else code
        return int(self._process.pid)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        if number not in (signal.SIGUSR1, signal.SIGUSR2):
            self.stopped_by = number
        if number != signal.SIGINT and self._process is not None:
            self._process.send_signal(number)
