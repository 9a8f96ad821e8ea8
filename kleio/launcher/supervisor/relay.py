"""Which signals the command must be handed, and which it got by itself.

Ctrl-C reaches every process of the foreground group, and so does ``kill -TERM -PGID``: the command has it already.
``kill -TERM PID-of-kleio`` reaches the front alone and must be passed on, once. Front and supervisor are both in the
group, so the rule is: what both of them got from the same cause was sent to the group; what one of them got alone is
forwarded. ``PATIENCE`` is how long the second arrival is waited for.

``killall`` and ``pkill`` choose processes one by one. So that the rule holds for them too, the supervisor bears another
name than the front (``killall kleio`` finds the front alone), and the command's own command line: ``pkill -f kleio``
finds the front alone, ``pkill -f train.py`` finds the command, and both of those who carry it.
"""

from __future__ import annotations

import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.launcher.supervisor.linux import Signal

PATIENCE = 0.15

_NOT_FORWARDED = {
    "SIGKILL", "SIGSTOP", "SIGCHLD", "SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT", "SIGTRAP", "SIGSYS",
    "SIGPIPE", "SIGTTIN", "SIGTTOU", "SIGWINCH", "SIGURG",
}  # fmt: skip
JOB_CONTROL = frozenset({signal.SIGTSTP, signal.SIGCONT})
"""Passed on like the others, but they end nothing."""


def forwardable() -> list[int]:
    """The signals that mean something to the command, except those ignored when kleio was started (``nohup``)."""
    numbers = signal.valid_signals() - {getattr(signal, name) for name in _NOT_FORWARDED if hasattr(signal, name)}
    return sorted(number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN)


class Relay:
    """Sorts arrivals into those to forward and those the command has seen. Times are monotonic seconds."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        """Signals that the command has got, one way or the other."""
        self._waiting: dict[int, tuple[str, float]] = {}

    def arrived(self, source: str, arrival: Signal, now: float, *, alone: bool) -> int | None:
        """Note that ``source`` (``"front"`` or ``"supervisor"``) got a signal. Returns the number to forward at once.

        ``alone``: no second arrival can come, because the front is gone.
        """
        number = arrival.number
        self.seen.add(number)
        other = self._waiting.get(number)
        if arrival.from_kernel:
            self._waiting[number] = ("kernel", now + PATIENCE)
            return None
        if other is not None and other[0] != source:
            if other[0] != "kernel":
                del self._waiting[number]
            return None
        if alone:
            return number
        self._waiting[number] = (source, now + PATIENCE)
        return None

    def due(self, now: float) -> list[int]:
        """Signals whose second arrival did not come: forward them."""
        over = [number for number, (_, deadline) in self._waiting.items() if deadline <= now]
        return [number for number in over if self._waiting.pop(number)[0] != "kernel"]

    def next_deadline(self) -> float | None:
        """When :meth:`due` should be asked again."""
        return min((deadline for _, deadline in self._waiting.values()), default=None)


def name_of(number: int) -> str:
    """The signal's name, or ``SIG 40`` for a real-time one."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
