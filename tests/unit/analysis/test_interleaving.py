"""Two sequences laid into each other are known again; anything else is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.analysis.interleaving import departure

LINES = st.lists(st.sampled_from([b"a", b"b", b"c"]), max_size=30)


@given(LINES, LINES, st.randoms(use_true_random=False))
def test_any_order_between_them_fits_while_each_keeps_its_own(one, other, chance):
    left, right, whole = list(one), list(other), []
    while left or right:
        take = left if left and (not right or chance.random() < 0.5) else right
        whole.append(take.pop(0))
    assert departure(whole, one, other) is None


@pytest.mark.parametrize(
    ("whole", "one", "other", "position"),
    [
        ("ab", "b", "a", None),
        ("ba", "ab", "", 0),
        ("xab", "xb", "b", 1),
        ("ab", "ab", "c", 2),
        ("abc", "ab", "", 2),
        ("", "", "", None),
    ],
)
def test_the_first_item_that_does_not_fit_is_named(whole, one, other, position):
    assert departure(*([letter.encode() for letter in word] for word in (whole, one, other))) == position


def test_long_runs_of_equal_lines_take_no_more_than_a_moment():
    assert departure([b"."] * 40_000, [b"."] * 20_000, [b"."] * 20_000) is None
