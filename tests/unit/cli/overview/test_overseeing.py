from __future__ import annotations

import pytest
from textual.theme import BUILTIN_THEMES

from kleio.cli.overview.overseeing import LIGHT, is_light


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, False), ({"COLORFGBG": "15;0"}, False), ({"COLORFGBG": "0;15"}, True),
        ({"COLORFGBG": "0;default;7"}, True), ({"COLORFGBG": "7;8"}, False), ({"COLORFGBG": "0;default"}, False),
        ({"COLORFGBG": "0;15", "TEXTUAL_THEME": "nord"}, False),
    ],
)  # fmt: skip
def test_a_terminal_that_says_so_is_light(environ: dict[str, str], expected: bool) -> None:
    assert is_light(environ) == expected


def test_the_light_theme_is_there_and_light() -> None:
    assert not BUILTIN_THEMES[LIGHT].dark
