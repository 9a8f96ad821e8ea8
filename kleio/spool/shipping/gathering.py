"""When it is time to ship: soon, but not after each record of a command that prints and logs all day.

What a command logs and prints is gathered for a hundredth of its age, ``LONGEST`` at most, so a view from elsewhere is
never more than seconds behind; however slowly it comes, it leaves few segments (:mod:`kleio.spool.shipping.tails`).
What is much already, or holds artifacts, is not gathered, and the end ships everything. Until then it is on local disk,
where no death of a process touches it.
"""

from __future__ import annotations

import os

from kleio.spool.blobs import DIRECTORY

SHARE = 0.01
LONGEST = 5.0
MUCH = 64 << 10
"""Bytes of records that are shipped at once."""


class Gathering:
    """One attempt's patience. Times are of the monotonic clock."""

    def __init__(self, directory: str, moment: float) -> None:
        self._blobs = os.path.join(directory, DIRECTORY)
        self._began = self._next = moment

    def is_over(self, pending: int, moment: float) -> bool:
        """Whether to ship now, with so many bytes waiting."""
        return moment >= self._next or pending >= MUCH or self._has_blobs()

    def begin(self, moment: float) -> None:
        """Everything was shipped just now."""
        self._next = moment + min(LONGEST, SHARE * (moment - self._began))

    def _has_blobs(self) -> bool:
        try:
            with os.scandir(self._blobs) as entries:
                return any(True for _ in entries)
        except OSError:
            return False
