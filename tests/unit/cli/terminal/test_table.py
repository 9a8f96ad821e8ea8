from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.recorded import Pipe
from kleio.cli.terminal.console import Console
from kleio.cli.terminal.fitting import columns_of
from kleio.cli.terminal.table import Column, table
from kleio.trial.quoting import UNPRINTABLE


def console(width: int = 0) -> Console:
    return Console(Pipe(), io.StringIO(), environ={"COLUMNS": str(width)} if width else {})


def test_columns_are_aligned_and_titles_above_them() -> None:
    columns = (Column("name"), Column("n", right=True), Column("last"))
    assert table(console(), columns, [("a", "1", "x"), ("long", "100", "")]) == [
        "name    n  last",
        "a       1  x",
        "long  100",
    ]


def test_wide_and_combining_characters_are_counted_as_shown() -> None:
    assert table(console(), (Column(), Column()), [("日本", "x"), ("abcd", "y")]) == ["日本  x", "abcd  y"]


def test_a_column_that_wraps_gives_way() -> None:
    rows = [("name", "one two three four five", "end")]
    assert table(console(25), (Column(), Column(wrap=True), Column()), rows) == [
        "name  one two three   end",
        "      four five",
    ]


def test_without_a_width_nothing_is_cut() -> None:
    long = "x" * 500
    assert table(console(), (Column(),), [(long,)]) == [long]


@pytest.mark.parametrize("text", ["\x1b]0;t\x07", "a\nb", "\u202e"])
def test_a_cell_cannot_command_the_terminal(text: str) -> None:
    assert not UNPRINTABLE.search("".join(table(console(), (Column("t"),), [(text,)])))


@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=60)), min_size=1, max_size=5), st.integers(30, 80))
def test_a_table_of_anything_fits_its_width(rows: list[tuple[str, str]], width: int) -> None:
    lines = table(console(width), (Column(wrap=True), Column(wrap=True)), rows)
    assert all(columns_of(line) <= width for line in lines)
    assert not UNPRINTABLE.search("".join(lines))
