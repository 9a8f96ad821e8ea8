from __future__ import annotations

from kleio.cli.drawing.fonts import with_fallbacks


def test_fonts_that_are_there_come_behind_the_usual_ones() -> None:
    there = {"Symbola", "Noto Sans CJK JP", "Comic Sans"}
    assert with_fallbacks(["sans-serif"], there) == ["sans-serif", "Noto Sans CJK JP", "Symbola"]
    assert with_fallbacks(["Symbola"], there) == ["Symbola", "Noto Sans CJK JP"]
