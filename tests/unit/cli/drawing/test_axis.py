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
    assert all(-0.01 <= axis.place(value) <= 1.01 for value in values if abs(value) < 1e300)
    assert len(axis.ticks(most)) <= 4 * most + 1


@given(st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=5), st.integers(2, 20))
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


def test_one_value_and_none_have_an_axis() -> None:
    assert Axis.around([5.0]).place(5.0) == 0.5
    assert Axis.around([0.0]).place(0.0) == 0.5
    assert Axis.around([]) == Axis(0.0, 1.0)
    assert math.isfinite(Axis.around([-1.7e308, 1.7e308]).place(0.0))
