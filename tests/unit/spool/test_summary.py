from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.spool.reader import Gap, Record
from kleio.spool.summary import MOST_NAMES, add_gap, add_record, empty, merged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def summed(bodies: list[Any], stream: str = "statistics") -> dict[str, Any]:
    summary = empty()
    for n, body in enumerate(bodies):
        add_record(summary, Record(n, stream, 0.0, 0.0, body, n, n + 1))
    return summary


def test_numbers_have_first_last_least_and_greatest() -> None:
    summary = summed([{"loss": 3}, {"loss": 0.5}, {"loss": 9}, {"loss": 2}, {"other": 1}])
    assert summary["statistics"]["loss"] == {"count": 4, "first": 3, "last": 2, "min": 0.5, "max": 9}


def test_what_is_no_number_is_counted() -> None:
    assert summed([{"a": "x"}, {"a": None}, {"a": True}])["statistics"] == {"a": {"count": 3}}


def test_not_a_number_is_first_or_last_but_neither_least_nor_greatest() -> None:
    entry = summed([{"a": {"$float": "nan"}}, {"a": 1.0}, {"a": {"$float": "inf"}}])["statistics"]["a"]
    assert math.isnan(entry["first"])
    assert (entry["last"], entry["min"], entry["max"]) == (math.inf, 1.0, math.inf)


def test_artifacts_and_losses_are_counted() -> None:
    assert summed([{}, {}], "artifacts")["artifacts"] == 2
    summary = summed([{"records": 4, "bytes": 9}], "lost")
    add_gap(summary, Gap(3, 5, 0, 10, "damaged"))
    assert summary["lost"] == 7


@pytest.mark.parametrize("body", [None, 5, [], "x"])
@pytest.mark.parametrize("stream", ["statistics", "lost", "unknown"])
def test_a_strange_record_changes_nothing(stream: str, body: Any) -> None:
    assert summed([body], stream) == empty()


def test_the_number_of_names_is_bounded() -> None:
    many = summed([{f"n{n}": 1} for n in range(MOST_NAMES + 50)])
    assert len(many["statistics"]) == MOST_NAMES
    more = summed([{f"m{n}": 1} for n in range(50)])
    assert len(merged(many, more)["statistics"]) == MOST_NAMES


numbers = st.lists(st.dictionaries(st.sampled_from("abc"), st.integers() | st.text(max_size=1)), max_size=12)


@given(earlier=numbers, later=numbers)
def test_merged_parts_equal_the_whole(earlier: list[Any], later: list[Any]) -> None:
    assert merged(summed(earlier), summed(later)) == summed(earlier + later)


def test_output_adds_up() -> None:
    first, second = {**empty(), "output": {"stdout": 3}}, {**empty(), "output": {"stdout": 4, "stderr": 1}}
    assert merged(first, second)["output"] == {"stdout": 7, "stderr": 1}


def test_an_empty_document_counts_as_nothing() -> None:
    assert merged({}, summed([{"a": 1}])) == summed([{"a": 1}])
