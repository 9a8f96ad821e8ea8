"""Ends the command on somebody's order: a signal to all its processes, and SIGKILL when their patience is over.

The supervisor asks it in its loop. The order stands until nothing that the command started lives any more, so whoever
asked for the end may rely on it.
"""

from __future__ import annotations

import os
import signal

from kleio.launcher import stop
from kleio.spool.attempt.orders import take_order
from kleio.spool.attempt.processes import descendants

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from kleio.spool.attempt.orders import Order

HURRY = 0.05
"""Seconds between two looks at whether everything has ended, once the command itself has."""
IMMORTAL = 10.0
"""Seconds for which processes that survive SIGKILL (a dead network disk) are waited for."""


class Halt:
    """What is known of the wish to end. Times are monotonic seconds; ``spare`` names a process that is kleio's own."""

    def __init__(self, directory: str, spare: Callable[[], int]) -> None:
        self.order: Order | None = None
        self._directory, self._spare = directory, spare
        self._kill_at: float | None = None
        self._hopeless_at: float | None = None

    def obey(self, order: Order, now: float) -> None:
        """Begin. A second order (a kill after a suspend) replaces the first."""
        self.order = order
        self._kill_at = now + order.grace
        stop.send(order.signal, self._processes())

    def take(self, now: float) -> None:
        """Obey what was left in the spool, where orders come from when the front is dead."""
        order = take_order(self._directory)
        if order is not None:
            self.obey(order, now)

    def next_deadline(self) -> float | None:
        """When :meth:`press` should be called."""
        return self._kill_at

    def press(self, now: float) -> None:
        """Kill what has used up its patience."""
        if self._kill_at is not None and now >= self._kill_at:
            self._kill_at = None
            stop.send(signal.SIGKILL, self._processes())

    def is_pending(self, now: float) -> bool:
        """Whether something of the command still lives that was ordered to end. New processes are killed as well."""
        if self.order is None or not self._processes():
            return False
        if self._kill_at is not None:
            return True
        self._kill_at = now
        if self._hopeless_at is None:
            self._hopeless_at = now + IMMORTAL
        return now < self._hopeless_at

    def _processes(self) -> list[int]:
        spare = self._spare()
        return [pid for pid in descendants(os.getpid()) if pid != spare]
