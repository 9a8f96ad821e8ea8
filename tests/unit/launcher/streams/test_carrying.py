"""Bytes pass unchanged, a slow reader is waited for, a reader that left ends the echo only."""

from __future__ import annotations

import fcntl
import os

import pytest

from kleio.launcher.streams.carrying import Echo, Poller, Stream
from kleio.spool.output import OutputWriter, read_live

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BUFFER = bytearray(1 << 16)


@pytest.fixture
def stream(tmp_path: Path) -> Callable[[Echo | None], tuple[Stream, int]]:
    """A stream and the end that the command would write to."""

    def make(echo: Echo | None) -> tuple[Stream, int]:
        read, write = os.pipe()
        os.set_blocking(read, False)
        return Stream(read, echo, OutputWriter(str(tmp_path), "stdout", 1 << 20, 1 << 20), None), write

    return make


def carry(stream: Stream) -> None:
    """One turn."""
    readable, _ = Poller([stream], []).wait(0)
    for each in readable:
        each.read(BUFFER, 1.0)


def test_bytes_reach_reader_and_spool_unchanged(stream: Callable[..., tuple[Stream, int]], tmp_path: Path) -> None:
    out, echoed = os.pipe()
    carried, write = stream(Echo(echoed))
    data = bytes(range(256)) * 10
    os.write(write, data)
    carry(carried)
    assert os.read(out, 1 << 16) == data
    assert read_live(str(tmp_path), "stdout", 0) == (0, data)


def test_end_of_file_closes_the_stream(stream: Callable[..., tuple[Stream, int]]) -> None:
    carried, write = stream(None)
    os.close(write)
    carry(carried)
    assert not carried.open


def test_slow_reader_stops_the_reading_and_nothing_is_lost(stream: Callable[..., tuple[Stream, int]]) -> None:
    out, echoed = os.pipe()
    fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, 4096)
    carried, write = stream(Echo(echoed))
    data = os.urandom(20_000)
    os.write(write, data)
    carry(carried)
    assert carried.blocked
    os.write(write, b"more")
    carry(carried)
    assert carried.unread() == 4
    received = b""
    while len(received) < len(data) + 4:
        received += os.read(out, 4096)
        carry(carried)
    assert received == data + b"more"


def test_echo_does_not_change_the_flags_of_the_users_file() -> None:
    out, echoed = os.pipe()
    Echo(echoed)
    assert os.get_blocking(echoed)
    os.close(out)


def test_reader_that_left_ends_the_echo_but_not_the_capture(
    stream: Callable[..., tuple[Stream, int]], tmp_path: Path
) -> None:
    out, echoed = os.pipe()
    os.close(out)
    carried, write = stream(Echo(echoed))
    for word in (b"one", b"two"):
        os.write(write, word)
        carry(carried)
    assert not carried.blocked
    assert read_live(str(tmp_path), "stdout", 0) == (0, b"onetwo")


def test_regular_file_is_appended_where_the_shell_left_off(
    stream: Callable[..., tuple[Stream, int]], tmp_path: Path
) -> None:
    target = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
    os.write(target, b"before ")
    carried, write = stream(Echo(target))
    os.write(write, b"after")
    carry(carried)
    os.write(target, b" end")
    assert (tmp_path / "log").read_bytes() == b"before after end"
