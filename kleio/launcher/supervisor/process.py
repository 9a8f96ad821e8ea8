"""The small process that owns the command and outlives the front (RELIABILITY 4.7).

It is forked before anything else, so it carries no database driver, no thread and little memory. It waits for ``go``
on a pipe; if the front dies before that, nothing has run. From then on it starts the command, carries its output,
passes signals on, reaps every orphan, and writes the exit record. A front that dies is replaced by a shipper; a
supervisor that dies takes the command with it (PDEATHSIG), so nothing ever runs unrecorded.

Both pipes carry one JSON object a line. From the front: ``{"go": …}`` once, ``{"signal": n}`` for what it received,
``{"stop": order}`` to end the command. To the front: ``{"started": pid}`` or ``{"failed": errno}``, perhaps
``{"deserted": stream, "error": errno}`` when that is not taken any more, then ``{"exit": record}``. End of file means
that the other side is gone.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time

from kleio.failpoints import failpoint
from kleio.launcher import child, stop
from kleio.launcher.streams.capturing import Capture
from kleio.launcher.supervisor import descriptors, ending, linux, relay
from kleio.launcher.supervisor.halt import HURRY, Halt
from kleio.launcher.supervisor.memory import MemoryWatch
from kleio.spool.attempt.locks import OWNERS_TRIES, hold_lock
from kleio.spool.attempt.orders import Order
from kleio.spool.attempt.story import SUPERVISOR
from kleio.spool.records.file import RESERVE
from kleio.spool.records.log import SpoolWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Set
    from typing import Any

TICK = 1.0
"""The longest sleep: terminal modes are compared and the replacement shipper is looked after this often."""
DRAIN_QUIET = 0.2
DRAIN_MOST = 1.0
"""After the command ended: how long its output may stay quiet, and how long at most it is waited for."""
_JOB_STOPS = (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
LATE_MOST = 600.0
"""How long output of a daemon that outlived the command is still recorded."""


class Supervisor:
    """One command from ``go`` to its exit record."""

    def __init__(self, requests: int, reports: int, signals: int, mask: Set[int]) -> None:
        self.requests = requests
        self.reports = reports
        self.signals = signals
        self.mask = mask
        self.relay = relay.Relay()
        self.front_alive = True
        self.status: int | None = None
        self.usage: Any = None
        self.pid = 0
        self._partial = b""

    def run(self, environment: dict[bytes, bytes]) -> None:
        """Everything, in order. Returns when nothing is left to be done."""
        order = self._await_go()
        if order is None:
            return
        self.directory = directory = str(order["directory"])
        self.lock = hold_lock(directory, tries=OWNERS_TRIES)
        if self._front_is_gone():
            return  # while neither of us held a lock, somebody may have given the trial to another launcher
        writer = SpoolWriter(directory, SUPERVISOR)
        self.capture = Capture(order)
        self.replacement = ending.Replacement(directory)
        self.halt = Halt(directory, lambda: self.replacement.pid)
        environment.update({os.fsencode(key): os.fsencode(value) for key, value in order["environment"].items()})
        started = self._start(order, environment, writer)
        if started is not None:
            self._watch()
            self._end_rest()
            self._drain()
            self._finish(writer, started)
            self._late()
        self.capture.close()
        writer.close()
        if not self.front_alive:
            self.replacement.start()

    # the beginning

    def _await_go(self) -> dict[str, Any] | None:
        while True:
            for message in self._messages():
                if "go" in message:
                    order: dict[str, Any] = message["go"]
                    return order
            if not self.front_alive:
                return None

    def _start(self, order: dict[str, Any], environment: dict[bytes, bytes], writer: SpoolWriter) -> float | None:
        """Start the command. Returns the monotonic time, or ``None`` when it could not be executed."""
        linux.adopt_orphans()
        self.memory = MemoryWatch()
        supervisor, cwd = os.getpid(), order["cwd"]

        def before_exec() -> None:
            linux.die_with_parent(signal.SIGKILL)
            if os.getppid() != supervisor:
                os._exit(127)
            if cwd is not None:
                os.chdir(cwd)

        if cwd is not None:
            environment[b"PWD"] = os.fsencode(cwd)
        linux.show_as(order["argv"])
        spawned = child.spawn(
            order["path"], order["argv"], environment, self.capture.outputs, mask=self.mask, before_exec=before_exec
        )
        now = time.monotonic()
        if spawned.error is not None:
            writer.append("status", ending.failed_record(order["path"], spawned.error), durable=True)
            self._report({"failed": spawned.error})
            return None
        self.pid = spawned.pid
        failpoint("after_spawn")
        told = {"type": "start", "pid": self.pid, "time": time.time(), "output": self.capture.kept}
        writer.append("status", told, durable=True)
        self.capture.started()
        descriptors.let_go_of_inherited()
        self._report({"started": self.pid})
        return now

    # while it runs

    def _watch(self) -> None:
        while self.status is None:
            self._turn(self._timeout())

    def _turn(self, timeout: float | None) -> bool:
        """Wait for something to happen and deal with it. Returns whether any output moved."""
        others = [self.signals, self.requests] if self.front_alive else [self.signals]
        moved, ready = self.capture.wait(others, timeout)
        for stream, error in self.capture.deserted().items():
            self._report({"deserted": stream, "error": error})
        if self.signals in ready:
            self._take_signals()
        if self.requests in ready:
            for message in self._messages():
                self._obey(message)
        for number in self.relay.due(time.monotonic()):
            self._forward(number)
        self.halt.press(time.monotonic())
        if not self.front_alive and self.status is None:
            self.replacement.look_after()
            self.halt.take(time.monotonic())
        return moved

    def _timeout(self) -> float | None:
        deadlines = [each for each in (self.relay.next_deadline(), self.halt.next_deadline()) if each is not None]
        if deadlines:
            return min(self.capture.patience or TICK, max(0.0, min(deadlines) - time.monotonic()))
        return self.capture.patience if self.front_alive else TICK

    def _take_signals(self) -> None:
        for arrival in linux.read_signals(self.signals):
            if arrival.number == signal.SIGCHLD:
                self._reap()
            elif arrival.number == signal.SIGWINCH:
                self.capture.resized()
            else:
                if arrival.number == signal.SIGCONT:
                    self.capture.mirror(force=True)
                self._arrived("supervisor", arrival)

    def _arrived(self, source: str, arrival: linux.Signal) -> None:
        now = time.monotonic()
        number = self.relay.arrived(source, arrival, now, alone=not self.front_alive)
        if number is not None:
            self._forward(number)

    def _forward(self, number: int) -> None:
        if self.status is None:
            stop.send(number, [self.pid])

    def _obey(self, message: dict[str, Any]) -> None:
        if "signal" in message:
            self._arrived("front", linux.Signal(message["signal"], False, 0))
        elif "stop" in message and self.status is None:
            self.halt.obey(Order(**message["stop"]), time.monotonic())

    def _reap(self) -> None:
        """Collect every child that ended: the command, and the orphans it left."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG | os.WUNTRACED)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if os.WIFSTOPPED(status):
                if pid == self.pid and os.WSTOPSIG(status) in _JOB_STOPS:
                    self._stop_as_well()
            elif pid == self.pid:
                self.status, self.usage = status, usage
            else:
                self.replacement.reaped(pid)

    def _stop_as_well(self) -> None:
        """Ctrl-Z stopped the command: show what it wrote on leaving the screen, then let the shell see a stopped job.

        A plain SIGSTOP of the command alone is not followed: nobody would know that kleio needs a SIGCONT too.
        """
        while self.capture.unread():
            self.capture.wait([], 0)
        if self.front_alive:
            os.kill(os.getppid(), signal.SIGSTOP)
        os.kill(os.getpid(), signal.SIGSTOP)

    # the end

    def _end_rest(self) -> None:
        """After an order to end: until nothing lives that the command started."""
        while self.halt.is_pending(time.monotonic()):
            self._turn(HURRY)

    def _drain(self) -> None:
        """Take what the command left in its pipes, however slow the user's side is, and give what it started a moment
        to end as well (``> >(tee log)``). A daemon that holds the pipes open is not waited for."""
        while self.capture.unread() or self.capture.is_blocked:
            self._turn(DRAIN_QUIET)
        most = time.monotonic() + DRAIN_MOST
        while self.capture.is_open and time.monotonic() < most:
            if not self._turn(DRAIN_QUIET):
                break
        self.capture.flush_echo()

    def _finish(self, writer: SpoolWriter, started: float) -> None:
        assert self.status is not None
        late = self.capture.is_open
        if os.WIFSIGNALED(self.status):
            self.capture.restore()
        self.capture.settle()
        record = ending.exit_record(
            self.status,
            self.usage,
            duration=time.monotonic() - started,
            seen=self.relay.seen,
            order=self.halt.order,
            lost=self.capture.lost,
            cut=self.capture.cut,
            late=late,
            memory=self.memory.verdict(self.pid, started) if self.status else "",
        )
        failpoint("before_exit_record")
        writer.append_surely("status", record, os.path.join(self.directory, RESERVE))
        failpoint("after_exit_record")
        self._report({"exit": record})

    def _late(self) -> None:
        """Record a daemon's output for a while; the front has been told and does not wait."""
        late = self.capture.is_open
        if not late:
            return
        self._report({"late": True})
        os.close(self.reports)
        self.reports = -1
        most = time.monotonic() + LATE_MOST
        while self.capture.is_open and time.monotonic() < most:
            self._turn(most - time.monotonic())
        self.front_alive = False  # whoever shipped the rest is done: what came late needs a new shipper

    # talking to the front

    def _front_is_gone(self) -> bool:
        poll = select.poll()
        poll.register(self.requests, 0)
        return any(event & select.POLLHUP for _, event in poll.poll(0))

    def _messages(self) -> list[dict[str, Any]]:
        data = os.read(self.requests, 1 << 16)
        if not data:
            self.front_alive = False
            return []
        *lines, self._partial = (self._partial + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def _report(self, message: dict[str, Any]) -> None:
        try:
            os.write(self.reports, json.dumps(message).encode() + b"\n")
        except BrokenPipeError:
            self.front_alive = False
