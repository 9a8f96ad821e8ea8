"""Now and elapsed, injectable: no other file asks the operating system for the time.

``wall`` places an event in the world's time and may jump either way; ``monotonic`` measures how long something
took. Leases and time-outs use only the latter (RELIABILITY: clock jumps of days must not fail a trial over).
"""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Clock(Protocol):
        """A source of time; every component takes one."""

        def wall(self) -> float:
            """Seconds since the epoch, UTC."""

        def monotonic(self) -> float:
            """Seconds since some fixed point; never runs backwards."""

        def offset(self) -> int:
            """The local zone's offset from UTC at this moment, in seconds east."""


class SystemClock:
    """The clock of this machine. Its times are the standard library's own functions: the client calls them for every
    record."""

    wall = staticmethod(time.time)
    monotonic = staticmethod(time.monotonic)

    def offset(self) -> int:
        return time.localtime(self.wall()).tm_gmtoff


class FakeClock:
    """A clock that moves when told to, for tests of leases, back-off and clock jumps."""

    def __init__(self, wall: float = 1_000_000_000.0, monotonic: float = 1_000.0, offset: int = 0) -> None:
        self._wall, self._monotonic, self._offset = wall, monotonic, offset

    def wall(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    def offset(self) -> int:
        return self._offset

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._wall += seconds
        self._monotonic += seconds

    def jump(self, seconds: float) -> None:
        """Set the wall clock to another time; the monotonic one does not notice."""
        self._wall += seconds


def stamp(clock: Clock) -> dict[str, float]:
    """This moment as every document stores it: ``{"time": epoch seconds, "offset": seconds east of UTC}``.

    A number and an offset, because BSON dates keep milliseconds only and forget the zone.
    """
    return {"time": clock.wall(), "offset": clock.offset()}
