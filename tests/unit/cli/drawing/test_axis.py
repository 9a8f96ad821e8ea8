from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.cli.drawing.axis import Axis

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(FINITE, min_size=1, max_size=5), st.integers(2, 20))
def test_every_value_has_its_place_and_ticks_are_few(values: list[float], most: int) -> None:
    axis = Axis.around(values)
    assert all(-0.01 <= axis.place(value) <= 1.01 for value in values)
    assert len(axis.ticks(most)) <= 4 * most + 1
    assert all(math.isfinite(place) for place, _ in axis.ticks(most))


@given(st.lists(st.floats(5e-324, allow_infinity=False), min_size=1, max_size=5), st.integers(2, 20))
def test_a_logarithmic_axis_has_places_too(values: list[float], most: int) -> None:
    axis = Axis.around(values, log=True)
    assert all(-1e-9 <= axis.place(value) <= 1 + 1e-9 for value in values)
    assert all(text for _, text in axis.ticks(most))


@pytest.mark.parametrize(
    ("values", "log", "texts"),
    [
        ([0, 10], False, ["0", "2", "4", "6", "8", "10"]),
        ([0.001, 0.0045], False, ["0.001", "0.002", "0.003", "0.004"]),
        ([1, 1e4], True, ["1", "10", "100", "1000", "10000"]),
        ([1e-9, 1e9], True, ["1e-9", "1e-5", "0.1", "1000", "1e7"]),
        ([2, 5], True, ["2", "3", "4", "5"]),
        ([1e9, 2e9], False, ["1e+09", "1.2e+09", "1.4e+09", "1.6e+09", "1.8e+09", "2e+09"]),
    ],
)
def test_ticks_are_round_numbers(values: list[float], log: bool, texts: list[str]) -> None:
    assert [text for _, text in Axis.around(values, log=log).ticks(5)] == texts


def test_the_largest_numbers_have_their_ticks() -> None:
    axis = Axis.around([1e308, -1e308])
    assert [text for _, text in axis.ticks(4)] == ["-1e+308", "-5e+307", "0", "5e+307", "1e+308"]
    assert [axis.place(value) for value in (-1e308, 0.0, 1e308)] == [0, 0.5, 1]


@pytest.mark.parametrize(
    ("values", "log", "texts"),
    [
        ([1, 2, 3], False, ["1", "2", "3"]),
        ([0], False, ["0"]),
        ([7], False, ["7"]),
        ([0, 100], False, ["0", "20", "40", "60", "80", "100"]),
        ([1, 3], True, ["1", "2", "3"]),
        ([1], True, ["1", "10"]),
        ([0.5, 1], False, ["0.5", "0.6", "0.7", "0.8", "0.9", "1.0"]),
    ],
)
def test_between_whole_numbers_that_count_there_is_nothing(values: list[float], log: bool, texts: list[str]) -> None:
    assert [text for _, text in Axis.around(values, log=log, counts=True).ticks(5)] == texts


def test_one_value_and_none_have_an_axis() -> None:
    assert Axis.around([5.0]).place(5.0) == 0.5
    assert Axis.around([0.0]).place(0.0) == 0.5
    assert Axis.around([]) == Axis(0.0, 1.0)
    assert math.isfinite(Axis.around([-1.7e308, 1.7e308]).place(0.0))
