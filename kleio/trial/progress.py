"""How far a running trial has come: which of its statistics counts its steps, and how fast that one grows.

A trial's document holds, while it runs, what its launcher told with the latest heartbeat::

    progress  {"attempt": n, "time": seconds, "output": time of the latest byte or None, "metrics": latest sample,
               "step": {"name", "value", "rate": per second or None} or None,
               "before": the summary as it was before this attempt}
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

COUNTING = ("step", "global_step", "steps", "iteration", "iter", "batch", "epoch", "round", "episode", "generation")
"""Names of statistics that count, the finest first."""


def step_of(statistics: Mapping[str, Mapping[str, Any]]) -> tuple[str, float] | None:
    """The counter among summed-up statistics and its last value; without one, an empty name and how often the script
    logged. ``None`` if it has logged nothing."""
    for name in COUNTING:
        value = statistics.get(name, {}).get("last")
        if isinstance(value, int | float) and value == value:
            return name, value
    counts = [int(entry.get("count") or 0) for entry in statistics.values()]
    return ("", max(counts)) if counts else None


class Pace:
    """Tells steps per second from the last two changes of a counter, each at the time when it was logged, for what is
    looked at may be older than the look; slower and slower when it stands still."""

    def __init__(self) -> None:
        self._seen: list[tuple[float, float]] = []

    def rate(self, value: float, logged: float, now: float) -> float | None:
        """Note that the counter has this value since ``logged``. ``None`` until it has changed once, or when it ran
        backwards."""
        if not self._seen or value < self._seen[-1][1]:
            self._seen = [(logged, value)]
        elif value != self._seen[-1][1]:
            self._seen = [self._seen[-1], (logged, value)]
        if len(self._seen) < 2:
            return None
        (earlier, before), (later, after) = self._seen
        seconds = max(later - earlier, now - later)
        return (after - before) / seconds if seconds > 0 else None


def summary_before(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The summary of all attempts before the latest one: to it the latest one's is added."""
    progress = document.get("progress") or {}
    if progress.get("attempt") == document.get("fence"):
        return progress.get("before") or {}
    return document.get("summary") or {}
