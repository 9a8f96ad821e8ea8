from __future__ import annotations

import pytest

from harness.recorded import Pipe, Terminal
from kleio.cli.drawing.size import size_for
from kleio.cli.terminal.console import Console


@pytest.mark.parametrize(
    ("columns", "asked", "width"), [("", None, 80), ("50", None, 50), ("999", None, 160), ("50", 70, 70)]
)
def test_the_width_is_that_of_the_terminal_unless_asked_otherwise(columns: str, asked: int | None, width: int) -> None:
    assert size_for(Console(Pipe(), Pipe(), environ={"COLUMNS": columns}), asked)[0] == width


def test_the_height_is_usual_in_a_pipe_and_at_most_what_the_terminal_has() -> None:
    assert size_for(Console(Pipe(), Pipe(), environ={}))[1] == 20
    assert size_for(Console(Pipe(), Pipe(), environ={}), None, 99)[1] == 99
    assert 8 <= size_for(Console(Terminal(), Pipe(), environ={"COLUMNS": "80"}))[1] <= 40
