from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.analysis.curves import METHODS, Curve, curve_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

COUNTED = [(epoch, batch) for epoch in range(5) for batch in range(3)]
EPOCHS, BATCHES = [epoch for epoch, _ in COUNTED], [batch for _, batch in COUNTED]
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


def test_without_an_axis_it_is_the_first_that_tells_the_points_apart() -> None:
    values = {"epoch": EPOCHS, "batch": BATCHES, "loss": list(range(15, 0, -1))}
    assert [*curve_of(values, [], "loss")] == [(at, 15 - at) for at in range(15)]
    assert curve_of(values, [], "loss").x_name == "number"
    with_step = {**values, "step": [10 * at for at in range(15)]}
    assert curve_of(with_step, [], "loss").x_name == "step"
    once = {name: column[::3] for name, column in with_step.items()}
    assert curve_of(once, [], "loss").x_name == "epoch"


@pytest.mark.parametrize("pack", [list, lambda values: array("q", values)])
def test_what_one_attempt_logged_is_kept_whatever_counts(pack: Any) -> None:
    values = {"epoch": pack(EPOCHS), "batch": pack(BATCHES), "loss": pack(range(15))}
    for x in ("epoch", "batch", "number", None):
        curve = curve_of(values, [], "loss", x, [7] * 15)
        assert (list(curve.y), curve.left_out) == (list(range(15)), 0)


def test_what_a_later_attempt_did_again_replaces_what_was_there() -> None:
    values = {"epoch": EPOCHS[:9] + EPOCHS[6:], "batch": BATCHES[:9] + BATCHES[6:], "loss": list(range(18))}
    writers = [0] * 9 + [1] * 9
    kept = [*range(6), *range(9, 18)]
    for x in ("epoch", "batch", None):
        curve = curve_of(values, [], "loss", x, writers)
        assert (list(curve.y), curve.left_out) == (kept, 3), x
    assert list(curve_of(values, [], "loss", None, writers).x) == kept
    assert len(curve_of(values, [], "loss", "number", writers)) == 18
    whole = curve_of(values, [], "loss", "epoch", writers)
    assert whole.sorted().smoothed(0.5).downsampled(4).left_out == 3


def test_points_without_a_count_are_not_done_again() -> None:
    values = {"epoch": [1, 1, None, 1, 1, None, [2]], "loss": [1, 2, 3, 4, 5, 6, 7]}
    curve = curve_of(values, [], "loss", None, [0, 0, 0, 1, 1, 1, 1])
    assert ([*curve], curve.left_out) == ([(2, 3), (3, 4), (4, 5), (5, 6), (6, 7)], 2)


def test_of_several_processes_at_an_epoch_the_latest_counts() -> None:
    values = {"epoch": [1, 1, 2, 2], "loss": [1.0, 2.0, 3.0, 4.0]}
    curve = curve_of(values, [], "loss", None, [0, 1, 0, 1])
    assert ([*curve], curve.left_out) == ([(1, 2), (2, 4)], 2)


@pytest.mark.parametrize("pack", [list, lambda values: array("q", values)])
def test_batches_that_another_attempt_counted_in_another_epoch_stay(pack: Any) -> None:
    values = {"epoch": pack([0] * 5 + [1] * 5), "batch": pack([*range(5)] * 2), "loss": pack(range(10))}
    curve = curve_of(values, [], "loss", None, [0] * 5 + [1] * 5)
    assert (curve.x_name, [*curve], curve.left_out) == ("number", [(at, at) for at in range(10)], 0)
    assert len(curve_of(values, [], "loss", "batch", [0] * 5 + [1] * 5)) == 10


def test_an_axis_need_not_tell_apart_what_was_replaced() -> None:
    values = {"epoch": [0, 0, 0, 1], "loss": [1.0, 2.0, 3.0, 4.0]}
    curve = curve_of(values, [], "loss", None, [0, 0, 1, 1])
    assert (curve.x_name, [*curve], curve.left_out) == ("epoch", [(0, 3), (1, 4)], 2)


def test_a_record_without_a_height_replaces_nothing() -> None:
    values = {"epoch": [0, 1, 1, 2], "loss": [1.0, 2.0, None, 4.0]}
    assert [*curve_of(values, [], "loss", None, [0, 0, 1, 1])] == [(0, 1), (1, 2), (2, 4)]


def test_of_what_nobody_logged_several_have_an_empty_curve() -> None:
    for x in (None, "epoch", "number"):
        assert len(curve_of({"epoch": array("q", [1, 2])}, [], "loss", x, [0, 1])) == 0


def test_points_at_no_number_have_a_place_of_their_own() -> None:
    values = {"epoch": array("d", [math.nan, 1, math.nan, 1]), "loss": array("d", [1, 2, 3, 4])}
    for x in ("epoch", None):
        curve = curve_of(values, [], "loss", x, [0, 0, 1, 1])
        assert ([*curve], curve.left_out) == ([(1, 4)], 1)
