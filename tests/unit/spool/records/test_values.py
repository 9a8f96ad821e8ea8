from __future__ import annotations

import datetime
import decimal
import json
import math
import pathlib
import warnings

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.spool.complaint import KleioWarning
from kleio.spool.records.statistic import dumps
from kleio.spool.records.values import DEEPEST, TooLarge, normalise, normalise_members, restore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

NAIVE = datetime.datetime.fromisoformat("2020-01-01")
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.text(st.characters()),
    st.binary(),
    st.datetimes(timezones=st.none() | st.just(datetime.timezone.utc)),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.complex_numbers(allow_nan=False),
    st.decimals(allow_nan=False),
)
keys = st.one_of(st.text(), st.sampled_from(["$float", "$map", "$", "a.b", ""]), st.integers(), st.none(), st.dates())
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=5), max_leaves=20
)


def there_and_back(value: Any) -> Any:
    text = dumps({"value": value})
    assert text.isascii()
    assert "\n" not in text
    return restore(json.loads(text)["value"])


@given(value=values)
def test_any_value_comes_back_equal_and_of_its_type(value: Any) -> None:
    result = there_and_back(value)
    assert result == value
    assert type(result) is type(value)


@given(names=st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers() | st.text(), max_size=8))
def test_any_name_of_a_statistic_comes_back(names: dict[str, Any]) -> None:
    assert {name: restore(value) for name, value in json.loads(dumps(names)).items()} == names


@pytest.mark.parametrize(
    "value",
    [
        10**30, -(2**63), 2**64, -0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf,
        "\udcff\0é", "\ud83d\ude00", "\U0001f600", "", {"$c": 2}, {"$float": "nan"}, {"$map": []}, {1: 2, "a": [1]},
        {(1, 2): 3}, {None: 1}, [[], {}, [[]]], NAIVE, b"", 1j,
    ],
)  # fmt: skip
def test_a_difficult_value_comes_back_equal(value: Any) -> None:
    result = there_and_back(value)
    assert result == value
    assert repr(result) == repr(value)


def test_an_integer_of_any_size_comes_back() -> None:
    assert there_and_back(-(10**5000)) == -(10**5000)


def test_not_a_number_comes_back() -> None:
    assert math.isnan(there_and_back(math.nan))
    assert math.isnan(there_and_back([{"x": math.nan}])[0]["x"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (numpy.float64(0.1), 0.1), (numpy.float32(0.5), 0.5), (numpy.int8(-3), -3),
        (numpy.uint64(2**64 - 1), 2**64 - 1),
        (numpy.bool_(True), True), (numpy.str_("é"), "é"), (numpy.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (numpy.array(7.5), 7.5), (numpy.zeros((0, 3)), []), (numpy.complex128(1j), 1j),
        (numpy.datetime64("2020-01-01T00:00:00"), NAIVE),
        ((1, (2,)), [1, [2]]), (range(3), [0, 1, 2]), ({3, 1}, [1, 3]), (frozenset(), []), (bytearray(b"x"), b"x"),
        (pathlib.PurePosixPath("/a/b"), "/a/b"), (decimal.Decimal("1.10"), decimal.Decimal("1.10")),
    ],
)  # fmt: skip
def test_a_foreign_value_becomes_a_plain_one(value: Any, expected: Any) -> None:
    result = there_and_back(value)
    assert result == expected
    assert type(result) is type(expected)


def test_an_object_is_kept_as_its_repr_with_one_warning() -> None:
    class Thing:
        def __repr__(self) -> str:
            return "<a thing>"

    with pytest.warns(KleioWarning, match="type Thing in 'value' has no representation") as caught:
        assert there_and_back([Thing(), Thing()]) == ["<a thing>"] * 2
    assert len(caught) == 1
    assert caught[0].filename == __file__


@pytest.mark.parametrize("make", [normalise, normalise_members])
def test_a_warning_names_the_outermost_name_fit_for_a_terminal(make: Callable[[dict[str, Any]], Any]) -> None:
    class Odd:
        pass

    shown = "'\\x1b[2J" + "n" * 92 + "…"
    with pytest.warns(KleioWarning) as caught:
        make({"fine": {"deep": 1}, "\x1b[2J" + "n" * 200: {"inner": [Odd()]}, "other": 1})
    assert [str(one.message) for one in caught] == [
        f"kleio: a value of type Odd in {shown} has no representation and is kept as its repr"
    ]


def test_an_object_whose_methods_fail_is_kept_somehow() -> None:
    class Hostile:
        def __repr__(self) -> str:
            raise RuntimeError("no")

        def tolist(self) -> object:
            raise RuntimeError("no")

    with pytest.warns(KleioWarning):
        assert there_and_back(Hostile()) == "<Hostile without repr>"


def test_under_warnings_as_errors_nothing_is_raised() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "object" in there_and_back(object())


def test_a_cycle_is_cut_off() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    with pytest.warns(KleioWarning, match="nested too deeply, or contains itself"):
        assert there_and_back(loop) == [1, "<list cut off here>"]


def test_deep_nesting_is_cut_off_and_less_is_not() -> None:
    def nested(depth: int) -> list[Any]:
        value: list[Any] = []
        for _ in range(depth - 1):
            value = [value]
        return value

    assert there_and_back(nested(DEEPEST)) == nested(DEEPEST)
    with pytest.warns(KleioWarning):
        assert "cut off" in str(there_and_back(nested(10_000)))


def test_parts_shared_exponentially_are_too_large() -> None:
    value: Any = [1, 2]
    for _ in range(50):
        value = [value, value]
    with pytest.raises(TooLarge, match="1 MiB"):
        dumps({"value": value})


def test_a_large_array_is_too_large_before_it_is_converted() -> None:
    with pytest.raises(TooLarge):
        dumps({"value": numpy.broadcast_to(numpy.float64(0), (1 << 40,))})


@given(value=values)
def test_what_is_normalised_is_plain(value: Any) -> None:
    plain = normalise(value)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_an_unknown_tag_is_kept_as_it_is() -> None:
    assert restore({"$colour": "red"}) == {"$colour": "red"}
