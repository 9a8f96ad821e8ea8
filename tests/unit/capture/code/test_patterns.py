"""Patterns fit names, paths, and for exclusion whole directories."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.capture.code.patterns import Patterns, fits


@pytest.mark.parametrize(
    ("pattern", "path", "matches", "covers"),
    [
        ("*.py", "a.py", True, True),
        ("*.py", "x/y/a.py", True, True),
        ("*.py", "a.pyc", False, False),
        ("*.py", "dir.py/a.txt", False, True),
        ("*.PY", "a.py", False, False),
        ("train.py", "x/train.py", True, True),
        ("x/*.py", "x/a.py", True, True),
        ("x/*.py", "y/a.py", False, False),
        ("x", "x/y/a.py", False, True),
        ("x/", "x/y/a.py", False, True),
        ("[ab].py", "b.py", True, True),
        ("?.py", "ab.py", False, False),
        ("*", "anything", True, True),
        ("", "a", False, False),
    ],
)
def test_a_pattern_fits(pattern: str, path: str, matches: bool, covers: bool) -> None:
    patterns = Patterns((pattern,))
    assert (patterns.match(path), patterns.covers(path)) == (matches, covers)


def test_no_patterns_fit_nothing() -> None:
    assert not Patterns(())
    assert not Patterns(()).match("a")
    assert not Patterns(()).covers("a")


@given(st.text("aB_*?[]!\n", max_size=5), st.text("aB_*?[]!\n", max_size=5))
def test_the_quick_ways_mean_what_shell_patterns_mean(text: str, pattern: str) -> None:
    assert fits(text, pattern) == fnmatchcase(text, pattern)
    assert fits(text + pattern, pattern) == fnmatchcase(text + pattern, pattern)
    assert fits(pattern + text, pattern) == fnmatchcase(pattern + text, pattern)
