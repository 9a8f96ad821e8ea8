from __future__ import annotations

from kleio.cli.drawing.canvas import Canvas


def shown(canvas: Canvas) -> list[str]:
    return list(canvas.lines(lambda text, curve: text))


def test_a_character_holds_eight_dots() -> None:
    canvas = Canvas(1, 1)
    for x in (0, 1):
        canvas.draw(iter([(x, 0.0), (x, 1.0)]), 0)
    assert shown(canvas) == ["⣿"]


def test_a_gap_parts_a_line() -> None:
    canvas = Canvas(5, 1, "*")
    canvas.draw(iter([(0.0, 0.5), (0.25, 0.5), None, (1.0, 0.5)]), 0)
    assert shown(canvas) == ["**  *"]


def test_the_later_curve_lies_above_and_each_is_painted_once_a_stretch() -> None:
    canvas = Canvas(4, 1, "ab")
    canvas.draw(iter([(0.0, 0.0), (1.0, 0.0)]), 0)
    canvas.draw(iter([(0.6, 0.0), (1.0, 0.0)]), 1)
    assert list(canvas.lines(lambda text, curve: f"<{curve}{text}>")) == ["<0aa><1bb>"]


def test_points_outside_are_drawn_at_the_edge() -> None:
    canvas = Canvas(2, 2, "*")
    canvas.draw(iter([(-5.0, 9.0)]), 0)
    assert shown(canvas) == ["*", ""]
