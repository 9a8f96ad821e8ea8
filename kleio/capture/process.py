"""Runs a short-lived program of ours beside the work, and reads its answer later, within a deadline.

``subprocess`` costs more to import than a whole ``git status`` in a small repository, so children are started with
``posix_spawn``. A child gets its own process group (Ctrl-C belongs to the user's command, and a late child is killed
with all its descendants), no standard input, and the default meaning of every signal. Its failure is a value, never
an exception: capture degrades, it does not refuse.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal

from kleio.clock import SystemClock
from kleio.dataclass import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PIPE_SIZE = 1 << 20
READ = 1 << 16
ERRORS_KEPT = 1 << 14
RESET = [signal.SIGPIPE, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP, signal.SIGCHLD]

_clock = SystemClock()


@dataclass(frozen=True)
class Finished:
    """What a program answered. ``code`` is ``None`` if it never ran, was killed by us, or was reaped by others."""

    code: int | None
    out: bytes = b""
    err: bytes = b""
    ran: bool = True
    timed_out: bool = False
    truncated: bool = False

    @property
    def ok(self) -> bool:
        """Whether the answer is whole. A process reaped by somebody else is believed if it said nothing bad."""
        if not self.ran or self.timed_out or self.truncated:
            return False
        return self.code == 0 or (self.code is None and not self.err)


def find_program(name: str, path: str | None) -> str | None:
    """The executable file ``name`` on ``path``; relative entries are skipped: they may be a stranger's directory."""
    if "/" in name:
        return name if os.path.isfile(name) and os.access(name, os.X_OK) else None
    for directory in (path if path is not None else os.defpath).split(os.pathsep):
        if directory.startswith("/"):
            candidate = os.path.join(directory, name)
            if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
                return candidate
    return None


class Running:
    """A program at work; :meth:`result` waits for its answer."""

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str], stdin: bytes = b"") -> None:
        self._pid: int | None = None
        self._out = self._err = -1
        try:
            self._start(argv, environ, stdin)
        except (OSError, ValueError):
            self._close()

    def _start(self, argv: Sequence[str], environ: Mapping[str, str], stdin: bytes) -> None:
        source = _readable(stdin)
        ends = [source]
        try:
            self._out, out = _pipe()
            ends.append(out)
            self._err, err = _pipe()
            ends.append(err)
            self._pid = os.posix_spawn(
                argv[0],
                list(argv),
                dict(environ),
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, source, 0),
                    (os.POSIX_SPAWN_DUP2, out, 1),
                    (os.POSIX_SPAWN_DUP2, err, 2),
                ],
                setpgroup=0,
                setsigmask=[],
                setsigdef=RESET,
            )
        finally:
            for end in ends:
                os.close(end)

    def result(self, deadline: float, limit: int = 1 << 30) -> Finished:
        """Everything it said. At ``deadline`` (monotonic), or past ``limit`` bytes, it is killed with its group."""
        if self._pid is None:
            return Finished(None, ran=False)
        out, err = bytearray(), bytearray()
        try:
            done = self._read(out, err, deadline, limit)
        finally:
            self._close()
        if not done:
            self.kill()
            late = len(out) <= limit
            return Finished(None, bytes(out[:limit]), bytes(err), timed_out=late, truncated=not late)
        return Finished(self._wait(), bytes(out), bytes(err))

    def _read(self, out: bytearray, err: bytearray, deadline: float, limit: int) -> bool:
        poll = select.poll()
        kept = {self._out: out, self._err: err}
        for fd in kept:
            poll.register(fd, select.POLLIN)
        left = set(kept)
        while left:
            wait = deadline - _clock.monotonic()
            if wait <= 0 or len(out) > limit:
                return False
            for fd, _ in poll.poll(wait * 1000):
                data = os.read(fd, READ)
                if not data:
                    poll.unregister(fd)
                    left.discard(fd)
                elif kept[fd] is out or len(err) < ERRORS_KEPT:
                    kept[fd] += data
        return len(out) <= limit

    def kill(self) -> None:
        """End it and all it started. Safe to repeat."""
        if self._pid is not None:
            try:
                os.killpg(self._pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
            self._wait()
        self._close()

    def _wait(self) -> int | None:
        pid, self._pid = self._pid, None
        if pid is None:
            return None
        try:
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        except ChildProcessError:
            return None

    def _close(self) -> None:
        for fd in (self._out, self._err):
            if fd >= 0:
                os.close(fd)
        self._out = self._err = -1


def run(argv: Sequence[str], environ: Mapping[str, str], timeout: float, limit: int = 1 << 24) -> Finished:
    """Run a program and wait for its answer."""
    return Running(argv, environ).result(_clock.monotonic() + timeout, limit)


def _pipe() -> tuple[int, int]:
    read, write = (_away(fd) for fd in os.pipe())
    try:
        fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
    except (OSError, AttributeError):
        pass  # a smaller pipe only means that the child waits for us sooner
    return read, write


def _readable(data: bytes) -> int:
    """A descriptor from which ``data`` can be read: a file in memory, so that nobody has to feed a pipe."""
    if not data:
        return _away(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    fd = _away(os.memfd_create("kleio", os.MFD_CLOEXEC))
    with open(os.dup(fd), "wb") as file:
        file.write(data)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _away(fd: int) -> int:
    """``fd``, moved off 0, 1 and 2: there ``dup2`` onto itself would leave it closed in the child."""
    if fd > 2:
        return fd
    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
    finally:
        os.close(fd)
