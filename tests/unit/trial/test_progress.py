from __future__ import annotations

import pytest

from kleio.trial.progress import Pace, step_of, summary_before


@pytest.mark.parametrize(
    ("statistics", "step"),
    [
        ({}, None),
        ({"loss": {"count": 7, "last": 0.5}}, ("", 7)),
        ({"epoch": {"count": 2, "last": 2}, "step": {"count": 20, "last": 2000}}, ("step", 2000)),
        ({"epoch": {"count": 2, "last": float("nan")}}, ("", 2)),
        ({"epoch": {"count": 2}}, ("", 2)),
    ],
)
def test_the_finest_counter_tells_the_step(statistics: dict, step: object) -> None:
    assert step_of(statistics) == step


def test_the_pace_falls_while_nothing_happens() -> None:
    pace = Pace()
    assert pace.rate(10, 0.0, 0.0) is None
    assert pace.rate(20, 5.0, 5.0) == 2.0
    assert pace.rate(20, 5.0, 10.0) == 2.0
    assert pace.rate(20, 5.0, 105.0) == 0.1


def test_the_pace_is_that_of_logging_however_late_one_looks() -> None:
    pace = Pace()
    pace.rate(10, 0.0, 4.0)
    assert pace.rate(20, 5.0, 5.5) == 2.0


def test_a_counter_that_begins_anew_has_no_pace_yet() -> None:
    pace = Pace()
    pace.rate(10, 0.0, 0.0)
    pace.rate(20, 5.0, 5.0)
    assert pace.rate(1, 6.0, 6.0) is None
    assert pace.rate(2, 7.0, 7.0) == 1.0


def test_what_was_before_the_latest_attempt_is_kept_apart() -> None:
    document = {"fence": 2, "summary": {"lost": 3}, "progress": {"attempt": 2, "before": {"lost": 1}}}
    assert summary_before(document) == {"lost": 1}
    assert summary_before({**document, "fence": 3}) == {"lost": 3}
    assert summary_before({"fence": 1}) == {}
