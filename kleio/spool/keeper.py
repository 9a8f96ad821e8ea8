"""Cares for an attempt while its command runs: ships, renews the lease, hears requests, closes at the end.

The front runs a keeper in a thread; when it dies, ``python -m kleio.spool DIRECTORY`` is one in a process of its own.
Whatever the journal does, :meth:`Keeper.step` does not raise ``JournalError``: it backs off and tries again, for days
if need be, in constant memory, for everything is in the spool.

A missed heartbeat is no event. Only proof that another attempt holds the trial changes anything: then this one stops
writing the trial's state and ships on under its own number (RELIABILITY 4.3).
"""

from __future__ import annotations

import os
import select

from kleio.errors import JournalError, JournalReadOnly, SpoolError
from kleio.spool.adoption import adopt
from kleio.spool.attempt.directory import read_attempt
from kleio.spool.attempt.members import members_alive
from kleio.spool.attempt.orders import asked_to_look, order_of
from kleio.spool.attempt.story import story
from kleio.spool.caring import TICK, Care, record_sizes
from kleio.spool.claim import is_held
from kleio.spool.closing import close_attempt, discard, mark_running, mine, this_process
from kleio.spool.shipping.gathering import Gathering
from kleio.spool.shipping.shipper import Shipper
from kleio.spool.shipping.summary import losses_text
from kleio.spool.shipping.telling import Telling
from kleio.trial import status
from kleio.trial.document import new_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Protocol

    from kleio.artifacts.contract import BlobStore
    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.spool.attempt.orders import Order

    class Stop(Protocol):
        """What ``threading.Event`` offers."""

        def wait(self, timeout: float | None = None) -> bool: ...


SILENT = 2.0
"""Seconds without a sign of life after which the journal counts as away."""
LONGEST_PAUSE = 60.0
JITTER = 0.2
FIRST_NEWS = 1.0
NEWS = 0.5
"""What came since the last heartbeat is told by one of its own, of a young attempt after ``FIRST_NEWS`` seconds, then
after half of its age: who watches a trial sees soon that it gets on, and the journal has a dozen heartbeats more."""


def back_off(failures: int, chance: float) -> float:
    """Seconds to wait after so many failures in a row: 1 to 60, doubling, spread so that many do not come at once.

    ``chance`` is between 0 and 1.
    """
    return float(min(LONGEST_PAUSE, 2.0 ** min(failures - 1, 10)) * (0.5 + chance / 2))


def pause(seconds: float) -> None:
    """Wait."""
    select.select([], [], [], seconds)


def chance() -> float:
    """A number from 0 to 1. The module ``random`` would take a millisecond of each launch."""
    return int.from_bytes(os.urandom(4), "little") / (1 << 32)


class Keeper:
    """One attempt's keeper. Whoever makes one holds ``ship.lock`` of the directory."""

    def __init__(
        self,
        directory: str,
        open_journal: Callable[[], Journal],
        open_blobs: Callable[[], BlobStore],
        clock: Clock,
        *,
        on_order: Callable[[Order], None] = lambda order: None,
        on_superseded: Callable[[Mapping[str, Any]], None] = lambda document: None,
        chance: Callable[[], float] = chance,
        wait: Callable[[float], None] = pause,
    ) -> None:
        """``on_order`` is called once for each thing that somebody asks of the command, ``on_superseded`` once when
        another attempt has the trial. Both in the thread that steps."""
        self.directory = directory
        self.attempt = read_attempt(directory)
        self.status: str | None = None
        """The final status (or ``superseded``) once the attempt is closed."""
        self.trouble: JournalError | SpoolError | OSError | None = None
        """Why nothing was shipped the last time; ``None`` if it was."""
        self._open_journal, self._open_blobs = open_journal, open_blobs
        self._clock, self._chance, self._wait = clock, chance, wait
        self._on_order, self._on_superseded = on_order, on_superseded
        self._journal: Journal | None = None
        self._shipper: Shipper | None = None
        self._holding = True
        self._running = False
        self._obeyed: Order | None = None
        self._failures = 0
        self._next_try = clock.monotonic()
        self._next_beat = clock.monotonic() + self._interval()
        self._began = clock.monotonic()
        self._has_news, self._next_news = False, self._began + FIRST_NEWS
        self._telling = Telling(clock)
        self._gathering = Gathering(directory, clock.monotonic())
        self._waiting: float | None = None
        self.care = Care(directory, lambda: self.attempt, self._is_away, clock)

    def step(self) -> float:
        """Do what is due. Returns the seconds after which there may be more."""
        if asked_to_look(self.directory):
            self._next_beat = self._next_try = self._clock.monotonic()
        if self._clock.monotonic() >= self._next_try:
            self._attend(final=False)
        return TICK

    def run(self, stop: int | Stop) -> None:
        """Step until ``stop``, an event or a readable descriptor, says so."""
        while True:
            seconds = self.step()
            if isinstance(stop, int):
                if select.select([stop], [], [], seconds)[0]:
                    return
            elif stop.wait(seconds):
                return

    def finish(self, deadline: float) -> bool:
        """Ship the rest and close, for at most ``deadline`` seconds. True if everything is in the journal.

        What is left is shipped by the next kleio that runs here.
        """
        until = self._clock.monotonic() + deadline
        self._failures = 0
        self.care.look()
        self.care.stop()
        while not self._attend(final=True):
            left = until - self._clock.monotonic()
            if left <= 0:
                return False
            self._wait(min(left, max(0.05, self._next_try - self._clock.monotonic())))
        return True

    def pending(self) -> int:
        """Bytes of records that still wait for the journal; 1 if the disk does not say."""
        try:
            if self._shipper is not None:
                return self._shipper.pending()
            return sum(record_sizes(self.directory).values())
        except OSError:
            return 1

    def losses(self) -> str:
        """What of the attempt's records is known to be lost, in words; empty if nothing is."""
        return "" if self._shipper is None else losses_text(self._shipper.summary())

    def close(self) -> None:
        """Let go of journal, blob store and locks."""
        self.care.stop()
        self.care.close()
        self._let_go()

    def journal(self) -> Journal:
        """The journal in use, opened if need be."""
        if self._journal is None:
            self._journal = self._open_journal()
        return self._journal

    def _let_go(self) -> None:
        if self._shipper is not None:
            self._shipper.close()
        if self._journal is not None:
            self._journal.close()
        self._journal = self._shipper = None

    def _attend(self, final: bool) -> bool:
        """Ship, and beat or close. False if the journal was not to be reached or the attempt is not over."""
        self._waiting = self._clock.monotonic()
        try:
            final = final and not members_alive(self.directory)
            journal = self.journal()
            self.attempt = adopt(self.directory, self.attempt, journal, self._clock)
            if self._shipper is None:
                self._shipper = Shipper(self.directory, journal, self._open_blobs, pulse=self.pulse)
            self._ship(self._shipper, journal, final)
            if final:
                self.status = close_attempt(self._shipper, journal, self._clock)
                if self.status is not None:
                    discard(self.directory, self.status)
            else:
                self._beat_if_due()
        except (JournalError, SpoolError, OSError) as error:
            self.trouble = error
            self._failures += 1
            self._next_try = self._clock.monotonic() + back_off(self._failures, self._chance())
            if isinstance(error, JournalReadOnly):
                self._let_go()  # what it was opened as it stays, though it may be writable, or another one, by then
            return False
        finally:
            self._waiting = None
        self.trouble, self._failures = None, 0
        return self.status is not None

    def _ship(self, shipper: Shipper, journal: Journal, final: bool) -> None:
        """Nothing, if the journal was replaced under the command: the true one may be back at the next try."""
        moment = self._clock.monotonic()
        if not final and not self._gathering.is_over(shipper.pending(), moment):
            return
        if is_held(journal, self.attempt):
            self._has_news |= shipper.ship(final).records > 0
            self._gathering.begin(moment)
        elif not final:
            name = f"attempt {self.attempt.attempt} of trial {self.attempt.trial[:7]}"
            raise JournalError(f"the journal {journal.address} does not hold {name}")

    def pulse(self) -> None:
        """Between the pieces of a long transfer, in the keeper's thread: the lease must not run out meanwhile."""
        if self._waiting is not None:
            self._waiting = self._clock.monotonic()
        try:
            self._beat_if_due()
        except JournalError:
            pass  # the transfer itself will say so

    def _is_away(self) -> bool:
        """Whether the journal takes nothing: it refused the last time, or lets one wait."""
        return self.trouble is not None or (
            (since := self._waiting) is not None and self._clock.monotonic() - since > SILENT
        )

    def _interval(self) -> float:
        return self.attempt.heartbeat * (1 - JITTER + 2 * JITTER * self._chance())

    def _beat_if_due(self) -> None:
        if self._journal is None or not self._holding:
            return
        if not self._running:
            self._announce(self._journal)
        moment = self._clock.monotonic()
        if moment >= self._next_beat or (self._has_news and moment >= self._next_news):
            self._beat(self._journal)
            moment = self._clock.monotonic()
            self._next_beat = moment + self._interval()
            self._has_news, self._next_news = False, moment + NEWS * (moment - self._began)

    def _announce(self, journal: Journal) -> None:
        """The command runs: the trial should say so, if the front could not."""
        start = story(self.directory).start
        if start is not None:
            mark_running(journal, self.attempt, start, self._clock)
            self._running = True

    def _beat(self, journal: Journal) -> None:
        attempt = self.attempt
        document = journal.compare_and_set(
            attempt.trial,
            {"fence": attempt.attempt, "owner": attempt.owner, "status": (status.RESERVED, status.RUNNING)},
            self._told(journal),
        )
        document = document or self._reclaim(journal)
        order = None if document is None else order_of(document, attempt.stop_grace)
        if order is not None and order != self._obeyed:
            self._obeyed = order
            self._on_order(order)

    def _told(self, journal: Journal) -> dict[str, Any]:
        """How far the command has come, for the document that the beat touches anyway."""
        if self._shipper is None:
            return {}
        return self._telling.changes(self._shipper, journal)

    def _reclaim(self, journal: Journal) -> dict[str, Any] | None:
        """The lease is not ours any more. Take it back if it was only thought lost, else never write it again."""
        attempt = self.attempt
        document = journal.trial(attempt.trial)
        if not is_held(journal, attempt):
            return None
        if document is not None and mine(document, attempt) and document["status"] == status.FAILOVER:
            event = new_event(status.RUNNING, self._clock, who=this_process(attempt), why="the launcher is alive")
            holder = dict(attempt.holder)
            changes = {"status": status.RUNNING, "owner": attempt.owner, "holder": holder, "trashed": None}
            expected = {"fence": attempt.attempt, "status": status.FAILOVER}
            return journal.compare_and_set(attempt.trial, expected, changes, event=event)
        self._holding = False
        if document is not None and document["fence"] > attempt.attempt:
            self._on_superseded(document)
        return None
