"""The few numbers of an attempt that stand in its trial's document, so that lists never read history.

::

    {"statistics": {name: {"count": n, "first": value, "last": value, "min": number, "max": number}},
     "artifacts": n, "output": {"stdout": bytes, "stderr": bytes}, "lost": records, "losses": {why: records}}

The rule, for each name: ``count`` counts every value. ``first`` and ``last`` are the first and last *plain* value: a
number, NaN and infinities too, a truth value, or text of at most ``LONGEST_TEXT`` characters. An integer of more than
64 bits counts as the float that is nearest to it, unless it is too large for one. ``min`` and ``max`` are those of its
numbers; NaN is neither unless there is nothing else. What there is nothing of is left out. The first 500 names of a
trial are kept, and of those longer than 200 characters none; if any is missing for that, the summary has
``"more_names": true``. Lists and filters know what is kept; ``kleio stats`` shows all.

All of it is what views show: where several processes log, first and last are told by the time, and what ``resume_from``
took back does not count (:mod:`kleio.spool.shipping.hindsight`). A branch's statistics and artifacts are those that
it inherits, up to its cut, and its own; ``output`` and ``lost`` are of its own attempts.
"""

from __future__ import annotations

from kleio.spool.records.log import LOST
from kleio.spool.records.restoration import RESUME
from kleio.spool.records.segments import ARTIFACTS, METRICS, STATISTICS
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from kleio.spool.records.reader import Gap, Record

MOST_NAMES = 500
LONGEST_NAME = 200
LONGEST_TEXT = 200
MOST_REASONS = 10
SAMPLE = "sample"
"""The latest sample of the machine: of one writer only, and in no trial's summary."""
MORE_NAMES = "more_names"
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
            _add_value(summary, name, value, time)
    elif stream == LOST:
        _lose(summary, str(body.get("why") or ""), body.get("records", 0))
    elif stream == METRICS:
        summary[SAMPLE] = body
    elif stream == RESUME:
        summary[RESUMED] = summary.get(RESUMED, 0) + 1


def add_gap(summary: dict[str, Any], gap: Gap) -> None:
    """Count the records that a hole swallowed."""
    _lose(summary, gap.reason, gap.last - gap.first + 1)


def _lose(summary: dict[str, Any], why: str, records: int) -> None:
    """``losses`` is there only if there are any, and knows ``MOST_REASONS``."""
    summary["lost"] += records
    losses = summary.get("losses") or {}
    if records and why and (why in losses or len(losses) < MOST_REASONS):
        summary["losses"] = {**losses, why: losses.get(why, 0) + records}


def losses_text(summary: Mapping[str, Any]) -> str:
    """``37 records lost: no space left on device``; empty if none is."""
    lost = summary.get("lost") or 0
    if not lost:
        return ""
    losses = summary.get("losses") or {}
    told = [f"{why[:1].lower()}{why[1:]}" for why in losses]
    if sum(losses.values()) != lost or len(losses) > 1:
        told = [f"{why} ({count})" for why, count in zip(told, losses.values(), strict=True)]
    return ": ".join(filter(None, (f"{counted(lost, 'record')} lost", ", ".join(told))))


def _add_losses(summary: dict[str, Any], later: Mapping[str, Any]) -> None:
    known = later.get("losses") or {}
    for why, records in known.items():
        _lose(summary, why, records)
    summary["lost"] += later["lost"] - sum(known.values())


def _add_value(summary: dict[str, Any], name: str, value: Any, time: float) -> None:
    statistics = summary["statistics"]
    entry = statistics.get(name)
    if entry is None:
        if len(statistics) >= MOST_NAMES or len(name) > LONGEST_NAME:
            summary[MORE_NAMES] = True
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
    result = timed(writers)
    for entry in result["statistics"].values():
        entry.pop(TIMES, None)
    return result


def timed(writers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The same, with the times of its values."""
    result = empty()
    for one in writers:
        result["artifacts"] += one["artifacts"]
        _add_losses(result, one)
        _note_more(result, one)
        for name, entry in one["statistics"].items():
            known = result["statistics"].get(name)
            if known is None and len(result["statistics"]) >= MOST_NAMES:
                result[MORE_NAMES] = True
                continue
            result["statistics"][name] = dict(entry) if known is None else _beside(known, entry)
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
    _add_losses(result, later)
    _note_more(result, later)
    result["output"] = dict(result["output"])
    for stream, count in later["output"].items():
        result["output"][stream] = result["output"].get(stream, 0) + count
    statistics = dict(result["statistics"])
    for name, entry in later["statistics"].items():
        if name in statistics or len(statistics) < MOST_NAMES:
            statistics[name] = _merged_entry(statistics.get(name), entry)
        else:
            result[MORE_NAMES] = True
    result["statistics"] = statistics
    return result


def _note_more(result: dict[str, Any], part: Mapping[str, Any]) -> None:
    if part.get(MORE_NAMES):
        result[MORE_NAMES] = True


def _merged_entry(earlier: Mapping[str, Any] | None, later: Mapping[str, Any]) -> dict[str, Any]:
    if earlier is None:
        return dict(later)
    entry = {**later, **earlier, "count": earlier["count"] + later["count"]}
    if "last" in later:
        entry["last"] = later["last"]
    if "min" in later:
        _widen(entry, later["min"], later["max"])
    return entry
