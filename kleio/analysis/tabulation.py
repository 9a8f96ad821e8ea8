"""Trials as data frames and arrays: the columns of :mod:`kleio.trial.table`, typed."""

from __future__ import annotations

import gc
from array import array
from contextlib import contextmanager

from kleio.analysis import expected
from kleio.analysis.frames import arrays_of, typed_frame
from kleio.trial.table import FACTS, MOMENTS, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from kleio.analysis.trial import Trial

PLAIN = ("last", "min", "max")
"""What is shown of each statistic unless asked otherwise."""
_NUMBERS = {"duration": "d", "attempts": "q", "artifacts": "q"}
"""Columns that are numbers even where there are no trials, by the types of :mod:`array`."""


def trials_frame(trials: Iterable[Trial], figures: Sequence[str] = PLAIN) -> Any:
    """A ``pandas.DataFrame`` (needs ``kleio[pandas]``), one row a trial in the order given.

    ``created``, ``started`` and ``ended`` are ``datetime64`` in UTC. ``figures`` says what to show of each statistic:
    of ``first``, ``last``, ``min``, ``max`` and ``count``. Of no trials it has the columns that every trial has.
    """
    return frame_of(_columns(trials, figures))


def trials_arrays(trials: Iterable[Trial], figures: Sequence[str] = PLAIN) -> dict[str, Any]:
    """The same without pandas: name → values, ``None`` where a trial lacks it; numbers as NumPy arrays, if it is there.

    Moments are seconds since the epoch.
    """
    from kleio.analysis.columns import packed

    return arrays_of({name: packed(cells) for name, cells in _with_facts(_columns(trials, figures)).items()})


@contextmanager
def without_collection() -> Iterator[None]:
    """Spare Python the search for circles while hundreds of thousands of cells are made, which have none.

    It would look through all objects of the process again and again, which takes as long as the work itself.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def frame_of(columns: Mapping[str, Sequence[Any]]) -> Any:
    """A table of trials as a ``pandas.DataFrame``."""
    return typed_frame(_with_facts(columns), MOMENTS)


def _with_facts(columns: Mapping[str, Sequence[Any]]) -> Mapping[str, Sequence[Any]]:
    """The columns; of no trials those that every trial has, so that ``frame["status"]`` never fails."""
    return columns or {name: array(_NUMBERS[name]) if name in _NUMBERS else [] for name in FACTS}


def _columns(trials: Iterable[Trial], figures: Sequence[str]) -> dict[str, list[Any]]:
    table = Table(expected.texts(figures, "figures"))
    for trial in trials:
        if isinstance(trial, str) or not hasattr(trial, "document"):
            raise TypeError(f"a table has trials, such as connect() gives, and no {type(trial).__name__}")
        table.add(trial.document, trial.status)
    return table.columns()
