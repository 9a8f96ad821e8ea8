"""What a running attempt tells with a heartbeat, so that lists show how far it has come without reading history."""

from __future__ import annotations

import os

from kleio.spool.output import STREAMS
from kleio.spool.shipping import summary
from kleio.spool.shipping.hindsight import summary_at_start
from kleio.trial.progress import Pace, step_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.spool.shipping.shipper import Shipper


class Telling:
    """The changes that one attempt's heartbeats make to its trial's document."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pace = Pace()
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
                "step": self._step(now["statistics"]),
                "before": dict(self._before),
            },
        }

    def _step(self, statistics: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
        found = step_of(statistics)
        if found is None:
            return None
        name, value = found
        return {"name": name, "value": value, "rate": self._pace.rate(value, self._clock.monotonic())}


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
