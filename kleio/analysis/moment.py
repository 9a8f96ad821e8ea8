"""A point in time as documents store it: seconds since the epoch and the zone it was seen in."""

from __future__ import annotations

from functools import lru_cache

from kleio.dataclass import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any


@dataclass(frozen=True, order=True)
class Moment:
    """``time`` in seconds since the epoch, ``offset`` of the zone in seconds east of UTC."""

    time: float
    offset: int = 0

    @staticmethod
    def of(stamp: Mapping[str, Any] | None) -> Moment | None:
        """The moment that a document's ``{"time", "offset"}`` means; ``None`` for ``None`` or something else."""
        time = stamp.get("time") if stamp else None
        if stamp is None or not isinstance(time, (int, float)):  # a union would be made anew each time
            return None
        return Moment(float(time), int(stamp.get("offset") or 0))

    def as_datetime(self) -> datetime:
        """The same as an aware ``datetime``."""
        from datetime import timedelta

        return _epoch(self.offset) + timedelta(seconds=self.time)

    def iso(self) -> str:
        """ISO 8601 with the zone, to the millisecond."""
        return self.as_datetime().isoformat(timespec="milliseconds")

    def __str__(self) -> str:
        return self.as_datetime().strftime("%Y-%m-%d %H:%M:%S %z")


@lru_cache(maxsize=64)
def _epoch(offset: int) -> datetime:
    """The beginning of all times, in a zone: a list of trials has thousands of times in one or two."""
    from datetime import datetime, timedelta, timezone

    return datetime(1970, 1, 1, tzinfo=timezone.utc).astimezone(timezone(timedelta(seconds=offset)))
