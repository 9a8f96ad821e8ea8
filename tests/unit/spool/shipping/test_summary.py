from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.spool.records.reader import Gap, Record
from kleio.spool.records.values import normalise
from kleio.spool.shipping.summary import (
    MOST_NAMES,
    MOST_REASONS,
    add,
    add_gap,
    add_record,
    empty,
    losses_text,
    merged,
    together,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def summed(bodies: list[Any], stream: str = "statistics") -> dict[str, Any]:
    summary = empty()
    for n, body in enumerate(bodies):
        add_record(summary, Record(n, stream, 0.0, body, n, n + 1))
    return together([summary]) if stream == "statistics" else summary


def entry(*bodies: Any) -> dict[str, Any]:
    return dict(summed([*bodies])["statistics"]["a"])


def test_numbers_have_first_last_least_and_greatest() -> None:
    summary = summed([{"loss": 3}, {"loss": 0.5}, {"loss": 9}, {"loss": 2}, {"other": 1}])
    assert summary["statistics"]["loss"] == {"count": 4, "first": 3, "last": 2, "min": 0.5, "max": 9}


def test_text_and_truth_values_are_first_and_last_and_the_rest_is_counted() -> None:
    assert entry({"a": None}, {"a": "x"}, {"a": [1]}, {"a": True}, {"a": "y" * 201}) == {
        "count": 5, "first": "x", "last": True,
    }  # fmt: skip
    assert entry({"a": [1]}, {"a": {"b": 2}}) == {"count": 2}


def test_not_a_number_is_least_and_greatest_only_where_there_is_nothing_else() -> None:
    nan, inf = {"a": {"$float": "nan"}}, {"a": {"$float": "inf"}}
    found = entry(nan, {"a": 1.0}, inf, nan)
    assert (math.isnan(found["first"]), math.isnan(found["last"])) == (True, True)
    assert (found["min"], found["max"]) == (1.0, math.inf)
    assert all(math.isnan(entry(nan, nan)[name]) for name in ("first", "last", "min", "max"))


def test_an_integer_of_more_than_64_bits_counts_as_its_float() -> None:
    big = normalise(2**70)
    assert entry({"a": 1}, {"a": big}) == {"count": 2, "first": 1, "last": 2.0**70, "min": 1, "max": 2.0**70}
    assert entry({"a": 2**70}) == entry({"a": big})
    assert entry({"a": 2**64 - 1})["last"] == 2**64 - 1
    assert entry({"a": normalise(-(2**70))})["first"] == -(2.0**70)
    for odd in (normalise(10**400), 10**400, {"$int": 5}, {"$int": "x"}, {"$float": None}):
        assert entry({"a": odd}) == {"count": 1}


def test_values_of_processes_side_by_side_are_told_by_the_time() -> None:
    def writer(*entries: tuple[float, float]) -> dict[str, Any]:
        found = empty()
        for time, value in entries:
            add(found, "statistics", {"loss": value}, time)
        return found

    ranks = [writer((2.0, 5.0), (9.0, 1.0)), writer((1.0, 7.0), (3.0, 2.0)), writer()]
    whole = {"count": 4, "first": 7.0, "last": 1.0, "min": 1.0, "max": 7.0}
    for order in (ranks, ranks[::-1]):
        assert together(order)["statistics"]["loss"] == whole


def test_artifacts_and_losses_are_counted() -> None:
    assert summed([{}, {}], "artifacts")["artifacts"] == 2
    summary = summed([{"records": 4, "bytes": 9}], "lost")
    add_gap(summary, Gap(3, 5, 0, 10, "damaged"))
    assert summary["lost"] == 7
    assert losses_text(summary) == "7 records lost: damaged (3)"


def test_losses_say_why_and_are_added_up() -> None:
    assert losses_text({}) == ""
    assert losses_text({"lost": 1}) == "1 record lost"
    full, long = (
        summed([{"records": n, "bytes": 9, "why": why}], "lost")
        for n, why in ((30, "No space left on device"), (7, "damaged"))
    )
    assert losses_text(full) == "30 records lost: no space left on device"
    assert losses_text(together([full, long])) == "37 records lost: no space left on device (30), damaged (7)"
    assert losses_text(merged(full, full)) == "60 records lost: no space left on device"
    assert losses_text(merged({"lost": 2}, long)) == "9 records lost: damaged (7)"


def test_the_number_of_reasons_is_bounded_and_all_losses_are_counted() -> None:
    summary = summed([{"records": 1, "why": f"reason {n}"} for n in range(50)], "lost")
    assert (summary["lost"], len(summary["losses"])) == (50, MOST_REASONS)
    assert merged(summary, summed([{"records": 1, "why": "another"}], "lost"))["lost"] == 51


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


def test_names_that_are_left_out_are_told_of() -> None:
    full = summed([{f"n{n}": 1} for n in range(MOST_NAMES)])
    one = summed([{"one": 1}])
    assert "more_names" not in merged(full, summed([{"n0": 2}]))
    assert "more_names" not in together([full, full])
    long = summed([{"x" * 201: 1}])
    for found in (
        long,
        merged(one, long),
        merged(long, one),
        together([one, long]),
        merged(full, one),
        together([full, one]),
    ):
        assert found["more_names"] is True


def test_a_reason_says_how_many_it_is_of() -> None:
    assert losses_text({"lost": 9, "losses": {"No space": 5}}) == "9 records lost: no space (5)"
