"""What a trial's script logged: a sequence of records that is navigated by name.

::

    statistics.loss                  every loss, in the order of logging
    statistics.loss.epoch[10]        the loss at epoch 10
    statistics.loss.epoch[5:10]      those of the epochs 5 to 9
    statistics.loss.min
    statistics.sort_by("loss")[0]    the record with the lowest loss

Any text may be a name: ``statistics["a b"]`` is what ``statistics.loss`` is, ``.by("a b")`` what ``.epoch`` is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from kleio.analysis import expected
from kleio.analysis.columns import MOST_NAMED, Columns, columns_of, never_logged
from kleio.analysis.curves import curve_of, names_for
from kleio.analysis.markup import records_html
from kleio.analysis.ordering import is_number, order_of
from kleio.analysis.records import Statistic, read_points
from kleio.trial.quoting import escaped
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, overload

    from kleio.analysis.curves import Curve
    from kleio.journal.contract import Journal


class Statistics(Sequence["dict[str, Any]"]):
    """A sequence of the dicts that were logged. ``statistics.loss`` are the values of ``loss``: see :class:`Series`.

    ``records`` holds the same with times, attempts and processes.
    """

    def __init__(
        self,
        records: Sequence[Statistic] | Callable[[], Sequence[Statistic]],
        columns: Callable[[Iterable[str] | None], Columns] | None = None,
    ) -> None:
        self._records = records
        self._columns = columns

    @property
    def records(self) -> Sequence[Statistic]:
        """Each call of ``log_statistic`` with its time, attempt and process."""
        if callable(self._records):
            self._records = self._records()
        return self._records

    def __len__(self) -> int:
        return len(self.records)

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, index: int) -> dict[str, Any]: ...
        @overload
        def __getitem__(self, index: slice) -> Statistics: ...
        @overload
        def __getitem__(self, index: str) -> Series: ...

    def __getitem__(self, index: int | slice | str) -> dict[str, Any] | Statistics | Series:
        if isinstance(index, str):
            return self._series(index, KeyError)
        if isinstance(index, slice):
            return Statistics(self.records[index])
        return self.records[index].values

    def __getattr__(self, name: str) -> Series:
        if name.startswith("_"):  # what notebooks and copy ask every object for
            raise AttributeError(name)
        return self._series(name, AttributeError)

    def __contains__(self, item: object) -> bool:
        """Whether something was logged by this name, or these values in one record."""
        return item in self.names() if isinstance(item, str) else super().__contains__(item)

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *filter(str.isidentifier, self.names())]

    def names(self) -> list[str]:
        """All that was logged under some name, in order of first appearance."""
        return list(dict.fromkeys(name for record in self.records for name in record.values))

    def column(self, name: str) -> list[Any]:
        """The values of ``name`` in this order; records without it are left out. Empty if there are none."""
        expected.text(name, "the name of a statistic")
        return [record.values[name] for record in self.records if name in record.values]

    def sort_by(self, name: str, *, descending: bool = False) -> Statistics:
        """Sorted by the values of ``name``: numbers as numbers, then NaN, text and anything else, either way; records
        that lack it come last. Equal ones keep their order. Never raises, whatever was mixed, or never logged."""
        expected.text(name, "the name of a statistic")
        having = [record for record in self.records if name in record.values]
        lacking = [record for record in self.records if name not in record.values]
        having.sort(key=lambda record: order_of(record.values[name]), reverse=descending)
        if descending:
            having.sort(key=lambda record: order_of(record.values[name])[0])
        return Statistics(having + lacking)

    def columns(self, names: Iterable[str] | None = None) -> Columns:
        """The same as columns, all or those of ``names``: for millions of points."""
        names = None if names is None else expected.texts(names, "names")
        if self._columns is not None and callable(self._records):
            return self._columns(names)
        return columns_of(self.records, names)

    def curve(self, y: str, x: str | None = None) -> Curve:
        """``y`` over ``x``, as ``kleio plot`` draws it: from left to right. Without ``x``: over the epoch, the step or
        whatever else tells the points apart, or over ``number``. What a later attempt or another process logged at the
        same epoch (step, …) replaces what was there; ``left_out`` counts it, and :meth:`columns` has it all. Nothing is
        replaced over an ``x`` that was asked for and counts nothing: ``"lr"``, ``"time"``, ``"number"``."""
        expected.text(y, "y")
        columns = self.columns(names_for(y, None if x is None else expected.text(x, "x")))
        return curve_of(columns.values, columns.times, y, x, columns.writers).sorted()

    def to_arrays(self, names: Iterable[str] | None = None) -> dict[str, Any]:
        """Name → NumPy array; without NumPy, and for what is no number, lists. ``KeyError`` for a name that was never
        logged."""
        return self._logged(names).to_arrays()

    def to_frame(self, names: Iterable[str] | None = None, *, index: str | None = None) -> Any:
        """A ``pandas.DataFrame``, one row a record; see :meth:`Columns.to_frame`. ``KeyError`` likewise."""
        return self._logged(names, *([] if index in (None, "time") else [index])).to_frame(index)

    def _logged(self, names: Iterable[str] | None, *also: str) -> Columns:
        wanted = also if names is None else (*expected.texts(names, "names"), *also)
        columns = self.columns(None if names is None else wanted)
        for name in wanted:
            if name not in columns.values:
                raise KeyError(never_logged(name, self.names()))
        return columns

    def _series(self, name: str, kind: type[AttributeError] | type[KeyError]) -> Series:
        having = [record for record in self.records if name in record.values]
        if not having:
            raise kind(never_logged(name, self.names()))
        return Series(name, having)

    def _repr_html_(self) -> str:
        return records_html([record.values for record in islice(self.records, 20)], len(self))

    def __repr__(self) -> str:
        names = escaped(", ".join(self.names()[:MOST_NAMED]))
        return f"<Statistics: {counted(len(self), 'record')}{' of ' if names else ''}{names}>"


class Series(Sequence["Any"]):
    """The values of one name, in the order of logging; equal to a list of them. ``.epoch`` arranges them by ``epoch``.

    What was logged by a name that this class uses itself is reached by ``.by("last")``.
    """

    def __init__(self, name: str, records: Sequence[Statistic]) -> None:
        self.name = name
        self.records = records

    def __len__(self) -> int:
        return len(self.records)

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, index: int) -> Any: ...
        @overload
        def __getitem__(self, index: slice) -> Series: ...

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return Series(self.name, self.records[index])
        return self.records[index].values[self.name]

    def __iter__(self) -> Iterator[Any]:
        return (record.values[self.name] for record in self.records)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Series | list | tuple):
            return list(self) == list(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Lookup:
        if name.startswith("_"):
            raise AttributeError(name)
        found = self.by(name)
        if not found:
            raise AttributeError(f"nothing was logged as {name!r} together with {self.name!r}")
        return found

    @property
    def first(self) -> Any:
        """What was logged first."""
        return self[0]

    @property
    def last(self) -> Any:
        """What was logged last."""
        return self[-1]

    @property
    def min(self) -> float | None:
        """The lowest number; NaN and what is no number are passed over, ``None`` if nothing is left."""
        return min(self._numbers(), default=None)

    @property
    def max(self) -> float | None:
        """The highest number, likewise."""
        return max(self._numbers(), default=None)

    @property
    def times(self) -> list[float]:
        """When each was logged, in seconds since the epoch."""
        return [record.time for record in self.records]

    def by(self, name: str) -> Lookup:
        """These values by what was logged as ``name`` in the same record."""
        return Lookup(expected.text(name, "the name of a statistic"), self)

    def _numbers(self) -> Iterator[float]:
        return (value for value in self if is_number(value))

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:6])) + (", …" if len(self) > 6 else "")
        return f"<Series {escaped(self.name)}: {counted(len(self), 'value')} [{shown}]>"


class Lookup(Mapping["Any", "Any"]):
    """A series arranged by another name of the same records: ``loss.epoch[10]``. Sorted by key.

    Where several records have the same key (processes of one training, an epoch done again) the latest counts;
    :meth:`all` gives every one. A slice of numbers is a dict: ``loss.epoch[5:10]``.
    """

    def __init__(self, name: str, series: Series) -> None:
        self.name = name
        self.series = series
        self._found: dict[Any, list[Any]] = {}
        for record in series.records:
            key = record.values.get(name)
            if name in record.values and _hashable(key):
                self._found.setdefault(key, []).append(record.values[series.name])

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            if key.step is not None:
                raise ValueError("a slice by values has no step")
            low, high = (float("-inf") if key.start is None else key.start, key.stop)
            return {
                at: self[at] for at in self if is_number(at) and low <= at and (high is None or at < high)
            }  # fmt: skip
        return self.all(key)[-1]

    def all(self, key: Any) -> list[Any]:
        """Every value with this key, in the order of logging."""
        if key not in self._found:
            raise KeyError(f"no {self.series.name!r} was logged with {self.name!r} = {key!r}")
        return self._found[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(sorted(self._found, key=order_of))

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        return f"<{escaped(self.series.name)} by {escaped(self.name)}: {counted(len(self), 'value')}>"


def read_statistics(
    journal: Journal, trial_id: str, *, attempt: int | None = None, superseded: bool = False
) -> Statistics:
    """The statistics of a trial, of all its attempts in order or of one; ``superseded`` ones too if asked for."""
    found = read_points(journal, trial_id, superseded=superseded)
    return Statistics(found if attempt is None else [record for record in found if record.attempt == attempt])


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
