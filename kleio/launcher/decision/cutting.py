"""Finds the cut of a branch: ``epoch=10``, a time, ``last``, or the parent's end.

``epoch=10`` is the last record, statistic or artifact, with that value before the first one beyond it; the branch
shares everything up to and including it.
"""

from __future__ import annotations

from itertools import groupby

from kleio.capture.commandline.scalars import typed
from kleio.dataclass import replace
from kleio.errors import TrialRefused
from kleio.journal.lineage import ancestors
from kleio.spool.records.segments import ARTIFACTS, STATISTICS, points
from kleio.trial import status
from kleio.trial.cut import Cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, NoReturn

    from kleio.clock import Clock
    from kleio.journal.contract import Journal

    Moment = tuple[Cut, Mapping[str, Any]]

LAST = "last"
OUTPUT_SLACK = 1.0
"""Seconds for which what is printed after the last record still belongs to it."""


def cut_of(journal: Journal, parent: Mapping[str, Any], wish: str | None, clock: Clock) -> Cut:
    """The cut that ``wish`` means. ``TrialRefused`` if nothing of the parent lies there."""
    if wish is None:
        return parents_end(parent, clock)
    moments = list(_moments(journal, parent))
    if wish == LAST:
        place = len(moments) - 1 if moments else None
        if place is None:
            _refuse(parent, "has logged nothing yet", "leave out --timestamp to branch at its end")
        return _behind(moments, place)
    key, equals, value = wish.partition("=")
    if not equals:
        return _at_time(moments, wish, parent)
    place = _last_match(moments, key, typed(value))
    if place is None:
        _refuse_wish(parent, wish)
    return _behind(moments, place)


def parents_end(parent: Mapping[str, Any], clock: Clock) -> Cut:
    """All that the parent has recorded; of one that is running, up to this moment."""
    running = parent["status"] in status.HELD
    return Cut(parent["_id"], parent["fence"], clock.wall() if running else None)


def _refuse_wish(parent: Mapping[str, Any], wish: str) -> NoReturn:
    _refuse(parent, f"has logged nothing at {wish}", f"see what it logged: kleio stats {parent['_id'][:7]}")


def _refuse(parent: Mapping[str, Any], why: str, hint: str) -> NoReturn:
    raise TrialRefused(f"trial {parent['_id'][:7]} {why}", hint=hint)


def _moments(journal: Journal, parent: Mapping[str, Any]) -> Iterator[Moment]:
    """Everything that the parent logged or inherited, in order, each with the cut that would end with it."""
    for ancestor in ancestors(journal, parent):
        for cut, values in _own_moments(journal, ancestor.document["_id"]):
            if ancestor.cut.admits(cut.attempt, cut.time or 0.0):
                yield cut, values
    yield from _own_moments(journal, parent["_id"])


def _own_moments(journal: Journal, trial: str) -> Iterator[Moment]:
    import heapq

    both = [*journal.segments(trial, stream=STATISTICS), *journal.segments(trial, stream=ARTIFACTS)]
    segments = sorted(both, key=lambda one: one.attempt)
    for attempt, group in groupby(segments, key=lambda one: one.attempt):
        writers: dict[tuple[str, str], list[tuple[float, Mapping[str, Any]]]] = {}
        for segment in group:
            writers.setdefault((segment.writer, segment.stream), []).extend(
                (point.time, point.values["metadata"] if segment.stream == ARTIFACTS else point.values)
                for point in points(segment.body)
            )
        for time, values in heapq.merge(*writers.values(), key=lambda entry: entry[0]):
            yield Cut(trial, attempt, time), values


def _last_match(moments: Sequence[Moment], key: str, value: Any) -> int | None:
    found = None
    for place, (_, values) in enumerate(moments):
        if key not in values:
            continue
        if _equal(values[key], value):
            found = place
        elif found is not None and _beyond(values[key], value):
            break
    return found


def _behind(moments: Sequence[Moment], place: int) -> Cut:
    """The cut behind a record; for output, half-way to the next one of the same attempt, or a little later."""
    cut = moments[place][0]
    after = moments[place + 1][0] if place + 1 < len(moments) else None
    time = cut.time or 0.0
    same = after is not None and (after.trial, after.attempt) == (cut.trial, cut.attempt)
    return replace(cut, output=(time + (after.time or time)) / 2 if same and after else time + OUTPUT_SLACK)


def _equal(logged: Any, wanted: Any) -> bool:
    return bool(logged == wanted) or str(logged) == str(wanted)


def _beyond(logged: Any, wanted: Any) -> bool:
    numbers = isinstance(logged, (int, float)) and isinstance(wanted, (int, float))
    return bool(logged > wanted) if numbers else True


def _at_time(moments: Sequence[Moment], wish: str, parent: Mapping[str, Any]) -> Cut:
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(wish).astimezone().timestamp()
    except ValueError:
        _refuse(
            parent,
            f"cannot be cut at {wish!r}",
            "--timestamp takes KEY=VALUE, an ISO 8601 time such as 2026-11-21T10:40:00, or last",
        )
    before = [cut for cut, _ in moments if (cut.time or 0.0) <= moment]
    if not before:
        _refuse_wish(parent, wish)
    return replace(before[-1], time=moment)
