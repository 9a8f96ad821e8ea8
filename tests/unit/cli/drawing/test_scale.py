from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from kleio.cli.drawing.scale import Scale

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(FINITE, min_size=1, max_size=4), st.booleans(), st.sampled_from("xy"))
def test_whatever_was_logged_lies_within_its_axis(values: list[float], log: bool, side: str) -> None:
    """And matplotlib has nothing to warn of: here that is an error."""
    values = [abs(value) or 1.0 for value in values] if log else values
    scale = Scale.around(side, values, log=log)
    axes = Figure().add_subplot()
    placed = scale.placed(values)
    axes.plot(placed, [0] * len(placed)) if side == "x" else axes.plot([0] * len(placed), placed)
    scale.set(axes)
    axes.get_figure().canvas.draw()
    low, high = axes.get_xlim() if side == "x" else axes.get_ylim()
    assert all(low <= place <= high for place in placed)


def test_what_an_axis_of_our_own_cannot_show_is_a_gap() -> None:
    scale = Scale.around("y", [1e300, 0.0, math.nan, math.inf, 1e-300], log=True)
    assert [math.isnan(place) for place in scale.placed([1e300, 0.0, math.nan, math.inf, 1e-300])] == [
        False, True, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(("values", "plain"), [([0.15, 1.1], True), ([1e-6, 1.0], False)])
def test_numbers_of_ordinary_size_are_written_out_on_a_logarithmic_axis(values: list[float], plain: bool) -> None:
    axes = Figure().add_subplot()
    axes.plot([0, 1], values)
    Scale.around("y", values, log=True).set(axes)
    axes.get_figure().canvas.draw()
    labels = [label.get_text() for which in ("major", "minor") for label in axes.yaxis.get_ticklabels(which=which)]
    assert ({"0.2", "1"} <= {*labels}) == plain
    assert any("10^" in label for label in labels) != plain
