from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.journal.values import plain_body
from kleio.spool.records.jsonline import encode
from kleio.spool.records.reader import Gap, Record
from kleio.spool.records.segments import column, gap_segment, pack, points, records_of, segment_of
from kleio.spool.records.values import normalise, normalise_members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TRIAL = "ab" * 32
names = st.sampled_from(["epoch", "loss", "a.b", "$c", "", "_id", "é"])
logged = st.one_of(
    st.integers(), st.floats(allow_nan=False), st.text(max_size=5), st.booleans(), st.none(), st.lists(st.integers()),
    st.datetimes(), st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)  # fmt: skip


def records(bodies: list[Any], stream: str = "statistics") -> list[Record]:
    return [Record(10 + 2 * n, stream, 1e9 + n / 3, body, n, n + 1) for n, body in enumerate(bodies)]


@given(statistics=st.lists(st.dictionaries(names, logged, max_size=4), min_size=1, max_size=30))
def test_statistics_come_back_equal_and_in_order(statistics: list[dict[str, Any]]) -> None:
    batch = records([normalise_members(values) for values in statistics])
    segment = segment_of(TRIAL, 1, "w", "statistics", batch)
    assert (segment.first, segment.last) == (10, 10 + 2 * (len(batch) - 1))
    found = points(plain_body(segment))
    assert [point.values for point in found] == statistics
    assert [point.sequence for point in found] == [record.sequence for record in batch]
    assert [point.time for point in found] == [record.wall for record in batch]


@given(bodies=st.lists(st.dictionaries(st.text(), logged, min_size=2), min_size=1, max_size=10))
def test_records_of_other_streams_come_back_equal(bodies: list[dict[str, Any]]) -> None:
    segment = segment_of(TRIAL, 1, "w", "artifacts", records([normalise(body) for body in bodies], "artifacts"))
    plain_body(segment)
    assert records_of(segment) == bodies


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2, 3], "range"), ([5], "range"), ([7, 7, 7], "range"), ([9, 6, 3], "range"), ([1, 2, 4], "i1"),
        ([1, 2, 400], "i2"), ([0, 1, 1 << 20], "i4"), ([-1, 5, 1 << 40], "i8"), ([0, 1, 1 << 63], "json"),
        ([0.5, 1.0], "f8"), ([0.5, {"$float": "nan"}], "f8"), ([0.5, 1], "json"), ([True, False], "json"),
        (["a", "b"], "json"), ([{"$float": "nan"}], "f8"), ([0.5, {"$int": "1"}], "json"), ([-0.0, 0.0], "f8"),
    ],
)  # fmt: skip
def test_a_column_takes_the_smallest_form_that_keeps_its_values(values: list[Any], kind: str) -> None:
    packed = pack(values)
    assert packed["type"] == kind
    restored = list(column(packed))
    for before, after in zip(values, restored, strict=True):
        if isinstance(before, dict):
            assert math.isnan(after) or after == 1
        else:
            assert (after, type(after)) == (before, type(before))


def test_packed_columns_are_little_endian() -> None:
    assert pack([1, 2, 400])["data"] == b"\x01\x00\x02\x00\x90\x01"
    assert pack([1.5])["data"] == b"\x00\x00\x00\x00\x00\x00\xf8\x3f"


def test_a_thousand_points_of_two_numbers_take_25_bytes_each_at_most() -> None:
    batch = records([{"step": n, "loss": 1 / (n + 1)} for n in range(1000)])
    (group,) = segment_of(TRIAL, 1, "w", "statistics", batch).body["groups"]
    size = sum(len(each.get("data", b"")) + len(encode(list(each))) for each in [*group["columns"], group["time"]])
    assert size / 1000 <= 25


def test_a_gap_is_a_segment_named_by_its_place() -> None:
    segment = gap_segment(TRIAL, 2, "w", Gap(3, 5, 100, 250, "damaged"))
    assert (segment.stream, segment.first, segment.last) == ("gaps", 100, 249)
    assert segment.body == {"format": 1, "first": 3, "last": 5, "bytes": 150, "reason": "damaged"}


def test_a_gap_without_bytes_is_a_valid_segment() -> None:
    segment = gap_segment(TRIAL, 2, "w", Gap(3, 5, 100, 100, "missing"))
    assert (segment.first, segment.last) == (100, 100)
