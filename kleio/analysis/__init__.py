"""Recorded trials for notebooks and scripts: ``from kleio.analysis import connect``.

>>> trials = connect()                                          # doctest: +SKIP
>>> best = trials.select("baseline")                            # doctest: +SKIP
>>> best.statistics.sort_by("loss")[0]                          # doctest: +SKIP
"""

from __future__ import annotations

from kleio.analysis.artifacts import Artifact, Resource
from kleio.analysis.columns import Columns
from kleio.analysis.connect import connect
from kleio.analysis.history import Attempt, Event, Outcome
from kleio.analysis.moment import Moment
from kleio.analysis.output import Output, Piece
from kleio.analysis.query import Trials
from kleio.analysis.series import Statistic, Statistics
from kleio.analysis.trial import Trial

__all__ = [
    "Artifact", "Attempt", "Columns", "Event", "Moment", "Outcome", "Output", "Piece", "Resource", "Statistic",
    "Statistics", "Trial", "Trials", "connect",
]  # fmt: skip
