"""Carries what the command writes to the terminal and to the spool, as bytes, without ever blocking the supervisor.

Back-pressure is kept: while the reader of kleio's stdout is slow, the command is not read either, just as if it wrote
there itself. A reader that went away ends the echo, never the capture.
"""

from __future__ import annotations

import fcntl
import os
import select
import stat
import sys
import termios

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.launcher.streams.terminal import Pty
    from kleio.spool.output import OutputWriter

BUFFER = 1 << 20
PIPE_SIZE = 1 << 20
"""Asked of the kernel for the command's pipes: fewer wake-ups when output is fast."""
_ATOMIC = 4096
"""PIPE_BUF on Linux: a pipe that polls as writable takes this many bytes without blocking."""


class Echo:
    """The user's own stdout or stderr, written without blocking and without changing its flags.

    ``O_NONBLOCK`` belongs to the open file, which the shell and the command's stdin share; so the file is opened
    anew by way of ``/proc``. Where that is not allowed (a socket, a terminal of another user), writes stay small
    enough not to block.
    """

    def __init__(self, fd: int) -> None:
        self.pending = memoryview(b"")
        self.closed = False
        self.error = 0
        """Why it was closed."""
        self._most = BUFFER
        if stat.S_ISREG(os.fstat(fd).st_mode):
            self.fd = fd  # opening it again would lose its position
            return
        try:
            self.fd = os.open(f"/proc/self/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:
            self.fd = fd
            self._most = _ATOMIC

    def write(self, data: memoryview) -> None:
        """Write what fits now and keep a copy of the rest in ``pending``."""
        rest = self._push(data)
        if rest:
            self.pending = memoryview(bytes(rest))

    def flush(self) -> None:
        """The descriptor polled as writable: write on."""
        self.pending = self._push(self.pending)

    def _push(self, data: memoryview) -> memoryview:
        while data and not self.closed:
            try:
                written = os.write(self.fd, data[: self._most])
            except BlockingIOError:
                return data
            except OSError as error:
                self.closed, self.error = True, error.errno or 0
                break
            data = data[written:]
            if self._most == _ATOMIC:
                return data
        return data[:0] if self.closed else data


class Stream:
    """One captured stream: where it is read, echoed and kept."""

    def __init__(self, source: int, echo: Echo | None, store: OutputWriter, pty: Pty | None) -> None:
        self.source = source
        self.echo = echo
        self.store = store
        self.pty = pty
        self.open = True

    @property
    def blocked(self) -> bool:
        """Whether bytes already read still wait for the user's side."""
        return self.echo is not None and bool(self.echo.pending) and not self.echo.closed

    def read(self, buffer: bytearray, now: float) -> None:
        """Take what the command wrote; close when nobody can write any more."""
        try:
            count = os.readv(self.source, [buffer])
        except BlockingIOError:
            return
        except OSError:
            count = 0  # EIO: nobody holds the pty's other side any more
        if not count:
            self.close()
            return
        data = memoryview(buffer)[:count]
        if self.pty is not None:
            self.pty.mirror()
        if self.echo is not None:
            self.echo.write(data)
        self.store.write(data, now)

    def unread(self) -> int:
        """How many bytes wait in the kernel."""
        waiting = fcntl.ioctl(self.source, termios.FIONREAD, bytes(4))
        return int.from_bytes(waiting, sys.byteorder)

    def close(self) -> None:
        if self.open:
            self.open = False
            os.close(self.source)


class Poller:
    """Waits for streams, echoes and other descriptors at once."""

    def __init__(self, streams: list[Stream], others: list[int]) -> None:
        self.streams = streams
        self.others = others

    def wait(self, timeout: float | None) -> tuple[list[Stream], set[int]]:
        """Streams that can be read or closed, and those of ``others`` that are readable. Flushes echoes on the way."""
        poll = select.poll()
        sources: dict[int, Stream] = {}
        echoes: dict[int, Echo] = {}
        for stream in self.streams:
            if stream.blocked and stream.echo is not None:
                poll.register(stream.echo.fd, select.POLLOUT)
                echoes[stream.echo.fd] = stream.echo
            elif stream.open:
                poll.register(stream.source, select.POLLIN)
                sources[stream.source] = stream
        for fd in self.others:
            poll.register(fd, select.POLLIN)
        ready = {fd for fd, _ in poll.poll(None if timeout is None else max(0.0, timeout * 1000))}
        for fd, echo in echoes.items():
            if fd in ready:
                echo.flush()
        return [stream for fd, stream in sources.items() if fd in ready], ready.intersection(self.others)
