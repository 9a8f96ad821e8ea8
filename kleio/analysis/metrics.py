"""What a trial's command took of its machine, summed up from the samples of all its attempts."""

from __future__ import annotations

from kleio.analysis.columns import read_columns
from kleio.spool.records.segments import METRICS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kleio.journal.contract import Journal

TOTALS = ("read", "written")
"""Samples that count from the beginning of an attempt."""


def read_metrics(journal: Journal, trial_id: str) -> dict[str, dict[str, float]]:
    """Of each figure ``mean`` and ``max``, of those that count on ``total``; empty if no sample was taken."""
    samples = read_columns(journal, trial_id, stream=METRICS)
    found: dict[str, dict[str, float]] = {}
    for name, values in samples.values.items():
        known = [value for value in values if value is not None]
        if name in TOTALS:
            found[name] = {"total": _total(values, samples.attempts)}
        elif known:
            found[name] = {"mean": sum(known) / len(known), "max": max(known)}
    return found


def _total(values: Sequence[float | None], attempts: Sequence[int]) -> float:
    latest = {attempt: value for attempt, value in zip(attempts, values, strict=True) if value is not None}
    return sum(latest.values())
