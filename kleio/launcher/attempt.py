"""The front from ``go`` to the end: the spool is shipped in a thread while the main thread listens.

Every signal interrupts the main thread at once, because it only ever waits for the supervisor's reports; the journal,
which may take its time, is the thread's business. At the end the thread has a deadline; what it could not ship stays
in the spool, and the command's exit code is returned whatever the journal does.
"""

from __future__ import annotations

import errno
import os
import signal
import threading
from io import BytesIO

from kleio.artifacts.registry import open_blobs
from kleio.failpoints import failpoint
from kleio.launcher import stop
from kleio.launcher.child import command_error
from kleio.launcher.link import Interrupted, Link
from kleio.launcher.request import Outcome
from kleio.spool import blobs
from kleio.spool.adoption import OFFLINE_ATTEMPT
from kleio.spool.attempt.directory import AttemptFile, create, spool_roots
from kleio.spool.attempt.processes import descendants, of_attempt
from kleio.spool.attempt.story import story
from kleio.spool.closing import UNKNOWN
from kleio.spool.handshake import child_environment
from kleio.spool.keeper import Keeper, pause
from kleio.spool.leftover import leftovers
from kleio.spool.records.log import SpoolWriter
from kleio.spool.recover import recover
from kleio.spool.samples import Sampler, Sampling
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from kleio.capture.code.snapshot import Snapshot
    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.launcher.decision.prepare import Prepared
    from kleio.launcher.request import LaunchRequest
    from kleio.spool.attempt.orders import Order

CAPTURE = "capture"
BLINK = 0.03
"""Seconds after which a command that still runs is reported as running."""
SLICE = 0.2
"""Seconds that the main thread waits for the other one at a time: between two it notices a signal that a thread got."""
SIGNAL_DEADLINE, OFFLINE_DEADLINE = 5.0, 1.0
"""Seconds for the journal at the end when a scheduler wants this process gone, and when it was away all the time."""
ORPHANS_DEADLINE = 10.0
"""Seconds for processes to end that have been killed."""


def open_attempt(
    request: LaunchRequest,
    link: Link,
    open_journal: Callable[[], Journal],
    prepared: Prepared,
    document: Mapping[str, Any],
    clock: Clock,
) -> Attempt:
    """Make the attempt's spool and write what was captured into it. ``document`` is the reserved trial's."""
    settings = request.settings
    attempt = AttemptFile(
        trial=prepared.trial,
        attempt=document["fence"],
        owner=document["owner"],
        journal=settings.journal,
        holder=document["holder"],
        user=document["holder"]["user"],
        heartbeat=settings.heartbeat,
        flush_deadline=settings.flush_deadline,
        stop_grace=settings.stop_grace,
        output_head=settings.output_head,
        spool_limit=settings.spool_limit,
        spool_total=settings.spool_total,
        samples=settings.samples,
        configuration=document["configuration"],
        offline=document if document["fence"] == OFFLINE_ATTEMPT else None,
        document=document if document["fence"] != OFFLINE_ATTEMPT else None,
    )
    directory, lock = create(attempt, spool_roots(settings.data, os.environ))
    failpoint("after_spool_open")
    writer = SpoolWriter(directory, "front")
    writer.append(CAPTURE, {"type": "code", **prepared.code.details()})
    writer.append(CAPTURE, {"type": "environment", **prepared.environment.details()})
    return Attempt(request, link, open_journal, prepared, attempt, directory, lock, writer, clock)


class Attempt:
    """One execution of a trial, as its launcher sees it."""

    def __init__(
        self,
        request: LaunchRequest,
        link: Link,
        open_journal: Callable[[], Journal],
        prepared: Prepared,
        attempt: AttemptFile,
        directory: str,
        lock: int,
        writer: SpoolWriter,
        clock: Clock,
    ) -> None:
        self.request, self.link, self.prepared = request, link, prepared
        self.attempt, self.directory, self.clock = attempt, directory, clock
        self._lock, self._writer = lock, writer
        self._snapshot: Snapshot | None = prepared.snapshot
        self._over = threading.Event()
        self.at_end: Callable[[dict[str, Any] | None], dict[str, Any] | None] = lambda record: record
        """Called when the command has ended, before the attempt is closed: what the supervisor said of the end → what
        is the end."""
        self.on_order: Callable[[Order], None] = link.stop
        """Called, in the keeper's thread, with what somebody asks of the command."""
        self._hurried = False
        self.keeper = Keeper(
            directory,
            open_journal,
            lambda: open_blobs(request.settings.journal),
            clock,
            on_order=lambda order: self.on_order(order),
            on_superseded=self._superseded,
        )
        sampler = Sampler(link.pid, descendants, clock)
        self._sampling = Sampling(sampler.sample, writer, request.settings.samples)
        self._thread = threading.Thread(target=self._attend, name="kleio-keeper", daemon=True)

    def go(self) -> None:
        """Let the supervisor start the command."""
        settings = self.request.settings
        self.link.go(
            {
                "directory": self.directory,
                "argv": list(self.prepared.target.argv),
                "path": self.prepared.target.path,
                "cwd": self.prepared.target.cwd if self.prepared.target.document else None,
                "environment": child_environment({}, self.attempt.trial, self.attempt.attempt, self.directory),
                "output": settings.output,
                "hide": self.request.hide_output,
                "head": settings.output_head,
                "tail": settings.output_tail,
            }
        )

    def see_through(self) -> Outcome:
        """Wait for the command's end, close the attempt, and tell how it went."""
        try:
            record = self._watch()
        except Interrupted:
            short = self.attempt.trial[:7]
            self.request.warn(
                f"left at the third SIGTERM: the command of trial {short} runs on and is recorded "
                f"(end it with: kleio kill {short})"
            )
            raise
        self.link.over = True
        try:
            record = self.at_end(record)
        except Interrupted:
            self._hurried = True
        self._over.set()
        return self._finish(record)

    def _watch(self) -> dict[str, Any] | None:
        """Listen to the supervisor until the command has ended. ``None`` if the supervisor died instead."""
        while True:
            report = self.link.next_report()
            if report is None:
                continue  # a signal came, and was passed on
            if not report:
                return None
            if "started" in report:
                self._thread.start()
            elif "deserted" in report:
                self._warn_deserted(report["deserted"], report["error"])
            elif "failed" in report:
                return {"failed": report["failed"], "code": None, "signal": None}
            elif "exit" in report:
                record: dict[str, Any] = report["exit"]
                return record

    def _warn_deserted(self, stream: str, error: int) -> None:
        gone = error in (errno.EPIPE, errno.EIO)
        why = f"the reader of its {stream} has gone" if gone else f"{stream} takes no more ({os.strerror(error)})"
        kill = f"end it with: kleio kill {self.attempt.trial[:7]}"
        self.request.warn(f"{why}; the command runs on and is recorded ({kill})")

    def _finish(self, record: Mapping[str, Any] | None) -> Outcome:
        if record is None:
            self._end_orphans()
            record = story(self.directory).exit  # it may have died after the command's own end
        elif not record.get("late"):
            self.link.reap()
        deadline = self._deadline(record)
        try:
            with self.request.shipping(self.attempt.trial, deadline):
                self._close(deadline)
        except Interrupted:
            pass  # asked to leave at once: the rest stays in the spool
        self.keeper.care.stop()
        os.close(self._lock)
        return self._outcome(record)

    def _close(self, deadline: float) -> None:
        until = self.clock.monotonic() + deadline
        while self._thread.is_alive() and self.clock.monotonic() < until:
            self._thread.join(SLICE)
        self._sampling.stop()
        if not self._thread.is_alive():
            self._keep_snapshot()
            self._writer.close()
            self.keeper.finish(deadline)

    def _deadline(self, record: Mapping[str, Any] | None) -> float:
        hurried = self._hurried or (record is not None and record.get("status") == status.INTERRUPTED)
        most = SIGNAL_DEADLINE if hurried else OFFLINE_DEADLINE if self.keeper.attempt.offline else None
        deadline = self.request.settings.flush_deadline
        return deadline if most is None else min(deadline, most)

    def _outcome(self, record: Mapping[str, Any] | None) -> Outcome:
        trial, pending = self.attempt.trial, 0 if self.keeper.status else self.keeper.pending()
        if record is None:
            why = "kleio's own supervisor was killed, and the command was ended with it"
            return Outcome(trial, status.FAILOVER, 128 + signal.SIGKILL, None, why, pending)
        if "failed" in record:
            failure = command_error(self.prepared.target.path, record["failed"])
            return Outcome(trial, status.BROKEN, None, None, failure.message, pending, failure)
        lost, cut = (sum(record.get(name, {}).values()) for name in ("lost", "cut"))
        end = (record["status"], record["code"], record["signal"], record["why"])
        refers, aside, losses = self.prepared.refers, self.keeper.status == UNKNOWN, self.keeper.losses()
        return Outcome(trial, *end, pending, lost=lost, cut=cut, refers=refers, aside=aside, losses=losses)

    # in the thread

    def _attend(self) -> None:
        if self._over.wait(BLINK):
            return  # the end writes all of it at once
        self.keeper.care.start()
        self.keeper.step()
        failpoint("after_running")
        self._sampling.start()
        self._keep_snapshot()
        self._ship_leftovers()
        self.keeper.run(self._over)

    def _ship_leftovers(self) -> None:
        """Send what launchers that died on this machine left behind, as long as the command runs."""
        for directory in leftovers(self.request.settings.data):
            if self._over.is_set():
                return
            recover(
                [directory],
                lambda address, create: self.keeper.journal(),
                open_blobs,
                self.clock,
                address=self.request.settings.journal,
                pulse=self.keeper.pulse,
            )

    def _keep_snapshot(self) -> None:
        """Put what makes the code restorable into the spool: slow, so it is done beside the command, and once."""
        snapshot, self._snapshot = self._snapshot, None
        for piece in snapshot.pieces() if snapshot else ():
            record: dict[str, Any] = {
                "type": "snapshot",
                "kind": piece.kind,
                "path": piece.path,
                "mode": piece.mode,
                "commit": piece.commit,
                "notes": list(piece.notes),
            }
            if piece.data is not None:
                try:
                    record |= blobs.hold(self.directory, BytesIO(piece.data))
                except OSError as error:
                    record["notes"].append(f"not kept: {error.strerror}")
            self._writer.append(CAPTURE, record)

    def _superseded(self, document: Mapping[str, Any]) -> None:
        who = document.get("holder") or {}
        self.request.warn(
            f"trial {self.attempt.trial[:7]} was taken over as attempt {document['fence']} "
            f"on {who.get('host', 'another host')}; this command goes on and is recorded as attempt "
            f"{self.attempt.attempt}, but does not change the trial any more"
        )

    def _end_orphans(self) -> None:
        """The supervisor is dead, and the command with it: nothing of the attempt may go on unrecorded."""
        self.link.reap()
        until = self.clock.monotonic() + ORPHANS_DEADLINE
        while pids := [pid for pid in of_attempt(self.directory) if pid != os.getpid()]:
            stop.send(signal.SIGKILL, pids)
            if self.clock.monotonic() >= until:
                return  # a dead disk holds them; the attempt stays open until they are gone
            pause(BLINK)
