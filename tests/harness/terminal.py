"""A terminal with a person at it: keys in, a screen to look at, sizes and modes to check."""

from __future__ import annotations

import os
import signal

import pexpect
import pyte

from harness.waiting import PATIENCE, until

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class _Screen(pyte.Screen):
    """Takes vim's ``CSI > 4 ; 2 m``, which is no colour but asks for more about keys."""

    def select_graphic_rendition(self, *attrs: int, private: bool = False) -> None:
        if not private:
            super().select_graphic_rendition(*attrs)


class Terminal:
    """A command on a pseudo-terminal of its own; ``screen`` is what a person would see now."""

    def __init__(
        self, argv: Sequence[str], directory: Path, environment: Mapping[str, str], rows: int, columns: int
    ) -> None:
        self._process = pexpect.spawn(
            argv[0], list(argv[1:]), cwd=str(directory), env=dict(environment), dimensions=(rows, columns), echo=True
        )
        self._process.delaybeforesend = None
        self._screen = _Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.seen = b""

    @property
    def pid(self) -> int:
        return int(self._process.pid)

    @property
    def descriptor(self) -> int:
        """The master side, for modes (``termios.tcgetattr``) and foreground group (``os.tcgetpgrp``)."""
        return int(self._process.child_fd)

    @property
    def screen(self) -> list[str]:
        """The lines on the screen, without trailing blanks."""
        self._read()
        return [line.rstrip() for line in self._screen.display]

    def type(self, text: str) -> None:
        """Press keys; ``\\x03`` is Ctrl-C, ``\\x1a`` Ctrl-Z, ``\\x04`` the end of input, ``\\r`` Enter."""
        self._process.send(text)

    def resize(self, rows: int, columns: int) -> None:
        self._screen.resize(rows, columns)
        self._process.setwinsize(rows, columns)

    def until(self, text: str) -> None:
        """Wait until ``text`` stands on the screen."""
        try:
            until(lambda: any(text in line for line in self.screen), f"{text!r} on the screen")
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows:\n" + "\n".join(filter(None, self.screen))) from None

    def until_seen(self, part: bytes) -> None:
        """Wait until ``part`` was written to the terminal at any time."""
        until(lambda: self._read() or part in self.seen, f"{part!r} on the terminal, which got {self.seen[-2000:]!r}")

    def wait(self, patience: float = PATIENCE) -> int:
        """Its exit code, negative for a signal."""
        until(lambda: self._read() or not self._process.isalive(), "the command to end", patience)
        self._read()
        if self._process.signalstatus is not None:
            return -int(self._process.signalstatus)
        return int(self._process.exitstatus)

    def hang_up(self) -> None:
        """Close the window: the terminal is gone."""
        self._process.ptyproc.fileobj.close()
        self._process.closed = True

    def end(self) -> None:
        """Leave nothing of it behind."""
        if self._process.isalive():
            os.kill(self.pid, signal.SIGKILL)
        self._process.close(force=True)

    def _read(self) -> None:
        while True:
            try:
                data = self._process.read_nonblocking(1 << 16, timeout=0)
            except (pexpect.TIMEOUT, pexpect.EOF):
                return
            self.seen += data
            self._stream.feed(data)
