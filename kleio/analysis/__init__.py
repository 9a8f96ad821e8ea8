"""Recorded trials for notebooks and scripts: ``from kleio.analysis import connect``.

>>> trials = connect()                                          # doctest: +SKIP
>>> best = trials.select("baseline")                            # doctest: +SKIP
>>> best.statistics.sort_by("loss")[0]                          # doctest: +SKIP
>>> best.statistics.loss.epoch[10]                              # doctest: +SKIP
"""

from __future__ import annotations

from kleio.analysis.artifacts import Artifact, Resource
from kleio.analysis.columns import Columns
from kleio.analysis.connect import connect
from kleio.analysis.curves import Curve
from kleio.analysis.edits import Edit
from kleio.analysis.history import Attempt, Event, Outcome
from kleio.analysis.lineage import Lineage
from kleio.analysis.moment import Moment
from kleio.analysis.output import Output, Piece
from kleio.analysis.query import Trials
from kleio.analysis.records import Statistic
from kleio.analysis.series import Lookup, Series, Statistics
from kleio.analysis.tabulation import trials_arrays, trials_frame
from kleio.analysis.trial import Trial

__all__ = [
    "Artifact", "Attempt", "Columns", "Curve", "Edit", "Event", "Lineage", "Lookup", "Moment", "Outcome", "Output",
    "Piece", "Resource", "Series", "Statistic", "Statistics", "Trial", "Trials", "connect",
    "trials_arrays", "trials_frame",
]  # fmt: skip
