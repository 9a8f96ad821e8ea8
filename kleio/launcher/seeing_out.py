"""The end of a trial that several tasks share, as task 0 sees it, which launched it (:mod:`kleio.launcher.team`).

Its command has ended; the others, which nobody but their scheduler started, may go on. What is asked of the trial, then
or before, is asked of them as well: those of this machine are signalled, for they carry the attempt's spool in their
environment; those of other nodes are their scheduler's, which hears of the end by task 0's own.
"""

from __future__ import annotations

import os
import signal

from kleio.clock import stamp
from kleio.launcher import stop
from kleio.spool.attempt.members import members, members_alive
from kleio.spool.attempt.processes import descendants, of_attempt
from kleio.spool.attempt.story import SUPERVISOR
from kleio.spool.keeper import pause
from kleio.spool.records.file import RESERVE
from kleio.spool.records.log import SpoolWriter
from kleio.trial import causes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.clock import Clock
    from kleio.launcher.attempt import Attempt
    from kleio.spool.attempt.orders import Order

JOINING = 5.0
"""Seconds that the others have to join a command that ends at once."""
SILENT = 5.0
"""Seconds after which it is said that the others are waited for."""
ELSEWHERE = 1.0
"""Seconds for which a task that does not show on this machine may be one that is just starting here."""
LOOK = 0.1


class SeeingOut:
    """Waits for ``others`` tasks of an attempt, and passes on to them what is asked of it."""

    def __init__(self, attempt: Attempt, others: int, clock: Clock) -> None:
        self._attempt, self._others, self._clock = attempt, others, clock
        self._until = clock.monotonic() + JOINING
        self._order: Order | None = None
        """The latest that was asked of the trial."""
        self._reached = False
        """Whether another task lived then."""

    def begin(self) -> None:
        """From here on the attempt ends so, and obeys so."""
        self._attempt.at_end = self._see_out
        self._attempt.on_order = self._obey

    def _obey(self, order: Order) -> None:
        """In the keeper's thread: all tasks hear of it at once, for they may wait for one another."""
        self._order = order
        self._attempt.link.stop(order)
        others = self._here()
        self._reached = self._reached or bool(others)
        stop.send(order.signal, others)

    def _see_out(self, record: dict[str, Any] | None) -> dict[str, Any] | None:
        """Until all others have joined a command that is over, or will not; and until they have ended, too, if it
        ended well or was asked to. A signal ends this. Returns what is the end of the trial."""
        began = self._clock.monotonic()
        try:
            order = self._await(record)
        except OSError:
            return record  # something else is in the place of the spool: the keeper mends that, or says what it is
        if order is None or record is None or record["status"] == order.status:
            return record
        return self._told(record, order, self._clock.monotonic() - began)

    def _await(self, record: dict[str, Any] | None) -> Order | None:
        """Returns the order by which the others were ended, if they were."""
        directory, clock = self._attempt.directory, self._clock
        while self._order is None and len(members(directory)) < self._others and clock.monotonic() < self._until:
            pause(LOOK)
        obeyed: Order | None = None
        patience = clock.monotonic() + SILENT
        kill_at = seen = 0.0
        while members_alive(directory):
            now = clock.monotonic()
            if self._order is not None:
                if self._order is not obeyed:
                    obeyed, kill_at, seen = self._order, now + self._order.grace, now
                    self._reached = True
                here = self._here()
                if here:
                    seen = now
                elif now >= seen + ELSEWHERE:
                    break
                if now >= kill_at:
                    stop.send(signal.SIGKILL, here)
            elif record is None or record.get("code") != 0:
                break
            elif now >= patience:
                patience = float("inf")
                self._say()
            pause(LOOK)
        return self._order if self._reached else None

    def _say(self) -> None:
        self._attempt.request.say(
            f"task 0 has ended; trial {self._attempt.attempt.trial[:7]} ends with the last of its tasks "
            "(Ctrl-C or SIGTERM: do not wait for them)"
        )

    def _here(self) -> list[int]:
        """Processes of the other tasks on this machine. The command's own are its supervisor's to end."""
        spared = {os.getpid(), *descendants(self._attempt.link.pid)}
        return [pid for pid in of_attempt(self._attempt.directory) if pid not in spared]

    def _told(self, record: dict[str, Any], order: Order, seconds: float) -> dict[str, Any]:
        """The end as it was asked for, in the place of task 0's own, which came before and was a good one."""
        told = {
            **record, "status": order.status, "code": None, "signal": order.signal, "why": order.why,
            "cause": causes.USER, "ended": stamp(self._clock), "duration": record["duration"] + seconds,
        }  # fmt: skip
        directory = self._attempt.directory
        writer = SpoolWriter(directory, SUPERVISOR)
        writer.append_surely("status", told, os.path.join(directory, RESERVE))
        writer.close()
        return told
