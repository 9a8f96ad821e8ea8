from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.spool.records import jsonline
from kleio.spool.records.jsonline import encode

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_the_interpreters_own_encoder_serves() -> None:
    assert encode.__qualname__.startswith("_interpreters")


@given(value=plain)
@pytest.mark.parametrize("encoder", [encode, jsonline._public()])
def test_plain_values_become_one_line_that_reads_back_equal(encoder: object, value: object) -> None:
    text = encoder(value)  # type: ignore[operator]
    assert text.isascii()
    assert "\n" not in text
    assert json.loads(text) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}, b"x"])
@pytest.mark.parametrize("encoder", [encode, jsonline._public()])
def test_what_is_not_json_is_refused(encoder: object, value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        encoder(value)  # type: ignore[operator]
