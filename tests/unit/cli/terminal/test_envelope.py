from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.cli.terminal.envelope import BLOCK, gathered, pieces, plain, whole
from kleio.encoding import Written

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=4), st.sampled_from([None, 1, 2]))
def test_rows_one_by_one_read_as_the_whole_does(rows: list[object], indent: int | None) -> None:
    text = "".join(pieces("ls", rows, indent))
    assert text == whole("ls", [plain(row) for row in rows], indent) + "\n"


@pytest.mark.parametrize("indent", [None, 2])
def test_what_knows_its_text_is_written_as_it_is(indent: int | None) -> None:
    content = {"loss": {"last": 0.5}}
    text = '{"loss":{"last":0.5}}'
    rows = [
        {"id": "a", "statistics": Written(content, text), "n": float("nan")},
        {"other": Written(content, text), "statistics": Written({}, "{}"), "id": "\x7f"},
        {"statistics": Written(content, text)},
        Written(content, text),
    ]
    found = "".join(pieces("ls", rows, indent))
    assert json.loads(found)["data"] == plain(rows)
    assert (text in found) == (indent is None)
    assert found.endswith("\n")
    assert found[:-1].isascii()
    assert "\x7f" not in found


def test_a_row_is_made_when_it_is_asked_for() -> None:
    made = []

    def rows() -> object:
        for number in range(3):
            made.append(number)
            yield number

    first, *_ = (text for text in pieces("ls", rows()) if made == [0])
    assert first.endswith("[0")


@pytest.mark.parametrize("indent", [None, 2])
def test_none_at_all_are_an_empty_list(indent: int | None) -> None:
    assert json.loads("".join(pieces("ls", [], indent)))["data"] == []


def test_integers_that_python_does_not_write_in_decimal_are_hexadecimal_text() -> None:
    huge = -(10**5000)
    assert json.loads(whole("stats", [{"n": huge, huge: 1}]))["data"] == [{"n": hex(huge), hex(huge): 1}]
    assert json.loads("".join(pieces("stats", [{"n": huge}, 10**40])))["data"] == [{"n": hex(huge)}, 10**40]


def test_small_rows_are_gathered_and_large_ones_not_held_back() -> None:
    assert list(gathered(["ab"] * 3)) == ["ababab"]
    large = "x" * BLOCK
    assert list(gathered(["a", large, large, "b"])) == ["a" + large, large, "b"]
    assert list(gathered([])) == []
