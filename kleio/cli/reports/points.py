"""Points of ``kleio stats`` for people, spreadsheets and programs."""

from __future__ import annotations

from functools import partial

from kleio.analysis.records import read_last
from kleio.cli.guessing import nearest
from kleio.cli.terminal.fitting import columns_of, cut, shares, too_narrow
from kleio.cli.terminal.spreadsheet import spreadsheet
from kleio.cli.terminal.table import GAP, Column, table
from kleio.cli.terminal.wording import creator_text, text_of
from kleio.dataclass import dataclass, replace
from kleio.errors import UsageError
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from kleio.analysis.records import Statistic
    from kleio.analysis.series import Statistics
    from kleio.analysis.trial import Trial
    from kleio.cli.terminal.console import Console
    from kleio.journal.contract import Journal

MOST_NAMES = 20
MEASURED = 1000
"""Points that tell how wide the columns of a table are, where no terminal has to hold it; later they only grow."""
CELLS = 50_000
"""Cells of a table that are laid out at once."""


def _refuse_unknown(statistics: Statistics, wanted: Sequence[str]) -> None:
    """``UsageError`` if one of these names was never logged, as long as anything was."""
    known = list(dict.fromkeys(name for record in statistics.records for name in record.values))
    unknown = [name for name in wanted if name not in known]
    if not known or not unknown:
        return
    close = nearest(unknown[0], known)
    shown = ", ".join(map(escaped, known[:MOST_NAMES])) + (", …" if len(known) > MOST_NAMES else "")
    raise UsageError(
        f"no statistic is called {', '.join(map(repr, unknown))}",
        hint=f"{f'did you mean {escaped(close)}? ' if close else ''}there are: {shown}",
    )


@dataclass(frozen=True)
class Wanted:
    """Which points are asked for: those with one of ``names``, of a rank, in which order, and how many: the latest,
    or of sorted ones the first."""

    names: tuple[str, ...] | None = None
    rank: int | None = None
    sort: str | None = None
    reverse: bool = False
    most: int | None = None

    def admits(self, record: Statistic) -> bool:
        """Whether this point is one of them."""
        if self.rank is not None and record.rank != self.rank:
            return False
        return self.names is None or any(name in record.values for name in self.names)


def newest(journal: Journal, trial: Trial, wanted: Wanted, *, superseded: bool) -> Sequence[Statistic]:
    """The points that were asked for, if only the end of the trial has to be read for them; empty if not."""
    if wanted.most is None or wanted.sort is not None:
        return ()
    records = read_last(journal, trial.id, wanted.most, wanted.admits, superseded=superseded)
    seen = {name for record in records for name in record.values}
    inherits = len(records) < wanted.most and trial.inherits_from()
    if inherits or not seen.issuperset(wanted.names or ()):  # a name that is not there may be wrong
        return ()
    return records[::-1] if wanted.reverse else records


def selected(statistics: Statistics, wanted: Wanted) -> Sequence[Statistic]:
    """The points that were asked for, in the order that was asked for. ``UsageError`` for a name that is not there."""
    _refuse_unknown(statistics, [*(wanted.names or ()), *([] if wanted.sort is None else [wanted.sort])])
    if wanted.sort is not None:
        statistics = statistics.sort_by(wanted.sort, descending=wanted.reverse)
        return list(filter(wanted.admits, statistics.records))[: wanted.most]
    records = list(filter(wanted.admits, statistics.records))
    latest = records if wanted.most is None else records[-wanted.most :]
    return latest[::-1] if wanted.reverse else latest


def point_json(record: Statistic, names: Sequence[str] | None) -> dict[str, Any]:
    """One point for programs."""
    values = record.values
    if names is not None:
        values = {name: values[name] for name in names if name in values}
    return {
        "values": values,
        "time": record.time,
        "attempt": record.attempt,
        "writer": record.writer,
        "rank": record.rank,
        "creator": record.creator,
    }


def lines_of(
    console: Console, records: Sequence[Statistic], names: Sequence[str] | None, form: str
) -> Iterator[str]:  # fmt: skip
    """The points as a table or, for spreadsheets, as CSV: a column for each name."""
    columns = list(names or dict.fromkeys(name for record in records for name in record.values))
    if not records:
        return
    if form == "csv":
        rows = ([record.values.get(name) for name in columns] for record in records)
        yield from spreadsheet(console, columns, rows)
        return
    fields = _fields(records if console.width else records[:MEASURED], columns, console.width)
    if names is None and console.is_terminal and console.width:
        left_out = _left_out(fields, console.width)
        if left_out:
            missing = [fields[place].head.title for place in left_out]
            console.say(f"{too_narrow(missing)}; choose by --keys")
        fields = [field for place, field in enumerate(fields) if place not in left_out]
    yield from _table(console, records, fields)


@dataclass(frozen=True)
class _Field:
    """A column that knows how to fill its cells."""

    head: Column
    cell: Callable[[Statistic], str]
    is_statistic: bool = False


def _fields(records: Sequence[Statistic], names: Sequence[str], width: int) -> list[_Field]:
    """The columns, as wide as they have to be and as a terminal has room for; measured record by record, for most
    records have few of many names."""
    cells: dict[str, list[int]] = {name: [] for name in names}
    for record in records:
        for name, value in record.values.items():
            if name in cells:
                cells[name].append(columns_of(escaped(_cell(value))))
    fields = [_Field(Column(escaped(name), right=True), partial(_value, name), is_statistic=True) for name in names]
    measured = list(cells.values())
    if any(record.rank is not None for record in records):
        fields.insert(0, _Field(Column("rank", "dim", right=True), lambda record: _cell(record.rank)))
        measured.insert(0, [columns_of(fields[0].cell(record)) for record in records])
    if any(record.creator is not None for record in records):
        fields.append(_Field(Column("attached by", "dim"), lambda record: creator_text(record.creator)))
        measured.append([columns_of(fields[-1].cell(record)) for record in records])
    titles = [columns_of(field.head.title) for field in fields]
    if not width:
        widths = [max([title, *column]) for title, column in zip(titles, measured, strict=True)]
        return [
            replace(field, head=replace(field.head, least=wide)) for field, wide in zip(fields, widths, strict=True)
        ]
    widths = shares(measured, titles, width - len(GAP) * (len(fields) - 1))
    return [_narrowed(field, wide) for field, wide in zip(fields, widths, strict=True)]


def _narrowed(field: _Field, width: int) -> _Field:
    """The column with all that is in it cut to ``width``."""
    head = replace(field.head, title=cut(field.head.title, width), least=width)
    return replace(field, head=head, cell=lambda record: cut(escaped(field.cell(record)), width))


def _table(console: Console, records: Sequence[Statistic], fields: Sequence[_Field]) -> Iterator[str]:
    """The lines, a few records at a time: a whole table of millions of records, or of thousands of names, is too much
    for the memory."""
    at_once = max(1, min(MEASURED, CELLS // max(1, len(fields))))
    heads = [field.head for field in fields]
    for begin in range(0, len(records), at_once):
        rows = [[field.cell(record) for field in fields] for record in records[begin : begin + at_once]]
        if begin + at_once > MEASURED and not console.width:
            widths = [max(columns_of(escaped(cell)) for cell in column) for column in zip(*rows, strict=True)]
            heads = [replace(head, least=max(head.least, width)) for head, width in zip(heads, widths, strict=True)]
        yield from table(console, heads, rows)
        heads = [replace(head, title="") for head in heads]


def _left_out(fields: Sequence[_Field], width: int) -> list[int]:
    """The columns of statistics that a terminal has no room for, from the right; one always stays."""
    needed = [len(GAP) + field.head.least for field in fields]
    statistics = [place for place, field in enumerate(fields) if field.is_statistic]
    found: list[int] = []
    total = sum(needed) - len(GAP)
    for place in reversed(statistics[1:]):
        if total <= width:
            break
        total -= needed[place]
        found.insert(0, place)
    return found


def _value(name: str, record: Statistic) -> str:
    return _cell(record.values[name]) if name in record.values else ""


def _cell(value: Any) -> str:
    return "" if value is None else text_of(value)
