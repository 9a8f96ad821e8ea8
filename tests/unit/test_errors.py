"""The tree of errors: exit codes as documented, the docstring as the default message, the drawing true."""

from __future__ import annotations

import re

import pytest

from kleio import errors
from kleio.errors import FilterError, KleioError


def tree(base: type[KleioError]) -> list[type[KleioError]]:
    return [base] + [found for child in base.__subclasses__() for found in tree(child)]


CLASSES = [found for found in tree(KleioError) if found.__module__ == errors.__name__]


def test_drawing_in_the_docstring_shows_every_class_and_its_exit_code() -> None:
    drawn, codes = re.findall(r"([A-Z]\w+) *(\d+)?", (errors.__doc__ or "").split("An error says")[0]), {}
    for name, code in drawn:
        if hasattr(errors, name):
            codes[name] = code
    assert set(codes) == {found.__name__ for found in CLASSES}
    for found in CLASSES:
        if codes[found.__name__]:
            assert int(codes[found.__name__]) == found.exit_code


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_docstring_is_the_default_message(error: type[KleioError]) -> None:
    assert error().message == error.__doc__
    assert str(error("x")) == "x"
    assert error("x", hint="y").args == ("x",)
    assert error("x", hint="y").hint == "y"


def test_a_filter_error_tells_its_hint_where_nobody_prints_it() -> None:
    assert str(FilterError("no", hint="yes")) == "no\nhint: yes"
    assert str(FilterError("no")) == "no"
