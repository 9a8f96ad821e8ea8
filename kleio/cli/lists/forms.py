"""Trials as a list for people: a table as wide as the terminal, or a tree of branches.

Trials are taken a block at a time, so that a pager shows the first of a hundred thousand at once and memory is that
of a block.
"""

from __future__ import annotations

from itertools import compress, islice

from kleio.cli.lists.columns import MOST_OPTIONS, columns_called, names_of
from kleio.cli.lists.room import is_named, laid_out
from kleio.cli.presentation import short_ids
from kleio.cli.terminal.fitting import columns_of, cut, too_narrow
from kleio.cli.terminal.table import table
from kleio.dataclass import replace
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from kleio.analysis.trial import Trial
    from kleio.cli.lists.columns import Shown
    from kleio.cli.terminal.console import Console

BLOCK = 500
"""Trials of which the columns' widths are made; from block to block they only grow."""


def table_lines(
    console: Console,
    trials: Iterable[Trial],
    names: Sequence[str],
    now: float,
    *,
    named: Collection[str] = (),
    tree: bool = False,
    tell: bool = True,
) -> Iterator[str]:
    """A titled table. Columns that do not fit are left out, those that somebody ``named`` last, and then it is told."""
    rest = iter(trials)
    width = console.width
    widths: dict[str, int] = {}
    shown: list[Shown] = []
    while block := list(rest if tree else islice(rest, BLOCK)):
        leading = [""] * len(block)
        if tree:
            leading, block = branches(block)
        if first := not shown:
            shown, missing = _chosen(block, leading, names, now, width, named)
            if missing and tell:
                console.say(f"{too_narrow(missing)}; --format csv has all")
        cells = _cells(shown, block, leading)
        if width:
            cells = [[cut(cell, one.most) for one, cell in zip(shown, row, strict=True)] for row in cells]
        for index, one in enumerate(shown):
            widths[one.name] = max([widths.get(one.name, 0), *(columns_of(row[index]) for row in cells)])
        columns = [replace(one.column, least=widths[one.name]) for one in shown]
        lines = table(console, columns, cells)
        yield from lines if first else lines[1:]


def _chosen(
    block: Sequence[Trial],
    leading: Sequence[str],
    names: Sequence[str],
    now: float,
    width: int,
    named: Collection[str],
) -> tuple[list[Shown], list[str]]:
    """The columns, made for the first trials, and the titles of those that were named and find no room."""
    shown = columns_called(names, block, now, MOST_OPTIONS if width and "config" not in named else None)
    cells = _cells(shown, block, leading)
    if width or not named:  # without columns that say nothing of any trial
        filled = [any(row[index] for row in cells) or is_named(one.name, named) for index, one in enumerate(shown)]
        shown = list(compress(shown, filled))
        cells = [list(compress(row, filled)) for row in cells]
    if not shown:
        return columns_called(("id",), block, now), []
    return laid_out(shown, cells, width, named) if width else (shown, [])


def _cells(shown: Sequence[Shown], trials: Sequence[Trial], leading: Sequence[str]) -> list[list[str]]:
    short = short_ids([trial.id for trial in trials])
    return [
        [before + short[trial.id] if one.name == "id" else escaped(one.text(trial)) for one in shown]
        for trial, before in zip(trials, leading, strict=True)
    ]


def branches(trials: Sequence[Trial]) -> tuple[list[str], list[Trial]]:
    """Each branch below its parent, oldest first, with what leads to it; trials whose parent is not here are roots."""
    there = {trial.id for trial in trials}
    children: dict[str | None, list[Trial]] = {}
    for trial in trials:
        parent = trial.refers.get("parent")
        children.setdefault(parent if parent in there else None, []).append(trial)
    leading: list[str] = []
    ordered: list[Trial] = []
    waiting = [("", "", root) for root in reversed(children.get(None, []))]
    while waiting:
        before, own, trial = waiting.pop()
        leading.append(before + own)
        ordered.append(trial)
        below = before + {"": "", "├─ ": "│  ", "└─ ": "   "}[own]
        branch = children.get(trial.id, [])  # newest first: the stack turns it round
        waiting += [(below, "├─ " if index else "└─ ", child) for index, child in enumerate(branch)]
    return leading, ordered


def columns_wanted(words: Sequence[str] | None, setting: Sequence[str], default: Sequence[str]) -> tuple[str, ...]:
    """The names on the command line, else those of the setting; each may begin with ``+``."""
    usual = names_of(setting, default)
    return usual if words is None else names_of(words, usual)
