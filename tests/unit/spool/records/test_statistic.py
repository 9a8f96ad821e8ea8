from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from kleio.spool.records.statistic import MOST_NAMES, dumps
from kleio.spool.records.statistic import _quoted as remembered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@given(st.dictionaries(st.text(), st.integers() | st.floats(allow_nan=False, allow_infinity=False), max_size=8))
def test_numbers_come_back_equal_and_of_their_types(numbers: dict[str, Any]) -> None:
    found = json.loads(dumps(numbers))
    assert found == numbers
    assert list(map(type, found.values())) == list(map(type, numbers.values()))


def test_a_name_of_two_halves_does_not_become_a_whole_character() -> None:
    for value in (1, True):
        assert list(json.loads(dumps({"\ud83d\ude00": value}))) == [r"'\ud83d\ude00'"]


def test_no_more_names_are_remembered_than_a_script_can_have() -> None:
    for number in range(3 * MOST_NAMES):
        assert json.loads(dumps({f"name {number}": number})) == {f"name {number}": number}
    assert len(remembered) <= MOST_NAMES
