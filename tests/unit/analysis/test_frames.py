from __future__ import annotations

import sys
from array import array

import pytest

from kleio.analysis.frames import arrays_of, columns_frame, typed_frame
from kleio.errors import ExtraMissing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (array("d", [1.5, float("nan")]), "float64"),
        (array("q", [1, 2]), "int64"),
        ([1, None], "Int64"),
        ([1, 2.5], "float64"),
        ([1, 2.5, None], "float64"),
        ([True, False], "bool"),
        ([True, None], "boolean"),
        ([1, True], "object"),
        ([10**30, 1], "object"),
        ([1.5, 10**400], "object"),
        ([[1], None], "object"),
        ([None, None], "object"),
    ],
)  # fmt: skip
def test_a_column_has_the_type_that_its_values_have(values: Any, kind: str) -> None:
    frame = columns_frame({"c": values}, [0.0, 1.0])
    assert str(frame["c"].dtype) == kind
    assert len(frame) == len(values)


def test_text_stays_text_even_if_it_looks_like_a_number() -> None:
    frame = columns_frame({"c": ["1", "2"]}, [0.0, 1.0])
    assert frame["c"].tolist() == ["1", "2"]


def test_records_without_names_are_rows_too() -> None:
    assert columns_frame({}, [0.0, 1.0]).shape == (2, 0)


def test_moments_are_datetimes_in_utc() -> None:
    frame = typed_frame({"at": [1700000000.25, None], "n": [1, None], "more": [None, "x"]}, ["at"])
    assert str(frame["at"].dtype) == "datetime64[ns, UTC]"
    assert frame["at"][0].isoformat() == "2023-11-14T22:13:20.250000+00:00"
    assert frame["at"].isna().tolist() == [False, True]
    assert str(frame["n"].dtype) == "Int64"
    assert frame["more"].isna().tolist() == [True, False]


def test_without_numpy_numbers_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = {"a": array("d", [1.0]), "b": ["x"]}
    assert arrays_of(columns)["a"].dtype == "float64"
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert arrays_of(columns) == columns


def test_without_pandas_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ExtraMissing) as caught:
        columns_frame({}, [])
    assert caught.value.message == "a data frame needs pandas, which is not installed"
    assert caught.value.hint == "pip install 'kleio[pandas]'"
