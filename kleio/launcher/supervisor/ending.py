"""How a command ended, in the words of the journal; and the shipper that replaces a front that died."""

from __future__ import annotations

import os
import signal
import sys
import time

from kleio.clock import SystemClock, stamp
from kleio.launcher.supervisor.relay import name_of
from kleio.launcher.supervisor.scheduler import job_of
from kleio.trial import causes, status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.spool.attempt.orders import Order

_USER_STOPS = (signal.SIGINT, signal.SIGQUIT)
_SCHEDULER_STOPS = (signal.SIGTERM, signal.SIGHUP, signal.SIGXCPU)
_SCHEDULER_WARNINGS = (signal.SIGUSR1, signal.SIGUSR2)
KIB = 1024


def exit_record(
    wait_status: int,
    usage: Any,
    *,
    duration: float,
    seen: set[int],
    order: Order | None,
    lost: dict[str, int],
    cut: dict[str, int],
    late: bool,
    memory: str = "",
) -> dict[str, Any]:
    """The record that decides the trial's status. ``usage`` is what ``wait4`` gave, ``seen`` the signals it got,
    ``memory`` says how memory ran out."""
    code, number = _code_and_signal(wait_status)
    word, cause, why = verdict(code, number, seen, order, job_of(os.environ), memory)
    return {
        "type": "exit",
        "status": word,
        "code": code,
        "signal": number,
        "why": why,
        "cause": cause,
        "ended": stamp(SystemClock()),
        "duration": duration,
        "usage": {
            "max_rss": usage.ru_maxrss * KIB,
            "user": usage.ru_utime,
            "system": usage.ru_stime,
        },
        "lost": lost,
        "cut": cut,
        "late": late,
    }


def failed_record(path: str, error: int) -> dict[str, Any]:
    """The record of a command that could not be executed."""
    return {
        "type": "exit",
        "status": status.BROKEN,
        "code": None,
        "signal": None,
        "why": f"could not be executed: {os.strerror(error)}: {path}",
        "cause": causes.COMMAND,
        "ended": stamp(SystemClock()),
        "duration": 0.0,
        "usage": {},
        "lost": {},
        "cut": {},
        "late": False,
    }


def _code_and_signal(wait_status: int) -> tuple[int | None, int | None]:
    if os.WIFSIGNALED(wait_status):
        return None, os.WTERMSIG(wait_status)
    return os.WEXITSTATUS(wait_status), None


def verdict(
    code: int | None, number: int | None, seen: set[int], order: Order | None, job: str = "", memory: str = ""
) -> tuple[str, str, str]:
    """Status, cause, and why. A script that caught its signal and left in good order with 0 after Ctrl-C has completed;
    after SIGTERM it has obeyed its scheduler, whatever it returned, and is not done."""
    end = f"exit {code}" if number is None else f"killed by {name_of(number)}"
    if order is not None:
        return order.status, causes.USER, order.why
    if not seen.isdisjoint(_SCHEDULER_STOPS):
        return _interrupted(_first(seen, _SCHEDULER_STOPS), job)
    if code == 0:
        return status.COMPLETED, causes.EXIT, end
    if not seen.isdisjoint(_USER_STOPS):
        return status.SUSPENDED, causes.USER, "Ctrl-C" if signal.SIGINT in seen else _first(seen, _USER_STOPS)
    if not seen.isdisjoint(_SCHEDULER_WARNINGS):
        return _interrupted(_first(seen, _SCHEDULER_WARNINGS), job)
    if memory:
        return status.BROKEN, causes.MEMORY, memory if number == signal.SIGKILL else f"{end}, {memory}"
    return status.BROKEN, causes.EXIT if number is None else causes.SIGNAL, end


def _interrupted(name: str, job: str) -> tuple[str, str, str]:
    if job:
        return status.INTERRUPTED, causes.SCHEDULER, f"{name} in {job}"
    return status.INTERRUPTED, causes.TERMINATED, name


def _first(seen: set[int], numbers: tuple[signal.Signals, ...]) -> str:
    return next(number.name for number in numbers if number in seen)


class Replacement:
    """``python -m kleio.spool DIRECTORY`` in a session of its own, started again with growing pauses if it dies."""

    FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self.pid = 0
        """Of the shipper that runs, or 0."""
        self._not_before = 0.0
        self._pause = self.FIRST_PAUSE

    def look_after(self) -> None:
        """Start it if it does not run and its pause is over."""
        if not self.pid and time.monotonic() >= self._not_before:
            self.start()

    def start(self) -> None:
        """Start it now, unless it runs."""
        if self.pid:
            return
        try:
            self.pid = os.fork()
        except OSError:
            self._wait_longer()
            return
        if self.pid == 0:
            self._become()

    def reaped(self, pid: int) -> None:
        """A child ended; if it was the shipper, another one is due after a pause."""
        if pid == self.pid:
            self.pid = 0
            self._wait_longer()

    def _wait_longer(self) -> None:
        self._not_before = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, self.LONGEST_PAUSE)

    def _become(self) -> None:
        try:
            os.setsid()
            null = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(null, number)
            os.closerange(3, 4096)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            os.execv(sys.executable, [sys.executable, "-m", "kleio.spool", self._directory])
        finally:
            os._exit(127)
