from __future__ import annotations

import pytest

from kleio.analysis.moment import Moment


def test_a_moment_is_shown_in_the_zone_it_was_seen_in() -> None:
    moment = Moment(1_700_000_000.25, 3600)
    assert str(moment) == "2023-11-14 23:13:20 +0100"
    assert moment.iso() == "2023-11-14T23:13:20.250+01:00"


def test_moments_are_ordered_by_time_whatever_their_zone() -> None:
    assert Moment(1, 3600) < Moment(2, -3600)


@pytest.mark.parametrize("stamp", [None, {}, {"time": None}, {"time": "x"}])
def test_what_is_no_stamp_is_no_moment(stamp: dict[str, object] | None) -> None:
    assert Moment.of(stamp) is None


def test_each_zone_has_its_own_times() -> None:
    stamps = [Moment(0.5, offset).iso() for offset in (0, 3600, -5400, 0)]
    assert stamps == [
        "1970-01-01T00:00:00.500+00:00", "1970-01-01T01:00:00.500+01:00", "1969-12-31T22:30:00.500-01:30",
        "1970-01-01T00:00:00.500+00:00",
    ]  # fmt: skip
