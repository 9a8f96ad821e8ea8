from __future__ import annotations

import sys

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def test_it_needs_a_terminal(kleio: Any) -> None:
    said = kleio("top")
    assert (said.code, said.err.splitlines()[0]) == (2, "kleio: kleio top needs a terminal")


def test_a_terminal_that_cannot_draw_is_refused(kleio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "dumb")
    said = kleio("top", terminal=True)
    assert said.code == 2
    assert said.err.splitlines() == [
        "kleio: kleio top needs a terminal that can draw, and TERM is dumb",
        "kleio: hint: for a list: kleio ls --status running",
    ]


def test_without_textual_it_says_how_to_get_it(kleio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setitem(sys.modules, "textual", None)
    for name in [name for name in sys.modules if name.startswith("textual.") or name == "kleio.cli.overview.screen"]:
        monkeypatch.delitem(sys.modules, name)
    said = kleio("top", terminal=True)
    assert said.code == 125
    assert said.err.splitlines() == [
        "kleio: kleio top needs textual, which is not installed",
        "kleio: hint: install it with: pip install 'kleio[top]'",
    ]
