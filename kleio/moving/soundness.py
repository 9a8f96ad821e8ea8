"""Whether what claims to be a trial could have been written by kleio, so that reading it later holds no surprise.

An archive may come from anywhere. Its checksums prove that it arrived as it was made, not that it was made well.
"""

from __future__ import annotations

import zlib

from kleio.journal.contract import SCHEMA
from kleio.journal.values import plain_body, plain_document
from kleio.spool.output import CHUNK, MOST_TIMES, TIME
from kleio.spool.output import STREAMS as OUTPUT
from kleio.spool.records.segments import GAPS, points
from kleio.trial import status
from kleio.trial.cut import Cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.journal.contract import Segment

MOVABLE = status.STATUSES - status.HELD - {status.ARRIVING}
"""What a trial may be in an archive."""
MOST_RECORDS = 1_000_000
"""In one segment; the shipper makes segments of some thousands."""
LATEST = 1e11
"""Seconds since the epoch that a date can still be made of."""
DAY = 86401
_UNNUMBERED = frozenset({"status", "edits"})
_MAPPINGS = ("project", "created", "started", "ended", "outcome", "code", "environment", "refers", "within", "summary",
             "configuration", "event")  # fmt: skip


def check_document(document: Mapping[str, Any], trial: str) -> None:
    """``ValueError`` that says why this cannot be the document of ``trial``."""
    if document.get("_id") != trial:
        raise ValueError("the document is of another trial")
    if document.get("schema") != SCHEMA:
        raise ValueError(f"it has schema {document.get('schema')!r}, and this kleio knows {SCHEMA}")
    if document.get("status") not in MOVABLE:
        raise ValueError(f"no trial can arrive with the status {document.get('status')!r}")
    if document.get("owner") is not None or document.get("holder") is not None:
        raise ValueError("somebody holds it")
    fence, argv, tags = document.get("fence"), document.get("argv"), document.get("tags")
    if type(fence) is not int or not 0 <= fence < 10**6:
        raise ValueError(f"the number of its attempts is {fence!r}")
    for what, words in (("command", argv), ("tags", tags)):
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValueError(f"its {what} is no list of words")
    _check_fields(document)
    plain_document(document, "its document")


def _check_fields(document: Mapping[str, Any]) -> None:
    for field in _MAPPINGS:
        if document.get(field) is not None and not isinstance(document[field], dict):
            raise ValueError(f"its field {field!r} is {type(document[field]).__name__}")
    if not isinstance(document.get("name"), (str, type(None))):
        raise ValueError("its name is no text")
    for field in ("created", "started", "ended"):
        moment = document.get(field)
        if moment and not (_is_number(moment.get("time"), LATEST) and _is_number(moment.get("offset", 0), DAY)):
            raise ValueError(f"its field {field!r} has no time")
    if document.get("duration") is not None and not _is_number(document["duration"], LATEST):
        raise ValueError("its duration is no number of seconds")
    _check_lineage(document.get("refers"))
    _check_parts(document)


def _is_number(value: Any, most: float) -> bool:
    return isinstance(value, (int, float)) and -most < value < most


def _check_lineage(refers: Mapping[str, Any] | None) -> None:
    if not refers:
        return
    try:
        cut = Cut.of(refers)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise ValueError("nothing tells where it was branched off") from None
    times = [time for time in (cut.time, cut.output) if time is not None]
    if not isinstance(refers.get("parent"), str) or not isinstance(cut.trial, str):
        raise ValueError("its parent is no trial")
    if not all(isinstance(time, (int, float)) for time in times):
        raise ValueError("it was branched off at no time")


def _check_parts(document: Mapping[str, Any]) -> None:
    """What lies within the fields that are read part by part."""
    summary, environment = document.get("summary") or {}, document.get("environment") or {}
    statistics = summary.get("statistics") or {}
    parts = (summary.get("output"), environment.get("compared"), environment.get("recorded"), statistics)
    if not all(part is None or isinstance(part, dict) for part in parts):
        raise ValueError("its summary or its environment is no table")
    if not all(isinstance(entry, dict) for entry in statistics.values()):
        raise ValueError("the summary of a statistic is no table")
    for field in ("files", "changes"):
        entries = document.get(field, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise ValueError(f"its field {field!r} is no list of tables")
    for file in document.get("files", []):
        if not isinstance(file.get("argument"), str) or not isinstance(file.get("digest"), str):
            raise ValueError("a configuration file of it has no name or no digest")


def check_segment(segment: Segment) -> None:
    """``ValueError`` that says why this cannot be a segment. Bounded in memory, whatever it claims."""
    plain_body(segment)
    try:
        _check_content(segment)
    except (KeyError, TypeError, AttributeError, ArithmeticError, zlib.error, RecursionError) as error:
        raise ValueError(f"{segment.stream} of {segment.writer}: {type(error).__name__}: {error}")


def _check_content(segment: Segment) -> None:
    body = segment.body
    if segment.stream in OUTPUT:
        data = _inflated(body["data"], CHUNK) if body["encoding"] == "zlib" else body["data"]
        if len(data) != segment.last + 1 - segment.first:
            raise ValueError("output of another length than it says")
        if not 0 <= int(body.get("hole") or 0) <= segment.first:
            raise ValueError("more output missing than was printed")
        if len(_inflated(body["times"], MOST_TIMES * TIME.size + TIME.size)) % TIME.size:
            raise ValueError("times of output that are none")
    elif segment.stream == GAPS:
        int(body["first"]), int(body["last"]), str(body["reason"])
    elif segment.stream in _UNNUMBERED:
        if body.get("id") != segment.writer:
            raise ValueError("an event with the id of another")
    else:
        _check_records(segment)


def _check_records(segment: Segment) -> None:
    most = min(segment.last + 1 - segment.first, MOST_RECORDS)
    for group in body_groups(segment.body):
        for column in (group["seq"], group["time"], *group["columns"]):
            if column["type"] == "range" and not 0 <= column["count"] <= most:
                raise ValueError("more records than it says")
    found = points(segment.body)
    if len(found) > most:
        raise ValueError("more records than it says")


def body_groups(body: Mapping[str, Any]) -> list[Any]:
    """The groups of columns of a segment; none where its records are rows."""
    groups = [] if "records" in body else body["groups"]
    if not isinstance(groups, list):
        raise ValueError("groups that are no list")
    return groups


def _inflated(data: bytes, most: int) -> bytes:
    """At most so many bytes: what claims to hold more is no chunk of kleio's."""
    inflater = zlib.decompressobj()
    found = inflater.decompress(data, most + 1)
    if len(found) > most or not inflater.eof:
        raise ValueError("compressed data that are too large or cut short")
    return found
