from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.errors import UsageError
from kleio.launcher.registration.grid import expand, values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1,0.01", ["0.1", "0.01"]),
        ("1..3", ["1", "2", "3"]),
        ("-1..1", ["-1", "0", "1"]),
        ("3..1", ["3", "2", "1"]),
        ("0..100..25", ["0", "25", "50", "75", "100"]),
        ("0..10..4", ["0", "4", "8"]),
        ("10..0..5", ["10", "5", "0"]),
        ("1..3,7", ["1", "2", "3", "7"]),
        ("1,1,2", ["1", "2"]),
        ("[64,64],[128,128]", ["[64,64]", "[128,128]"]),
        ("[64,64]", ["[64,64]"]),
        ('"a,b",c', ['"a,b"', "c"]),
        ("{'x': 1, 'y': 2}", ["{'x': 1, 'y': 2}"]),
        (r"a\,b", ["a,b"]),
        (r"a\,b,c", ["a,b", "c"]),
        ("../data", ["../data"]),
        ("a..b", ["a..b"]),
        ("0.1..0.5", ["0.1..0.5"]),
        ("", [""]),
        ("a,", ["a", ""]),
        ("),(", [")", "("]),
    ],
)
def test_values_that_a_text_lists(text: str, expected: list[str]) -> None:
    assert values(text) == expected


def test_last_option_varies_fastest_and_positions_stay() -> None:
    assert expand(["python", "a,b.py", "--lr", "1,2", "in,put", "--seed=1..2", "-x"]) == [
        ("python", "a,b.py", "--lr", lr, "in,put", f"--seed={seed}", "-x") for lr in "12" for seed in "12"
    ]


def test_negative_number_is_a_value_and_no_option() -> None:
    assert expand(["x", "--a", "-1,-2"]) == [("x", "--a", "-1"), ("x", "--a", "-2")]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["python", "train.py", "--lr", "1"], "nothing varies"),
        (["echo", "1,2"], "nothing varies"),
        (["x", "--a", "1..5..0"], "never gets anywhere"),
        (["x", "--a", "1..99999999999"], "more than 10000 values"),
        (["x", "--a", "1..200", "--b", "1..200"], "that would be 40000 trials"),
    ],
)
def test_what_makes_no_grid_is_refused(words: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        expand(words)


def test_sample_is_drawn_without_repetition_and_again_by_its_seed() -> None:
    words = ["x", "--a", "1..2000", "--b", "1..2000", "--c", "1..2000"]
    drawn = expand(words, sample=50, seed=1)
    assert len(set(drawn)) == 50
    assert drawn == expand(words, sample=50, seed=1)
    assert drawn != expand(words, sample=50, seed=2)
    assert len(expand(["x", "--a", "1..3"], sample=50)) == 3


@given(st.text(max_size=30))
def test_any_text_lists_something(text: str) -> None:
    try:
        found = values(text)
    except UsageError:
        return
    assert found
    assert len(set(found)) == len(found)
    if "," not in text and ".." not in text:
        assert found == [text]
