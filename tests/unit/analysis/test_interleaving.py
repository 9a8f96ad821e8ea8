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


@given(
    st.lists(st.tuples(st.booleans(), st.text("ab", min_size=1, max_size=3), st.booleans()), max_size=12),
)
def test_lines_that_cut_into_lines_of_the_other_fit(writes):
    """Each write goes to one of the streams; one of them may be in the middle of a line meanwhile."""
    streams, whole = [b"", b""], b""
    for to_other, text, ends in [*writes, (False, "", True)]:
        data = text.encode() + b"\n" * (ends or to_other)
        streams[to_other] += data
        whole += data
    one, other = (stream.split(b"\n")[:-1] for stream in streams)
    lines = whole.split(b"\n")[:-1]
    assert departure(lines, one, other) is None
    assert departure(lines, other, one) is None


@pytest.mark.parametrize(
    ("whole", "one", "other", "position"),
    [
        ("epoch 0 ...warning|second| done", "epoch 0 ... done", "warning|second", None),
        ("epoch 0 ...warning|second| done", "epoch 0 ... done", "warning", 1),
        ("epoch 0 ...warning| done", "epoch 0 ... gone", "warning", 1),
        ("epoch 0 ...warning", "epoch 0 ... done", "warning", 1),
        (" 10%step 1| 20%step 2", " 10% 20%", "step 1|step 2", 2),
    ],
)
def test_a_cut_line_must_go_on(whole, one, other, position):
    assert departure(*(part.encode().split(b"|") for part in (whole, one, other))) == position


def test_long_runs_of_equal_lines_take_no_more_than_a_moment():
    assert departure([b"."] * 40_000, [b"."] * 20_000, [b"."] * 20_000) is None
