from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.analysis.curves import METHODS, Curve, curve_of

NUMBERS = st.floats(allow_infinity=False, width=32)


def of(*heights: float) -> Curve:
    return Curve(array("d", range(len(heights))), array("d", heights), "x", "y")


@pytest.mark.parametrize("method", METHODS)
@given(heights=st.lists(NUMBERS, min_size=1, max_size=80), most=st.integers(4, 60))
def test_what_is_thinned_out_are_points_of_the_curve_in_their_order(
    method: str, heights: list[float], most: int
) -> None:
    curve = of(*heights)
    thin = curve.downsampled(most, method)
    assert len(thin) <= most
    assert list(thin.x) == sorted(set(thin.x))
    assert all(repr(y) == repr(curve.y[int(x)]) for x, y in thin)
    assert (thin.x[0], thin.x[-1]) == (curve.x[0], curve.x[-1])


def test_no_spike_is_lost() -> None:
    heights = [0.0] * 1000
    heights[123], heights[777] = 50.0, -50.0
    heights[500] = math.nan
    thin = of(*heights).downsampled(20)
    assert {50.0, -50.0} <= set(thin.y)


def test_the_shape_is_kept_by_few_points() -> None:
    heights = [abs((at % 200) - 100) for at in range(1000)]
    thin = of(*heights).downsampled(22, "lttb")
    assert max(thin.y) > 90
    assert min(thin.y) < 10


def test_an_unknown_method_is_named() -> None:
    with pytest.raises(ValueError, match="'mean' is no way to downsample; there are minmax and lttb"):
        of(1, 2).downsampled(1, "mean")


def test_smoothing_starts_at_the_first_value_and_passes_over_gaps() -> None:
    smooth = of(4.0, math.nan, 2.0, math.inf).smoothed(0.5)
    assert smooth.y[0] == 4.0
    assert math.isnan(smooth.y[1])
    assert smooth.y[2] == pytest.approx((0.25 * 4 + 0.5 * 2) / 0.75)
    assert smooth.y[3] == math.inf
    assert of(1.0, 5.0).smoothed(0).y.tolist() == [1.0, 5.0]  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="not 1"):
        of(1.0).smoothed(1.0)


def test_points_are_sorted_and_what_a_logarithm_cannot_show_is_left_out() -> None:
    curve = Curve(array("d", [3, 1, 2]), array("d", [0.5, -1, 2]), "x", "y")
    assert [*curve.sorted()] == [(1, -1), (2, 2), (3, 0.5)]
    assert [*curve.within(positive_y=True)] == [(3, 0.5), (2, 2)]
    assert curve.sorted().sorted() == curve.sorted()


@pytest.mark.parametrize("value", ["text", None, True, [1], 10**400, {"a": 1}])
def test_what_is_no_number_is_left_out(value: object) -> None:
    assert [*curve_of({"y": [1, value, 3]}, [0.0, 1.0, 2.0], "y", "time")] == [(0, 1), (2, 3)]
    assert [*curve_of({"y": [1, 2, 3], "x": [1, value, 3]}, [], "y", "x")] == [(1, 1), (3, 3)]
