"""A pseudo-terminal that stands in for the user's terminal on one output stream.

The command keeps the real terminal as its stdin and controlling terminal: line editing, Ctrl-C, Ctrl-Z and password
prompts never pass through kleio. Only what it writes does, through a pty whose output processing is off, so that
kleio records what the program wrote and the real terminal translates newlines as ever.

Programs that switch modes through their *output* descriptor (curses does) switch them on the pty; :meth:`Pty.mirror`
carries that over to the real terminal. Two bits need care. ``OPOST`` is off on the pty from the start: the real
terminal keeps its own value unless the program asked for raw mode. And modes are copied only when they changed, so
that a program that switches them through stdin (vim, readline) is left alone.
"""

from __future__ import annotations

import fcntl
import os
import signal
import termios

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_OFLAG, _LFLAG = 1, 3


class Pty:
    """``master`` is read by the supervisor, ``slave`` becomes the command's stdout or stderr."""

    def __init__(self, terminal: int) -> None:
        self.terminal = terminal
        self.master, self.slave = os.openpty()
        os.set_blocking(self.master, False)
        self.path = os.ttyname(self.slave)
        self._real = termios.tcgetattr(terminal)
        modes = termios.tcgetattr(terminal)
        modes[_OFLAG] &= ~termios.OPOST
        termios.tcsetattr(self.slave, termios.TCSANOW, modes)
        self._initial = self._seen = termios.tcgetattr(self.slave)
        self._mirrored = False
        self.resize()

    def resize(self) -> bool:
        """Give the pty the size of the real terminal. True if it had another one."""
        empty = bytes(8)
        try:
            wanted = fcntl.ioctl(self.terminal, termios.TIOCGWINSZ, empty)
            if fcntl.ioctl(self.master, termios.TIOCGWINSZ, empty) == wanted:
                return False
            fcntl.ioctl(self.master, termios.TIOCSWINSZ, wanted)
        except OSError:
            return False
        return True

    def mirror(self, *, force: bool = False) -> None:
        """Carry modes that the command set on the pty over to the real terminal."""
        try:
            modes = termios.tcgetattr(self.master)
        except termios.error:
            return
        if modes == self._seen and not (force and self._mirrored):
            return
        self._seen = modes
        self._mirrored = modes != self._initial
        self._apply(self._as_real(modes) if self._mirrored else self._real)

    @property
    def is_mirrored(self) -> bool:
        """Whether a program has switched modes through this pty."""
        return self._mirrored

    def restore(self) -> None:
        """The command was killed: give the terminal back the modes it had, whichever way they were changed. What a
        job of the background left is not touched: the terminal is somebody else's by now."""
        if self._mirrored or is_foreground(self.terminal):
            self._mirrored = False
            self._apply(self._real)

    def _as_real(self, modes: list[Any]) -> list[Any]:
        real = list(modes)
        raw = not real[_LFLAG] & (termios.ICANON | termios.ISIG)
        if not raw:
            real[_OFLAG] |= self._real[_OFLAG] & termios.OPOST
        return real

    def _apply(self, modes: list[Any]) -> None:
        """Set the real terminal's modes, from the background as well: an interactive shell under kleio owns the
        foreground, and the program that asked is its child."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
        try:
            termios.tcsetattr(self.terminal, termios.TCSANOW, modes)
        except (termios.error, OSError):
            pass  # the terminal is gone; the command will notice by itself
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class ResizeNotice:
    """Tells the foreground processes that the size changed. Times are monotonic seconds.

    The kernel told them before the ptys knew. A program that still draws because of that first signal misses a second
    one (ncurses looks for it only while it waits for a key), so the second comes a little later, and once more.
    """

    PAUSES = (0.03, 0.3)

    def __init__(self) -> None:
        self._terminal = 0
        self._due: list[float] = []

    def plan(self, terminal: int, now: float) -> None:
        """The size of ``terminal`` has changed."""
        self._terminal = terminal
        self._due = [now + pause for pause in self.PAUSES]

    def give(self, now: float) -> None:
        """Tell if it is time to."""
        if self._due and self._due[0] <= now:
            self._due = [due for due in self._due if due > now]
            try:
                os.killpg(os.tcgetpgrp(self._terminal), signal.SIGWINCH)
            except OSError:
                pass

    def patience(self, most: float, now: float) -> float:
        """How long to wait until :meth:`give` should be called, but not longer than ``most``."""
        return min(most, max(0.0, self._due[0] - now)) if self._due else most


def is_foreground(terminal: int) -> bool:
    """Whether this process's group may talk to the terminal."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
