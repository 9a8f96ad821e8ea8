from __future__ import annotations

import pytest

from kleio.spool.records.restoration import hides


@pytest.mark.parametrize(
    ("keys", "values", "hidden"),
    [
        ({"epoch": 10}, {"epoch": 11}, True),
        ({"epoch": 10}, {"epoch": 10, "loss": 99}, False),
        ({"epoch": 10}, {"epoch": 10.5}, True),
        ({"epoch": 10}, {"loss": 99}, False),
        ({"epoch": 10}, {"epoch": "11"}, False),
        ({"epoch": 0}, {"epoch": True}, False),
        ({"epoch": 10}, {"epoch": float("nan")}, False),
        ({"epoch": 3, "step": 100}, {"epoch": 3, "step": 101}, True),
        ({"epoch": 3, "step": 100}, {"epoch": 2, "step": 500}, False),
        ({"epoch": 3, "step": 100}, {"epoch": 4, "step": 1}, True),
        ({"epoch": 3, "step": 100}, {"step": 101}, True),
        ({}, {"epoch": 1}, False),
    ],
)
def test_what_lies_beyond_is_hidden(keys: dict[str, float], values: dict[str, object], hidden: bool) -> None:
    assert hides(keys, values) is hidden
