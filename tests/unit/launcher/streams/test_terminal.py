"""The pty records what the program wrote, and hands its modes and its size over."""

from __future__ import annotations

import fcntl
import os
import struct
import termios

import pytest

from kleio.launcher.streams.terminal import Pty, ResizeNotice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

OFLAG, LFLAG = 1, 3


@pytest.fixture
def terminal() -> Iterator[int]:
    """Stands for the user's terminal."""
    master, slave = os.openpty()
    yield slave
    os.close(master)
    os.close(slave)


def change(fd: int, field: int, *, off: int) -> None:
    modes: list[Any] = termios.tcgetattr(fd)
    modes[field] &= ~off
    termios.tcsetattr(fd, termios.TCSANOW, modes)


def test_output_is_recorded_as_written(terminal: int) -> None:
    pty = Pty(terminal)
    os.write(pty.slave, b"a\nb\r\n\tc")
    assert os.read(pty.master, 100) == b"a\nb\r\n\tc"


def test_modes_set_on_the_output_reach_the_terminal_and_come_back(terminal: int) -> None:
    pty = Pty(terminal)
    before = termios.tcgetattr(terminal)
    own = termios.tcgetattr(pty.slave)
    change(pty.slave, LFLAG, off=termios.ECHO | termios.ICANON)
    pty.mirror()
    now = termios.tcgetattr(terminal)
    assert not now[LFLAG] & (termios.ECHO | termios.ICANON)
    assert now[OFLAG] == before[OFLAG]
    termios.tcsetattr(pty.slave, termios.TCSANOW, own)
    pty.mirror()
    assert termios.tcgetattr(terminal) == before


def test_raw_mode_turns_the_terminals_output_processing_off(terminal: int) -> None:
    pty = Pty(terminal)
    change(pty.slave, LFLAG, off=termios.ECHO | termios.ICANON | termios.ISIG)
    pty.mirror()
    assert not termios.tcgetattr(terminal)[OFLAG] & termios.OPOST


def test_modes_set_through_stdin_are_left_alone(terminal: int) -> None:
    pty = Pty(terminal)
    change(terminal, LFLAG, off=termios.ECHO)
    pty.mirror()
    assert not termios.tcgetattr(terminal)[LFLAG] & termios.ECHO


def test_restore_undoes_what_a_killed_program_left(terminal: int) -> None:
    pty = Pty(terminal)
    before = termios.tcgetattr(terminal)
    change(pty.slave, LFLAG, off=termios.ECHO)
    pty.mirror()
    pty.restore()
    assert termios.tcgetattr(terminal) == before


def test_restore_touches_nothing_that_was_not_mirrored(terminal: int) -> None:
    pty = Pty(terminal)
    change(terminal, LFLAG, off=termios.ECHO)
    pty.restore()
    assert not termios.tcgetattr(terminal)[LFLAG] & termios.ECHO


def test_size_is_handed_over_once(terminal: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 30, 100, 0, 0))
    pty = Pty(terminal)
    assert os.get_terminal_size(pty.slave) == (100, 30)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 40, 120, 0, 0))
    assert pty.resize()
    assert os.get_terminal_size(pty.slave) == (120, 40)
    assert not pty.resize()


def test_resize_is_announced_a_little_later_and_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    notice = ResizeNotice()
    assert notice.patience(1.0, 10.0) == 1.0
    notice.plan(0, 10.0)
    first, second = (10.0 + pause for pause in ResizeNotice.PAUSES)
    assert notice.patience(1.0, 10.0) == pytest.approx(first - 10.0)
    monkeypatch.setattr("os.tcgetpgrp", lambda _: 1)
    monkeypatch.setattr("os.killpg", lambda *_: told.append(now))
    for now in (10.0, first, first, second, second + 1):
        notice.give(now)
    assert told == [first, second]
    assert notice.patience(1.0, 20.0) == 1.0
