"""Words are typed as everybody would read them."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kleio.capture.commandline.scalars import typed


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("1", 1), ("-1", -1), ("+1", 1), ("0", 0), ("0.1", 0.1), (".5", 0.5), ("1.", 1.0), ("1e-3", 1e-3), ("1E5", 1e5),
        ("-1.5e+10", -1.5e10), ("true", True), ("False", False), ("null", None), ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
    ],
)  # fmt: skip
def test_a_number_or_constant_is_typed(word: str, value: object) -> None:
    assert typed(word) == value
    assert type(typed(word)) is type(value)


@pytest.mark.parametrize(
    "word",
    [
        "", " ", "007", "0x10", "1_000", "1,5", "1:30", "yes", "no", "on", "nan", "inf", "-inf", ".inf",
        "1e999", "~", "None",
        "9223372036854775808", "1-2", "2024-01-01", "--1", "+-1", "1e", "e1", "-", "+", ".",
        "1.2.3", "tRuE", "١", "1" * 100,
    ],
)  # fmt: skip
def test_all_else_is_text(word: str) -> None:
    assert typed(word) == word


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_come_back(number: int) -> None:
    assert typed(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_come_back(number: float) -> None:
    value = typed(repr(number))
    assert isinstance(value, (int, float))
    assert math.isclose(value, number, rel_tol=0, abs_tol=0)


@given(st.text(alphabet="0123456789.eE+-truefalsn ", max_size=8))
def test_what_is_typed_is_typed_as_yaml_types_it(word: str) -> None:
    value = typed(word)
    if not isinstance(value, str):
        assert value == yaml.safe_load(word) or float(value or 0) == float(word)
