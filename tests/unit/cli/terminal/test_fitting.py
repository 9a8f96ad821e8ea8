from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kleio.cli.terminal.fitting import columns_of, cut, shares, wrapped


def test_wide_and_combining_characters_take_two_columns_and_none() -> None:
    assert columns_of("日本") == 4
    assert columns_of("e\u0301") == 1
    assert columns_of("ที่") == 1, "a vowel that combines with no accent"


def test_what_does_not_fit_is_cut_with_an_ellipsis() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert cut("日本語", 4) == "日…"
    assert cut("abc", 3) == "abc"


@example("00 \u3000000", 4)  # one column is left, and the next character takes two
@given(st.text(st.characters(categories=["L", "N", "P", "Zs"])), st.integers(4, 40))
def test_wrapping_keeps_every_character_and_the_width(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(columns_of(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_blanks_in_front_are_the_shape_of_a_line_and_stay() -> None:
    assert wrapped("    if a: one two", 12) == ["    if a:", "one two"]


def test_where_there_is_no_room_a_character_a_line_is_left() -> None:
    for width in (1, 0, -3):
        assert wrapped("ab c", width) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("cells", "room", "expected"),
    [
        ([[5, 300, 5], [4, 4, 4]], 400, [300, 6]),
        ([[5, 300, 5], [4, 4, 4]], 80, [32, 6]),
        ([[90, 90, 5], [4, 4, 4]], 80, [74, 6]),
        ([[50, 50, 50], [300, 4, 4], [90, 90, 90]], 120, [50, 32, 38]),
        ([[], [1]], 6, [8, 6]),
        ([[300], [300]], 10, [32, 32]),
    ],
)
def test_few_long_cells_are_cut_before_many(cells: list[list[int]], room: int, expected: list[int]) -> None:
    assert shares(cells, [8, 6, 1][: len(cells)], room) == expected
