"""The front's side of the two pipes to its supervisor, and the signals that the front passes on."""

from __future__ import annotations

import json
import os
import select
import signal

from kleio.dataclass import asdict
from kleio.launcher.supervisor import descriptors, forking, relay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from kleio.spool.attempt.orders import Order


ENOUGH = 3
"""At which SIGTERM the front leaves although the command still lives."""


class Interrupted(BaseException):
    """A signal arrived while nothing has been started yet, or nothing is left to be waited for: undo and leave."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Link:
    """The supervisor as the front sees it."""

    def __init__(self) -> None:
        self.pid, self._requests, self._reports = forking.fork_supervisor()
        self._partial = b""
        self.going = False
        """The command was let go: from here on the terminal is its own."""
        self.over = False
        """The command has ended: from here on a signal means the front itself."""
        self._asked = 0
        self._woken = _wake_on_signal()
        for number in relay.forwardable():
            signal.signal(number, self._on_signal)
        descriptors.let_go_of_inherited()

    def go(self, order: dict[str, Any]) -> None:
        """Let the supervisor start the command."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, relay.forwardable())
        self._request({"go": order})
        self.going = True  # in one step with the request: a signal now either prevents the start or is forwarded
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def stop(self, order: Order) -> None:
        """Have the command ended, with all that it started."""
        self._request({"stop": asdict(order)})

    def next_report(self, timeout: float | None = None) -> dict[str, Any] | None:
        """The supervisor's next message; ``{}`` when it is gone; ``None`` when the time is over or a signal came."""
        while b"\n" not in self._partial:
            readable, _, _ = select.select([self._reports, self._woken], [], [], timeout)
            if self._woken in readable:
                os.read(self._woken, 1 << 10)
            if self._reports not in readable:
                return None
            data = os.read(self._reports, 1 << 16)
            if not data:
                return {}
            self._partial += data
        line, self._partial = self._partial.split(b"\n", 1)
        message: dict[str, Any] = json.loads(line)
        return message

    def dismiss(self) -> None:
        """Nothing will be started: the supervisor sees the end of its pipe and leaves."""
        os.close(self._requests)
        self.reap()

    def reap(self) -> None:
        """Wait for the supervisor's own end, which follows its last report at once."""
        try:
            os.waitpid(self.pid, 0)
        except ChildProcessError:
            pass

    def _request(self, message: dict[str, Any]) -> None:
        data = json.dumps(message).encode("ascii") + b"\n"
        try:
            while data:
                data = data[os.write(self._requests, data) :]
        except BrokenPipeError:
            pass  # its death is noticed where reports are read

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        if number in relay.JOB_CONTROL and not self.going:
            if number == signal.SIGTSTP:
                os.kill(os.getpid(), signal.SIGSTOP)
            return
        if not self.going or (self.over and number not in relay.JOB_CONTROL):
            raise Interrupted(number)
        self._request({"signal": number})
        if number == signal.SIGTERM:
            self._asked += 1
            if self._asked == ENOUGH:
                raise Interrupted(number)  # the command has got it as well, and may ignore it; the front must not


def _wake_on_signal() -> int:
    """A descriptor that becomes readable at every signal.

    The kernel may hand a signal to any thread, and handlers run in the main one: it must wake up to notice.
    """
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    return woken


def die_of(number: int) -> None:
    """End this process by the signal that ended the command, so that the shell sees the same; returns if it cannot."""
    from kleio.launcher.supervisor.linux import leave_no_core

    leave_no_core()
    try:
        signal.signal(number, signal.SIG_DFL)
    except OSError:
        pass  # SIGKILL cannot be set, and need not be
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
    os.kill(os.getpid(), number)
