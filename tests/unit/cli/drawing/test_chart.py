from __future__ import annotations

from array import array

import pytest

from harness.recorded import Pipe, Terminal
from kleio.analysis.curves import Curve
from kleio.cli.drawing.chart import Chart
from kleio.cli.terminal.console import Console
from kleio.cli.terminal.fitting import columns_of


def curve(*heights: float) -> Curve:
    return Curve(array("d", range(len(heights))), array("d", heights), "epoch", "loss")


def drawn(
    *curves: tuple[str, Curve], width: int = 30, height: int = 10, unicode: bool = True, **how: bool
) -> list[str]:
    chart = Chart(curves, "epoch", "loss", **how)
    return list(chart.lines(Console(Pipe(), Pipe(), environ={}), width, height, unicode=unicode))


def test_one_curve_is_drawn_in_fine_dots() -> None:
    assert drawn(("", curve(0, 1, 2, 3, 4))) == [
        "loss",
        "4 ┤                       ⣀⠤⠒⠉",
        "  │                  ⣀⡠⠤⠒⠉",
        "2 ┤            ⢀⣀⠤⠔⠒⠉",
        "  │        ⢀⡠⠔⠊⠁",
        "  │    ⣀⠤⠒⠊⠁",
        "0 ┤⣀⠤⠒⠉",
        "  └┬────────────┬────────────┬",
        "   0            2            4",
        "                         epoch",
    ]


def test_one_curve_is_legible_on_any_ground_and_several_have_colours() -> None:
    console = Console(Terminal(), Pipe(), environ={"TERM": "xterm"})
    one = list(Chart([("", curve(0, 1))], "epoch", "loss").lines(console, 30, 10))
    assert not any("\x1b[3" in line for line in one)
    two = "".join(Chart([("a", curve(0, 1)), ("b", curve(1, 0))], "epoch", "loss").lines(console, 30, 10))
    assert "\x1b[35m" in two
    assert "\x1b[32m" in two
    assert two.count("•") == two.count("×") == 2, "at the end of the curve, and in the legend"


def test_without_colours_each_curve_has_its_sign() -> None:
    lines = drawn(("a", curve(0, 1)), ("b", curve(1, 0)), unicode=False)
    assert lines[-2:] == ["  * a", "  x b"]
    text = "\n".join(lines)
    assert text.isascii()
    assert {"*", "x"} <= set(text)


@pytest.mark.parametrize("width", [20, 40, 200])
@pytest.mark.parametrize("height", [8, 40])
def test_nothing_is_wider_than_asked_for(width: int, height: int) -> None:
    heights = [1e-9, 12345.678, -3.0, float("nan"), float("inf"), 5.0]
    lines = drawn(("lr=0.1 " * 20, curve(*heights)), ("b", curve()), width=width, height=height)
    assert all(columns_of(line) <= max(width, 26) for line in lines)
    assert lines[-1] == "  × b (no points)"


def test_that_there_are_no_points_is_said_beside_a_long_label_too() -> None:
    assert drawn(("a", curve(1)), ("lr=0.1 " * 9, curve()), width=40)[-1] == "  × lr=0.1 lr=0.1 lr=0.1 l… (no points)"


def test_what_a_logarithm_cannot_show_is_a_gap() -> None:
    lines = drawn(("", curve(1, 0, -1, 100)), log_y=True)
    assert lines[1].startswith("100 ┤")
    assert any(line.startswith("  1 ┤") for line in lines)


def test_stored_names_are_spelled_out() -> None:
    shown = drawn(("a\x1b[2J", curve(1)), ("b", curve(2)))
    assert "  • a\\e[2J" in shown
