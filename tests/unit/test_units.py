from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.units import SIZE_UNITS, ago_text, counted, duration_text, parse_duration, parse_size, rate_text, size_text


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("64MiB", 64 << 20), ("64 mib", 64 << 20), ("1.5GiB", 3 << 29), ("500kB", 500_000), ("2G", 2 << 30)],
)
def test_sizes_are_read_in_decimal_and_binary_units(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("0.5", 0.5), ("30s", 30), ("2m", 120), ("1h30m", 5400), ("1d 4h", 100_800), ("250ms", 0.25)],
)
def test_durations_are_read_with_and_without_units(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "x", "-1", "1 2", "1e3", "64XB", "٣", "1..5", "MiB"])
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size such as 64MiB"):
        parse_size(text)


@pytest.mark.parametrize("text", ["", "x", "-1s", "2m x", "1y", "m", "inf", "nan", "1e3"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration such as 30s"):
        parse_duration(text)


@given(st.integers(0, 1 << 60), st.sampled_from(sorted(SIZE_UNITS)))
def test_a_whole_number_of_any_unit_is_exact(number: int, unit: str) -> None:
    assert parse_size(f"{number} {unit}") == number * SIZE_UNITS[unit]


@given(st.integers(0, 1 << 55))
def test_a_written_size_reads_back_to_within_a_hundredth_of_its_unit(size: int) -> None:
    assert abs(parse_size(size_text(size)) - size) <= size / 100


@given(st.floats(0, 1e9))
def test_a_written_duration_reads_back_to_within_its_smaller_unit(seconds: float) -> None:
    assert abs(parse_duration(duration_text(seconds)) - seconds) <= max(0.01, seconds / 24)


@given(st.text())
def test_any_text_is_a_size_or_a_value_error(text: str) -> None:
    try:
        assert parse_size(text) >= 0
    except ValueError:
        pass


@given(st.text())
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    try:
        assert parse_duration(text) >= 0
    except ValueError:
        pass


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (0.25, "0.25s"), (59.6, "1m"), (185, "3m 5s"), (7200, "2h"), (100_800, "1d 4h")]
)
def test_durations_are_written_in_two_units_at_most(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-61, None),
        (-3, "just now"),
        (4.9, "just now"),
        (42, "42 s ago"),
        (3599, "59 min ago"),
        (47 * 3600, "47 h ago"),
        (12.5 * 86400, "12 d ago"),
        (90 * 86400, None),
    ],
)
def test_how_long_ago_is_said_in_one_unit(seconds: float, text: str | None) -> None:
    assert ago_text(seconds) == text


@pytest.mark.parametrize(
    ("rate", "text"), [(1234.5, "1.23e+03/s"), (3.44, "3.44/s"), (0.2, "12/min"), (0.001, "3.6/h"), (1e-5, "0.86/d")]
)
def test_a_pace_is_told_in_the_unit_that_suits_it(rate: float, text: str) -> None:
    assert rate_text(rate) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0 trials"), (1, "1 trial"), (2, "2 trials")])
def test_one_of_a_kind_is_singular(number: int, text: str) -> None:
    assert counted(number, "trial") == text


def test_a_plural_may_be_irregular() -> None:
    assert [counted(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]
