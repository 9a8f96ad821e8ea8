"""Recorded trials for notebooks and scripts: ``from kleio.analysis import connect``.

>>> trials = connect()                                          # doctest: +SKIP
>>> best = trials.trial("baseline")                             # doctest: +SKIP
>>> best.statistics.sort_by("loss")[0]                          # doctest: +SKIP
>>> best.statistics.loss.epoch[10]                              # doctest: +SKIP
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.analysis.artifacts import Artifact, Resource
    from kleio.analysis.causes import Cause, Explanation, explain
    from kleio.analysis.columns import Columns
    from kleio.analysis.comparison import Comparison, Difference, compare
    from kleio.analysis.curves import Curve
    from kleio.analysis.edits import Edit
    from kleio.analysis.history import Attempt, Event, Outcome
    from kleio.analysis.lineage import Lineage
    from kleio.analysis.moment import Moment
    from kleio.analysis.opening import connect
    from kleio.analysis.output import Output, Piece
    from kleio.analysis.query import Trials
    from kleio.analysis.records import Statistic
    from kleio.analysis.series import Lookup, Series, Statistics
    from kleio.analysis.tabulation import trials_arrays, trials_frame
    from kleio.analysis.trial import Trial

__all__ = [
    "Artifact", "Attempt", "Cause", "Columns", "Comparison", "Curve", "Difference", "Edit", "Event", "Explanation",
    "Lineage", "Lookup", "Moment", "Outcome", "Output", "Piece", "Resource", "Series", "Statistic", "Statistics",
    "Trial", "Trials", "compare", "connect", "explain", "trials_arrays", "trials_frame",
]  # fmt: skip

_HOMES = {
    "Artifact": "artifacts",
    "Resource": "artifacts",
    "Cause": "causes",
    "Explanation": "causes",
    "explain": "causes",
    "Columns": "columns",
    "Comparison": "comparison",
    "Difference": "comparison",
    "compare": "comparison",
    "Curve": "curves",
    "Edit": "edits",
    "Attempt": "history",
    "Event": "history",
    "Outcome": "history",
    "Lineage": "lineage",
    "Moment": "moment",
    "connect": "opening",
    "Output": "output",
    "Piece": "output",
    "Trials": "query",
    "Statistic": "records",
    "Lookup": "series",
    "Series": "series",
    "Statistics": "series",
    "trials_arrays": "tabulation",
    "trials_frame": "tabulation",
    "Trial": "trial",
}
"""The module of each name, which no module has: it would be in the name's place once it is imported. They are imported
when somebody asks: the commands that list trials need few of them."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
