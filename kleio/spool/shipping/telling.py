"""What a running attempt tells with a heartbeat, so that lists show how far it has come without reading history."""

from __future__ import annotations

import os

from kleio.spool.attempt.directory import record_files
from kleio.spool.output import STREAMS
from kleio.spool.records.reader import Record, read_records
from kleio.spool.shipping import summary
from kleio.spool.shipping.hindsight import summary_at_start
from kleio.spool.shipping.progress import remembered
from kleio.trial.progress import Pace, step_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.spool.shipping.shipper import Shipper

MOST_UNSHIPPED = 1 << 20
"""Bytes of a writer's records that are read for what is logged at the moment; much more than usually waits."""


class Stepping:
    """How far one attempt has come, and how fast, look by look."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pace = Pace()

    def step(self, writers: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
        """The ``step`` of these summaries; ``None`` if nothing was logged."""
        statistics = summary.timed(writers)["statistics"]
        found = step_of(statistics)
        if found is None:
            return None
        name, value = found
        now = self._clock.wall()
        times = [entry.get(summary.TIMES, (now, now)) for each, entry in statistics.items() if name in ("", each)]
        logged = max(last for _, last in times)
        return {"name": name, "value": value, "rate": self._pace.rate(value, logged, now)}


class Telling:
    """The changes that one attempt's heartbeats make to its trial's document."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stepping = Stepping(clock)
        self._before: Mapping[str, Any] | None = None
        self._resumed = 0

    def changes(self, shipper: Shipper, journal: Journal) -> dict[str, Any]:
        """``summary`` and ``progress`` as of now."""
        if self._before is None or shipper.resumed() != self._resumed:
            self._resumed = shipper.resumed()
            self._before = summary_at_start(journal, journal.trial(shipper.attempt.trial) or {}, shipper)
        now = shipper.summary()
        return {
            "summary": summary.merged(self._before, now),
            "progress": {
                "attempt": shipper.attempt.attempt,
                "time": self._clock.wall(),
                "output": latest_output(shipper.directory),
                "metrics": latest_sample(shipper),
                "step": self._stepping.step(progress.summary for progress in shipper.progress.values()),
                "before": dict(self._before),
            },
        }


def logged_so_far(directory: str) -> list[dict[str, Any]]:
    """The summaries of an attempt's writers on this machine, with what has not been shipped yet; nothing if that is
    too much to be read now and then, or cannot be read."""
    found = []
    try:
        for writer in record_files(directory):
            logged = _logged_by(directory, writer)
            if logged is None:
                return []
            found.append(logged)
    except OSError:  # it has just ended, or is another user's
        return []
    return found


def _logged_by(directory: str, writer: str) -> dict[str, Any] | None:
    total: dict[str, Any]
    try:
        known = remembered(directory, writer)
        total, offset, expected = known["summary"], int(known["offset"]), int(known["expected"])
    except (OSError, ValueError, KeyError, TypeError):
        total, offset, expected = summary.empty(), 0, 0
    path = os.path.join(directory, f"{writer}.ksp")
    if os.stat(path).st_size - offset > MOST_UNSHIPPED:
        return None
    for record in read_records(path, offset=offset, expected=expected):
        if isinstance(record, Record):
            summary.add_record(total, record)
    return total


def latest_sample(shipper: Shipper) -> dict[str, float]:
    """What the command took of its machine when it was last looked at."""
    samples = [progress.summary.get(summary.SAMPLE) for progress in shipper.progress.values()]
    return dict(next(filter(None, samples), {}))


def latest_output(directory: str) -> float | None:
    """When the command last printed, by the file times of this machine; ``None`` if it has not."""
    times = []
    for stream in STREAMS:
        try:
            found = os.stat(os.path.join(directory, f"{stream}.index"))
        except OSError:
            continue
        if found.st_size:
            times.append(found.st_mtime)
    return max(times, default=None)
