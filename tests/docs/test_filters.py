"""Every field of the filter language stands in its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from kleio.trial.fields import ALIASES, KEYED, PLAIN

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "filters.rst"


@pytest.mark.parametrize(
    "name", [*PLAIN, *(name for name in ALIASES if name != "tag"), *(f"{root}.NAME" for root in KEYED)]
)
def test_field_is_described(name: str) -> None:
    assert f"\n``{name}`` " in PAGE.read_text()
