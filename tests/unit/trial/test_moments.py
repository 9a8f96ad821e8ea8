from __future__ import annotations

import time
from datetime import datetime, timezone

import pytest

from kleio.trial.moments import date_of, moment_of, span_of

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("now", 0), ("2 days ago", 172_800), ("1 day ago", 86_400), ("1h30m ago", 5_400), ("90 ago", 90),
        ("3 weeks ago", 1_814_400),
        ("1.5 hours ago", 5_400), ("10 MINUTES AGO", 600), ("2 months ago", 5_184_000), ("0 seconds ago", 0),
    ],
)  # fmt: skip
def test_times_that_count_from_now(text: str, seconds: float) -> None:
    assert moment_of(text, NOW) == NOW - seconds


def test_days_begin_at_midnight_of_the_local_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        begin = datetime(2026, 11, 20, 18, 30, tzinfo=timezone.utc).timestamp()
        assert date_of("2026-11-21", NOW) == (begin, begin + 86_400)
        noon = begin + 43_200
        assert date_of("today", noon) == (begin, begin + 86_400)
        assert date_of("yesterday", noon) == (begin - 86_400, begin)
        assert moment_of("2026-11-21 13:55", NOW) == begin + 13 * 3_600 + 55 * 60
        assert moment_of("2026-11-21T00:00:00Z", NOW) == begin + 5.5 * 3_600
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2026-11-21T13Z", 3600), ("2026-11-21 13:55Z", 60), ("2026-11-21 13:55+01:00", 60),
        ("2026-11-21t13:55:01z", 1), ("2026-11-21 13:55:01 +0000", 1), ("2026-11-21 13:55 +0530", 60),
        ("2026-11-21 13:55-03", 60), ("2026-11-21 13 Z", 3600),
        ("2026-11-21", 86_400), ("2026-02", 28 * 86_400), ("2026-12", 31 * 86_400), ("2026", 365 * 86_400),
        ("2028", 366 * 86_400),
    ],
)  # fmt: skip
def test_a_time_means_all_that_it_leaves_open(text: str, length: float) -> None:
    begin = moment_of(text, NOW)
    assert begin is not None
    assert span_of(f" {text} ", NOW) == (begin, begin + length)


@pytest.mark.parametrize("text", ["9999", "9999-12", "9999-12-31"])
def test_the_last_of_all_times_have_a_beginning(text: str) -> None:
    assert moment_of(text, NOW) > 2.5e11  # type: ignore[operator]
    assert span_of(text, NOW) is None


@pytest.mark.parametrize("zone", ["+05:30", " +0530", "+0530", " +05:30"])
def test_a_zone_may_be_spelled_in_many_ways(zone: str) -> None:
    assert moment_of(f"2026-11-21 13:55{zone}", NOW) == moment_of("2026-11-21 08:25Z", NOW)
    assert moment_of(f"2026-11-21 13:55:00.500{zone}", NOW) == moment_of("2026-11-21 08:25:00.500 +00", NOW)


@pytest.mark.parametrize("text", ["now", "2 days ago", "2026-11-21 13:55:01.5", "2026-11-21 25:00", "2026-11-21 13:5"])
def test_other_times_mean_a_moment_or_nothing(text: str) -> None:
    assert span_of(text, NOW) is None


@pytest.mark.parametrize(
    "text", ["", "soon", "2 moons ago", "ago", "2026-13-45", "2026-02-30 10:00", "yesterday ago", "days", "9999-12-31x"]
)
def test_what_is_no_time(text: str) -> None:
    assert moment_of(text, NOW) is None


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01", "9" * 400 + " days ago"])
def test_times_beyond_the_calendar_do_no_harm(text: str) -> None:
    assert moment_of(text, NOW) is None or isinstance(moment_of(text, NOW), float)
