"""Time: a wall clock that may jump, and one that may not."""

from __future__ import annotations

import time

from kleio.clock import FakeClock, SystemClock, stamp


def test_system_clock_is_the_machines() -> None:
    clock = SystemClock()
    assert abs(clock.wall() - time.time()) < 5
    assert clock.monotonic() <= time.monotonic()
    assert clock.offset() == time.localtime().tm_gmtoff


def test_jump_moves_the_wall_only() -> None:
    clock = FakeClock(wall=100.0, monotonic=10.0)
    clock.advance(5)
    clock.jump(-86_400)
    assert (clock.wall(), clock.monotonic()) == (105.0 - 86_400, 15.0)


def test_stamp_keeps_the_zone() -> None:
    assert stamp(FakeClock(wall=7.5, offset=-3600)) == {"time": 7.5, "offset": -3600}
