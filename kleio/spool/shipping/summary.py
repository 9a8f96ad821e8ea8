"""The few numbers of an attempt that stand in its trial's document, so that lists never read history.

::

    {"statistics": {name: {"count": n, "first": value, "last": value, "min": number, "max": number}},
     "artifacts": n, "output": {"stdout": bytes, "stderr": bytes}, "lost": records}

The rule, for each name: ``count`` counts every value. ``first`` and ``last`` are the first and last *plain* value: a
number, NaN and infinities too, a truth value, or text of at most ``LONGEST_TEXT`` characters. An integer of more than
64 bits counts as the float that is nearest to it, unless it is too large for one. ``min`` and ``max`` are those of its
numbers; NaN is neither unless there is nothing else. What there is nothing of is left out. A trial that logs more than
``MOST_NAMES`` names keeps the first.

All of it is what views show: where several processes log, first and last are told by the time, and what ``resume_from``
took back does not count (:mod:`kleio.spool.shipping.hindsight`). A branch's statistics and artifacts are those that
it inherits, up to its cut, and its own; ``output`` and ``lost`` are of its own attempts.
"""

from __future__ import annotations

from kleio.spool.records.log import LOST
from kleio.spool.records.restoration import RESUME
from kleio.spool.records.segments import ARTIFACTS, METRICS, STATISTICS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from kleio.spool.records.reader import Gap, Record

MOST_NAMES = 500
LONGEST_NAME = 200
LONGEST_TEXT = 200
SAMPLE = "sample"
"""The latest sample of the machine: of one writer only, and in no trial's summary."""
RESUMED = "resumed"
"""How often the script said that it goes on from a checkpoint; likewise."""
TIMES = "times"
"""When the first and the last value were logged; likewise."""


def empty() -> dict[str, Any]:
    """The summary of nothing."""
    return {"statistics": {}, "artifacts": 0, "output": {}, "lost": 0}


def add_record(summary: dict[str, Any], record: Record) -> None:
    """Count one record of the spool."""
    add(summary, record.stream, record.body, record.wall)


def add(summary: dict[str, Any], stream: str, body: Any, time: float) -> None:
    """Count what one writer recorded in a stream at that time."""
    if stream == ARTIFACTS:
        summary["artifacts"] += 1
    elif not isinstance(body, dict):
        return
    elif stream == STATISTICS:
        for name, value in body.items():
            _add_value(summary["statistics"], name, value, time)
    elif stream == LOST:
        summary["lost"] += body.get("records", 0)
    elif stream == METRICS:
        summary[SAMPLE] = body
    elif stream == RESUME:
        summary[RESUMED] = summary.get(RESUMED, 0) + 1


def add_gap(summary: dict[str, Any], gap: Gap) -> None:
    """Count the records that a hole swallowed."""
    summary["lost"] += gap.last - gap.first + 1


def _add_value(statistics: dict[str, Any], name: str, value: Any, time: float) -> None:
    entry = statistics.get(name)
    if entry is None:
        if len(statistics) >= MOST_NAMES or len(name) > LONGEST_NAME:
            return
        entry = statistics[name] = {"count": 0}
    entry["count"] += 1
    value = _summed_up(value)
    kind = type(value)
    if kind is float or kind is int:
        _widen(entry, value, value)
    elif kind is not bool and not (kind is str and len(value) <= LONGEST_TEXT):
        return
    if "first" not in entry:
        entry["first"], entry[TIMES] = value, [time, time]
    entry["last"] = value
    entry[TIMES][1] = time


def _summed_up(value: Any) -> Any:
    """The value, where it is a number that JSON or 64 bits cannot say (:mod:`kleio.spool.records.values`) as a float;
    it may come as a spool holds it, or as it was logged."""
    try:
        if type(value) is dict and len(value) == 1:
            if "$float" in value:
                return float(value["$float"])
            if "$int" in value:
                return float(int(value["$int"], 16))
        return float(value) if type(value) is int and not -(1 << 63) <= value < 1 << 64 else value
    except (OverflowError, TypeError, ValueError):  # larger than any float, or written by a client that errs
        return None


def _widen(entry: dict[str, Any], least: float, greatest: float) -> None:
    """NaN gives way to any number, and to nothing else."""
    for name, value in (("min", least), ("max", greatest)):
        known = entry.get(name)
        if known is None or known != known or (value < known if name == "min" else value > known):
            entry[name] = value


def together(writers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The summary of one attempt, made of those of its processes, which ran side by side."""
    result = empty()
    for one in writers:
        result["artifacts"] += one["artifacts"]
        result["lost"] += one["lost"]
        for name, entry in one["statistics"].items():
            known = result["statistics"].get(name)
            if known is None and len(result["statistics"]) >= MOST_NAMES:
                continue
            result["statistics"][name] = dict(entry) if known is None else _beside(known, entry)
    for entry in result["statistics"].values():
        entry.pop(TIMES, None)
    return result


def _beside(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    if TIMES not in one or TIMES not in other:
        return _merged_entry(one, other)
    entry = _merged_entry(one, other)
    begun = min((one, other), key=lambda each: each[TIMES][0])
    ended = max((other, one), key=lambda each: each[TIMES][1])
    return {**entry, "first": begun["first"], "last": ended["last"], TIMES: [begun[TIMES][0], ended[TIMES][1]]}


def merged(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """The summary of two stretches of a trial, one after the other."""
    result = {**empty(), **earlier}
    result["artifacts"] += later["artifacts"]
    result["lost"] += later["lost"]
    result["output"] = dict(result["output"])
    for stream, count in later["output"].items():
        result["output"][stream] = result["output"].get(stream, 0) + count
    statistics = dict(result["statistics"])
    for name, entry in later["statistics"].items():
        if name in statistics or len(statistics) < MOST_NAMES:
            statistics[name] = _merged_entry(statistics.get(name), entry)
    result["statistics"] = statistics
    return result


def _merged_entry(earlier: Mapping[str, Any] | None, later: Mapping[str, Any]) -> dict[str, Any]:
    if earlier is None:
        return dict(later)
    entry = {**later, **earlier, "count": earlier["count"] + later["count"]}
    if "last" in later:
        entry["last"] = later["last"]
    if "min" in later:
        _widen(entry, later["min"], later["max"])
    return entry
