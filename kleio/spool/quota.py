"""How much may wait on local disk while the journal is away (RELIABILITY 4.5).

Output is bounded anyway, by the settings ``output_head`` and ``output_tail``. What else can fill a disk are artifacts:
above the limit of an attempt, or of all attempts of the user together, the keeper puts a file ``full`` into the
attempt's directory that says which, and writers refuse artifacts, loudly and counted, until the journal has taken
enough. Statistics are never dropped. The limits are soft: what is being copied at that moment is kept.
"""

from __future__ import annotations

import os

from kleio.spool.attempt.directory import attempts
from kleio.spool.attempt.whole import write_whole
from kleio.spool.blobs import FULL
from kleio.spool.records.file import RESERVE
from kleio.units import size_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY = 5.0
"""Seconds between two measurements."""


class Quota:
    """One attempt's limits; 0 means none."""

    def __init__(self, directory: str, limit: int, total: int) -> None:
        self._mark = os.path.join(directory, FULL)
        self._directory, self._limit, self._total = directory, limit, total
        self._next = 0.0

    def look(self, away: bool, moment: float) -> bool:
        """Measure if the journal is ``away`` and it is time to. Whether artifacts are refused from now on."""
        if away and moment < self._next:
            return os.path.exists(self._mark)
        exceeded = self._exceeded() if away else ""
        self._next = moment + EVERY if away else moment
        try:
            if exceeded:
                write_whole(self._mark, exceeded.encode("ascii"), durable=False)
            else:
                os.unlink(self._mark)
        except OSError:
            pass  # it was not there; or the disk is full indeed, which writers notice by themselves
        return bool(exceeded)

    def _exceeded(self) -> str:
        """Which limit is exceeded, and what mends it; empty if none is."""
        if self._limit and size_of(self._directory) > self._limit:
            return f"more than spool_limit, {size_text(self._limit)}: it is sent once the journal can be written"
        root = os.path.dirname(os.path.dirname(self._directory))
        if self._total and sum(map(size_of, attempts(root))) > self._total:
            limit = f"more than spool_total, {size_text(self._total)}, of all trials here"
            return f"{limit}: `kleio ship` sends it once the journal can be written"
        return ""


def size_of(directory: str) -> int:
    """Bytes of the files of an attempt, the reserve apart."""
    return sum(_sizes(directory))


def _sizes(directory: str) -> Iterator[int]:
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _sizes(entry.path)
                elif entry.name != RESERVE:
                    yield entry.stat(follow_symlinks=False).st_size
    except OSError:
        return  # shipped and removed meanwhile
