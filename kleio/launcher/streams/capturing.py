"""Sets up what stands between the command's stdout and stderr and the user's, and carries it.

``merge`` gives stdout and stderr one pty or pipe for both if both go to the same place: what the command wrote is seen
and kept in the very order in which it was written. ``split`` gives each its own, so that they are recorded apart;
``pipe`` does so without a pty; ``off`` captures nothing.
"""

from __future__ import annotations

import fcntl
import os
import time

from kleio.launcher.streams.carrying import BUFFER, PIPE_SIZE, Echo, Poller, Stream
from kleio.launcher.streams.keys import LOOK_EVERY, Keys
from kleio.launcher.streams.terminal import Pty, ResizeNotice, is_foreground
from kleio.spool.output import OutputWriter
from kleio.trial import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

TICK = 1.0
"""Seconds between two looks at the terminal's modes and size when nothing else happens."""
BURST = 0.002
"""Seconds within which writes belong together."""
_NAMES = {1: "stdout", 2: "stderr"}


class Capture:
    """The streams of one command. ``outputs`` maps its descriptors 1 and 2 to what replaces them."""

    def __init__(self, order: Mapping[str, Any]) -> None:
        self.outputs: dict[int, int] = {}
        self.streams: list[Stream] = []
        self._slaves: list[int] = []
        self._notice = ResizeNotice()
        self._buffer = bytearray(BUFFER)
        self._latest: tuple[Stream | None, float] = (None, 0.0)
        self._keys = Keys([])
        self.kept = kept.OFF
        """A word of :mod:`kleio.trial.kept`."""
        mode = order["output"]
        if mode == "off":
            return
        wanted = [number for number in (1, 2) if os.get_inheritable(number)]  # the others the user closed: they stay so
        merged = mode == "merge" and wanted == [1, 2] and os.path.sameopenfile(1, 2)
        for number in wanted[:1] if merged else wanted:
            self._open(number, order, use_pty=mode != "pipe")
        if wanted:
            self.kept = kept.TOGETHER if merged else kept.APART
        if merged:
            self.outputs[2] = self.outputs[1]
        self._keys = Keys([stream.pty for stream in self.streams if stream.pty is not None])

    def _open(self, number: int, order: Mapping[str, Any], *, use_pty: bool) -> None:
        store = OutputWriter(order["directory"], _NAMES[number], order["head"], order["tail"])
        pty = Pty(number) if use_pty and os.isatty(number) else None
        if pty is not None:
            source, self.outputs[number] = pty.master, pty.slave
        else:
            source, self.outputs[number] = os.pipe()
            os.set_blocking(source, False)
            _widen(source)
        self._slaves.append(self.outputs[number])
        self.streams.append(Stream(source, None if order["hide"] else Echo(number), store, pty))

    @property
    def patience(self) -> float | None:
        """How long the terminal may go unobserved, in seconds; ``None`` if there is none."""
        if all(stream.pty is None for stream in self.streams):
            return None
        return self._notice.patience(LOOK_EVERY if self._keys.wanted else TICK, time.monotonic())

    @property
    def is_open(self) -> bool:
        """Whether somebody still holds the other end of a stream."""
        return any(stream.open for stream in self.streams)

    @property
    def is_blocked(self) -> bool:
        """Whether the user's side is slower than the command."""
        return any(stream.blocked for stream in self.streams)

    def unread(self) -> int:
        """Bytes that were written and not read yet."""
        return sum(stream.unread() for stream in self.streams if stream.open)

    @property
    def lost(self) -> dict[str, int]:
        """Bytes that the disk refused, by stream."""
        return {stream.store.stream: stream.store.lost for stream in self.streams if stream.store.lost}

    @property
    def cut(self) -> dict[str, int]:
        """The same for bytes in the middle that were not kept, because there were too many."""
        return {stream.store.stream: stream.store.cut for stream in self.streams if stream.store.cut}

    def deserted(self) -> dict[str, int]:
        """Streams that the user's side took no more since the last call, and with which error."""
        found = {}
        for stream in self.streams:
            if stream.echo is not None and stream.echo.closed:
                found[stream.store.stream] = stream.echo.error
                stream.echo = None
        return found

    def started(self) -> None:
        """The command holds its ends: let go of them here."""
        for fd in self._slaves:
            os.close(fd)
        self._slaves = []

    def wait(self, others: list[int], timeout: float | None) -> tuple[bool, set[int]]:
        """Wait, and carry what the command wrote. Returns whether there was any, and which of ``others`` are ready."""
        keys = self._keys.source
        readable, ready = Poller(self.streams, [*others, *keys]).wait(timeout)
        if ready.intersection(keys):
            self._keys.carry()
        now = time.time()
        for stream in self._likely_order(readable, now):
            stream.read(self._buffer, now)
            self._latest = stream, now
        if not readable:
            self.mirror()
            self._keys.look()
            self.resized()  # the kernel signals a resize a little before the new size can be read
        self._notice.give(time.monotonic())
        return bool(readable), ready

    def _likely_order(self, readable: list[Stream], now: float) -> list[Stream]:
        """Which of two streams was written first the kernel does not tell when both are ready. A burst on one stream
        (a banner on stderr, then a prompt on stdout) goes on first; otherwise output comes before the prompt or the
        error message that follows it."""
        stream, when = self._latest
        if len(readable) > 1 and stream in readable and abs(now - when) < BURST:
            return [stream, *(other for other in readable if other is not stream)]
        return readable

    def flush_echo(self) -> None:
        """Hand the last bytes to a slow reader: as long as it takes, since the command would have waited too."""
        while self.is_blocked:
            Poller(self.streams, []).wait(None)

    def mirror(self, *, force: bool = False) -> None:
        """Compare terminal modes; ``force`` sets them again, as after ``fg``."""
        for stream in self.streams:
            if stream.pty is not None and stream.open and (not force or is_foreground(stream.pty.terminal)):
                stream.pty.mirror(force=force)

    def resized(self) -> None:
        """The user's terminal has another size: hand it on, then tell the command."""
        ptys = [stream.pty for stream in self.streams if stream.pty is not None and stream.open]
        resized = [pty.resize() for pty in ptys]
        if any(resized):
            self._notice.plan(ptys[0].terminal, time.monotonic())

    def restore(self) -> None:
        """The command was killed: give the terminal its modes back."""
        for stream in self.streams:
            if stream.pty is not None:
                stream.pty.restore()

    def settle(self) -> None:
        """The command has ended: what was kept is there, and durable; what is not is counted."""
        for stream in self.streams:
            stream.store.settle()

    def close(self) -> None:
        for stream in self.streams:
            stream.close()
            stream.store.close()


def _widen(pipe: int) -> None:
    try:
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
    except (AttributeError, OSError):
        pass  # the default size works as well, only slower
