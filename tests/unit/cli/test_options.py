from __future__ import annotations

import pytest

from kleio.cli.options import split_tags


@pytest.mark.parametrize(
    ("text", "tags"), [("", ()), ("a", ("a",)), ("a;b", ("a", "b")), (" b ; a;;b", ("b", "a")), ("a b;c", ("a b", "c"))]
)
def test_tags_are_separated_by_semicolons_and_counted_once(text: str, tags: tuple[str, ...]) -> None:
    assert split_tags(text) == tags
