"""Regular expressions mean what Python means by them, as far as they are taken, and cannot hang."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kleio.trial.pattern import Pattern, PatternError, compiled

ATOMS = st.sampled_from(["a", "b", ".", r"\d", r"\W", "[ab]", "[^a]", r"[\d-]", "[]a]", r"\.", r"\x61", "é", " "])
EDGES = st.sampled_from(["^", r"\A", r"\Z", ""])
PIECES = st.recursive(
    ATOMS | EDGES,
    lambda inner: (
        st.lists(inner, max_size=3).map("".join)
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"({'|'.join(parts)})")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "*?", "{2}", "{1,2}", "{,2}", "{2,}", "{,}", "{}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300)
@given(text=PIECES, flags=st.sampled_from(["", "(?i)", "(?s)", "(?is)"]), subject=st.text("abAB1.é -\n", max_size=8))
def test_a_pattern_fits_where_python_says_it_fits(text: str, flags: str, subject: str) -> None:
    expected = re.search(flags + text, subject) is not None
    assert Pattern(flags + text).search(subject) == expected


@settings(max_examples=1_000)
@given(
    text=st.text("ab()[]{}|*+?\\^$.,12=!<:P-٣", max_size=12),
    subject=st.text("ab{},12٣()^$", max_size=6),
)
@example(text="a{,}", subject="aa")
@example(text="^a{,}$", subject="a{,}")
@example(text="a{}", subject="a")
@example(text="a{}*", subject="a{")
@example(text="{}", subject="")
@example(text="a{٣}", subject="aaa")
def test_any_text_means_what_it_means_to_python_or_is_refused(text: str, subject: str) -> None:
    try:
        pattern = Pattern(text)
    except PatternError as error:
        assert str(error)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            assert pattern.search(subject) == (re.search(text, subject) is not None)


@pytest.mark.parametrize("bomb", ["(a+)+$", "(a|a)*b", "(a|aa)+$", "a*a*a*a*a*a*b", "(.*)*x", "(a{0,30}){0,30}b"])
def test_a_pattern_that_keeps_others_busy_for_years_is_answered_at_once(bomb: str) -> None:
    assert not compiled(bomb).search("a" * 2_000 + "!")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(?=a)", "looking around"), ("(?<!a)b", "looking around"), (r"(a)\1", "back references"),
        (r"\bword", "looks around"), ("(a", "never closed"), ("a)", "never opened"), ("[a", "never closed"),
        ("*a", "repeats nothing"), ("^*", "repeats nothing"), ("{,}a", "repeats nothing"),
        ("a**", "repeated"), ("a{5,2}", "no number"), ("a{9999}", "repetitions than 1,000"),
        ("[z-a]", "bad character range"),
        ("(" * 60 + ")" * 60, "nested"), ("a" * 1_001, "longer"), ("(a{900}){900}", "too large"),
        ("a\\", "back references"),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(PatternError, match=message):
        Pattern(text)
