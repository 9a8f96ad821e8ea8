"""Canonical JSON: one value, one text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.encoding import canonical, digest, digest_of, json_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TEXT = st.text(st.characters(exclude_categories=()))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


@given(value=VALUES)
def test_reads_back_equal_and_is_plain_ascii(value: Any) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert text.isascii()
    assert b"\n" not in text


@given(value=st.dictionaries(TEXT, VALUES))
def test_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"x": {1}}, b"bytes"])
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        canonical(value)


def test_digests_are_pinned_for_ever() -> None:
    assert canonical({"b": [1, 0.1], "a": "é\udcff"}) == b'{"a":"\\u00e9\\udcff","b":[1,0.1]}'
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest_of({}) == digest(b"{}")


def test_json_for_people_bears_names_that_json_cannot_hold() -> None:
    assert json_text({"b": 1, "a": [(2,)]}, str) == '{"b": 1, "a": [[2]]}'
    assert json_text({"b": 1, "a": 2}, str, sort_keys=True) == '{"a": 2, "b": 1}'
    assert json_text([{(1, 2): {b"x": b"y"}, None: 4, 1.5: "é"}], repr) == (
        """[{"null": 4, "1.5": "é", "(1, 2)": {"b'x'": "b'y'"}}]"""
    )
    mixed = [{"a": 1, 2: 3, (4,): 5}, {(4,): 5, 2: 3, "a": 1}]
    assert len({json_text(each, str, sort_keys=True) for each in mixed}) == 1


def test_integers_that_python_does_not_write_in_decimal_are_hexadecimal_for_people() -> None:
    huge = 10**5000
    assert json_text({huge: [huge, (huge,)], (1, huge): 5}, repr) == (
        f'{{"{huge:#x}": ["{huge:#x}", ["{huge:#x}"]], "(1, {huge:#x})": 5}}'
    )
    assert json_text(10**40, repr) == "1" + "0" * 40
