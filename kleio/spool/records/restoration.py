"""What ``resume_from`` took back: points that an attempt declared superseded, hidden from views and never deleted.

A script that restores a checkpoint says so with a record of the stream ``resume``, whose body is name → number::

    {"epoch": 10}

From then on, points (statistics, and artifacts by their metadata) of *earlier* attempts, and of the trials that this
one is a branch of, are hidden if they lie beyond it: epochs 11, 12 … are about to be logged again. Several names are
compared in the order given, as a date is by year, month and day: ``{"epoch": 3, "step": 100}`` hides step 101 of
epoch 3 and all of epoch 4, not step 500 of epoch 2. A point with none of the names is never hidden.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.journal.contract import Journal
    from kleio.trial.cut import Cut

    Restorations = dict[int, list[Mapping[str, float]]]

RESUME = "resume"


def hides(keys: Mapping[str, float], values: Mapping[str, Any]) -> bool:
    """Whether a point with these ``values`` lies beyond ``keys``."""
    for name, limit in keys.items():
        value = values.get(name)
        if value is not None and is_number(value) and value != limit:
            return bool(value > limit)
    return False


def is_number(value: Any) -> bool:
    """Whether points can be ordered by it."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def read_restorations(journal: Journal, trial: str, cut: Cut | None = None) -> Restorations:
    """Of each attempt of a trial what it declared (before ``cut``), in no order."""
    from kleio.spool.records.segments import points

    found: Restorations = {}
    for segment in journal.segments(trial, stream=RESUME):
        declared = [
            point.values
            for point in points(segment.body)
            if isinstance(point.values, dict) and (cut is None or cut.admits(segment.attempt, point.time))
        ]
        if declared:
            found.setdefault(segment.attempt, []).extend(declared)
    return found
