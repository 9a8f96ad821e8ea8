"""The few numbers of an attempt that stand in its trial's document, so that lists never read history.

::

    {"statistics": {name: {"count": n, "first": value, "last": value, "min": number, "max": number}},
     "artifacts": n, "output": {"stdout": bytes, "stderr": bytes}, "lost": records}

Of values that are no numbers only the count is kept. A trial that logs more than ``MOST_NAMES`` names keeps the first.
"""

from __future__ import annotations

from kleio.spool.log import LOST
from kleio.spool.segments import ARTIFACTS, METRICS, STATISTICS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.spool.reader import Gap, Record

MOST_NAMES = 500
LONGEST_NAME = 200
SAMPLE = "sample"
"""The latest sample of the machine: of one writer only, and in no trial's summary."""
_NUMBERS = (int, float)


def empty() -> dict[str, Any]:
    """The summary of nothing."""
    return {"statistics": {}, "artifacts": 0, "output": {}, "lost": 0}


def add_record(summary: dict[str, Any], record: Record) -> None:
    """Count one record of the spool."""
    body = record.body
    if record.stream == ARTIFACTS:
        summary["artifacts"] += 1
    elif record.stream == LOST and isinstance(body, dict):
        summary["lost"] += body.get("records", 0)
    elif record.stream == METRICS and isinstance(body, dict):
        summary[SAMPLE] = body
    elif record.stream == STATISTICS and isinstance(body, dict):
        for name, value in body.items():
            _add_value(summary["statistics"], name, value)


def add_gap(summary: dict[str, Any], gap: Gap) -> None:
    """Count the records that a hole swallowed."""
    summary["lost"] += gap.last - gap.first + 1


def _add_value(statistics: dict[str, Any], name: str, value: Any) -> None:
    entry = statistics.get(name)
    if entry is None:
        if len(statistics) >= MOST_NAMES or len(name) > LONGEST_NAME:
            return
        entry = statistics[name] = {"count": 0}
    entry["count"] += 1
    if type(value) is dict and len(value) == 1 and "$float" in value:
        value = float(value["$float"])
    if type(value) not in _NUMBERS:
        return
    entry.setdefault("first", value)
    entry["last"] = value
    if value == value:
        entry["min"] = min(value, entry.get("min", value))
        entry["max"] = max(value, entry.get("max", value))


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
    for name, choose in (("min", min), ("max", max)):
        found = [each[name] for each in (earlier, later) if name in each]
        if found:
            entry[name] = choose(found)
    return entry
