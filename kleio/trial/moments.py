"""Times as people write them in a filter: ``2 days ago``, ``yesterday``, ``2026-11-21 13:55``."""

from __future__ import annotations

import re

from kleio.units import parse_duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

EXAMPLES = '"2 days ago", "1h30m ago", "yesterday", "2026-11", "2026-11-21" or "2026-11-21 13:55"'
YEAR = re.compile(r"\d{4}", re.ASCII)
"""What four digits are, where a time is expected, rather than seconds since 1970."""
_AGO = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)\s+ago", re.ASCII)
_SECONDS = {
    "second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "hr": 3600, "day": 86400, "week": 604800, "w": 604800,
    "month": 30 * 86400, "year": 365 * 86400, "y": 365 * 86400,
}  # fmt: skip
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[ t]\d{2}(:\d{2})?(:\d{2})?(?:[+-]\d{2}:\d{2})?", re.ASCII | re.IGNORECASE)
_ZONED = re.compile(
    r"(\d{4}-\d{2}-\d{2}[ t]\d{2}(?::\d{2}){0,2}(?:\.\d+)?)\s*(?:z|([+-]\d{2})(?::?(\d{2}))?)", re.ASCII | re.IGNORECASE
)


def moment_of(text: str, now: float) -> float | None:
    """Seconds since the epoch; local time where no zone is named. ``None`` if it is no time."""
    words = " ".join(text.lower().split())
    if words == "now":
        return now
    if words.endswith(" ago"):
        passed = _duration(words)
        return None if passed is None else now - passed
    match = _DATE.fullmatch(words)
    if match:
        return _timestamp(_parsed(_first_day(match)))
    day = date_of(text, now)
    return _timestamp(_parsed(_with_zone(text))) if day is None else day[0]


def span_of(text: str, now: float) -> tuple[float, float] | None:
    """When the year, the month, the day, the hour, the minute or the second that ``text`` names begins and ends;
    ``None`` if it names none, or a moment to the fraction of a second."""
    match = _TIME.fullmatch(_with_zone(text))
    if match is None:
        return date_of(text, now)
    begin = moment_of(text, now)
    return None if begin is None else (begin, begin + (1 if match[2] else 60 if match[1] else 3600))


def date_of(text: str, now: float) -> tuple[float, float] | None:
    """When the year, the month or the day that ``text`` names begins and ends; ``None`` if it names none."""
    from datetime import datetime, timedelta, timezone

    words = text.strip().lower()
    match = _DATE.fullmatch(words)
    try:
        if words in ("today", "yesterday"):
            here = datetime.fromtimestamp(now, timezone.utc).astimezone()
            begin = here.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
            begin -= timedelta(days=words == "yesterday")
        elif match:
            begin = datetime.fromisoformat(_first_day(match))
        else:
            return None
        first, last = _timestamp(begin), _timestamp(_next(begin, match))
    except (ValueError, OverflowError):  # no such date, or nothing follows it
        return None
    return None if first is None or last is None else (first, last)


def _first_day(match: re.Match[str]) -> str:
    return f"{match[1]}-{match[2] or '01'}-{match[3] or '01'}"


def _next(begin: datetime, match: re.Match[str] | None) -> datetime:
    """The day, or the month or year if no more was named, that follows."""
    from datetime import timedelta

    if match is None or match[3]:
        return begin + timedelta(days=1)
    if match[2] and begin.month < 12:
        return begin.replace(month=begin.month + 1)
    return begin.replace(year=begin.year + 1, month=1)


def _with_zone(text: str) -> str:
    """The time with its zone as ISO 8601 has it, however it is spelled; kleio prints `` +0100``."""
    match = _ZONED.fullmatch(text.strip())
    return f"{match[1]}{match[2] or '+00'}:{match[3] or '00'}" if match else text.strip()


def _duration(words: str) -> float | None:
    match = _AGO.fullmatch(words)
    if match:
        unit = match[2] if match[2] in _SECONDS else match[2].removesuffix("s")
        if unit in _SECONDS:
            return float(match[1]) * _SECONDS[unit]
    try:
        return parse_duration(words.removesuffix(" ago"))
    except ValueError:
        return None


def _parsed(text: str) -> datetime | None:
    from datetime import datetime

    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _timestamp(moment: datetime | None) -> float | None:
    try:
        return None if moment is None else moment.timestamp()
    except (ValueError, OverflowError, OSError):
        return None
