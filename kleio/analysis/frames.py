"""Values as NumPy arrays and pandas data frames, with the types they had; without those libraries as plain lists.

What a trial recorded is typed already, so no type is guessed from text: ``"1"`` stays text. Integers with gaps become
pandas' nullable integers instead of floats, moments become ``datetime64`` in UTC.
"""

from __future__ import annotations

from array import array
from contextlib import suppress

from kleio.errors import ExtraMissing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

_INT64 = 1 << 63


def arrays_of(columns: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Numbers as NumPy arrays, and anything else as lists; without NumPy the columns as they are."""
    try:
        import numpy
    except ImportError:
        return dict(columns)

    return {name: numpy.asarray(each) if isinstance(each, array) else each for name, each in columns.items()}


def columns_frame(columns: Mapping[str, Sequence[Any]], times: Sequence[float], index: str | None = None) -> Any:
    """A data frame of ``columns``; ``index`` names one of them, or is ``"time"`` for the time of logging in UTC."""
    pandas = _pandas()
    typed = {name: _typed(pandas, values) for name, values in columns.items()}
    if index == "time" and index not in columns:
        return pandas.DataFrame(typed, index=pandas.Index(_instants(pandas, times), name="time"))
    frame = pandas.DataFrame(typed, index=None if typed else range(len(times)))
    return frame if index is None else frame.set_index(index)


def typed_frame(columns: Mapping[str, Sequence[Any]], moments: Collection[str] = ()) -> Any:
    """A data frame of ``columns``, equally long; those named in ``moments`` are seconds since the epoch."""
    pandas = _pandas()
    typed = {
        name: _instants(pandas, values) if name in moments else _typed(pandas, values)
        for name, values in columns.items()
    }  # fmt: skip
    return pandas.DataFrame(typed)


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise ExtraMissing.of("pandas", "pandas", "a data frame") from None
    return pandas


def _typed(pandas: Any, values: Sequence[Any]) -> Any:
    """One column with the narrowest type that says the same."""
    import numpy

    if isinstance(values, array):
        return numpy.asarray(values)
    kinds = set(map(type, values))
    gaps = type(None) in kinds
    kinds.discard(type(None))
    if kinds == {bool}:
        return pandas.array(values, dtype="boolean" if gaps else "bool")
    if kinds == {int} and _fit([value for value in values if value is not None] if gaps else values):
        return pandas.array(values, dtype="Int64") if gaps else numpy.array(values, dtype="int64")
    if float in kinds and kinds <= {int, float}:
        with suppress(OverflowError):  # an integer that no float comes near
            return numpy.array(values, dtype="float64")  # what is missing is NaN
    if kinds == {str}:
        return values
    return pandas.Series(values, dtype="object")


def _fit(integers: Sequence[int]) -> bool:
    """Whether 64 bits hold all of them."""
    return min(integers) >= -_INT64 and max(integers) < _INT64


def _instants(pandas: Any, seconds: Sequence[float | None]) -> Any:
    """Seconds since the epoch as ``datetime64`` in UTC, to the microsecond that a float of today can tell apart."""
    import numpy

    known = numpy.array([numpy.nan if each is None else each for each in seconds], dtype="float64")
    gaps = numpy.isnan(known)
    micros = numpy.where(gaps, 0, known * 1e6).round().astype("int64").astype("datetime64[us]")
    micros[gaps] = numpy.datetime64("NaT")
    return pandas.DatetimeIndex(micros.astype("datetime64[ns]"), tz="UTC")
