"""Trials as a list: a table as wide as the terminal, CSV for spreadsheets, a tree of branches.

Trials are taken a block at a time, so that a pager shows the first of a hundred thousand at once and memory is that
of a block.
"""

from __future__ import annotations

from itertools import islice

from kleio.cli.lists.columns import columns_called, names_of
from kleio.cli.presentation import short_ids
from kleio.cli.terminal.fitting import columns_of, cut
from kleio.cli.terminal.table import GAP, table
from kleio.dataclass import replace
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kleio.analysis.trial import Trial
    from kleio.cli.lists.columns import Shown
    from kleio.cli.terminal.console import Console

BLOCK = 500
"""Trials of which the columns' widths are made; from block to block they only grow."""
ROOM_FOR_COMMAND = 30
GIVEN_UP = 6
"""Of that room what the command does without for when a trial was started, how far it is, and what it is called."""
ROOM_FOR_LABEL = 16
"""In front of the command, where a column for names and tags would leave it no room."""
KEPT = ("id", "status", "command")
"""Columns that a narrow terminal does not lose."""
FIRST_TO_STAY = ("started", "progress", "label", "duration")
"""Of the others, in this order; options last."""
DEARER = FIRST_TO_STAY[:3]


def table_lines(
    console: Console, trials: Iterable[Trial], names: Sequence[str], now: float, *, chosen: bool, tree: bool = False
) -> Iterator[str]:
    """A titled table. Unless the columns were ``chosen`` for this list, those that do not fit are left out."""
    rest = iter(trials)
    widths: dict[str, int] = {}
    shown: list[Shown] = []
    while block := list(rest if tree else islice(rest, BLOCK)):
        leading = [""] * len(block)
        if tree:
            leading, block = branches(block)
        first = not shown
        shown = shown or columns_called(names, block, now)
        cells = _cells(shown, block, leading)
        if first and not chosen:
            shown, cells = _filled(shown, cells)
            shown, cells = _fitting(shown, cells, console.width)
        for index, one in enumerate(shown):
            widths[one.name] = max([widths.get(one.name, 0), *(columns_of(row[index]) for row in cells)])
        columns = [replace(one.column, least=widths[one.name]) for one in shown]
        lines = table(console, columns, cells)
        yield from lines if first else lines[1:]


def _cells(shown: Sequence[Shown], trials: Sequence[Trial], leading: Sequence[str]) -> list[list[str]]:
    short = short_ids([trial.id for trial in trials])
    return [
        [
            before + short[trial.id] if one.name == "id" else cut(escaped(one.text(trial)), one.most)
            for one in shown
        ]
        for trial, before in zip(trials, leading, strict=True)
    ]  # fmt: skip


def _filled(shown: list[Shown], cells: list[list[str]]) -> tuple[list[Shown], list[list[str]]]:
    """Without columns that say nothing of any trial."""
    return _only(shown, cells, [index for index in range(len(shown)) if any(row[index] for row in cells)])


def _fitting(shown: list[Shown], cells: list[list[str]], width: int) -> tuple[list[Shown], list[list[str]]]:
    """Without the columns that would leave the command no room; what people called a trial is kept before it."""
    if not width:
        return shown, cells
    room = width + len(GAP)
    fitting = []
    for index in sorted(range(len(shown)), key=lambda index: _rank(shown[index].name)):
        one = shown[index]
        for texts in ([row[index] for row in cells], [one.brief(row[index]) for row in cells]):
            needed = max([columns_of(one.column.title), *map(columns_of, texts)])
            needed = len(GAP) + (min(needed, ROOM_FOR_COMMAND) if one.column.give else needed)
            more = GIVEN_UP if one.name in DEARER else 0
            if _rank(one.name) == 0 or needed <= room + more:
                fitting.append(index)
                room -= needed
                cells = [[*row[:index], text, *row[index + 1 :]] for row, text in zip(cells, texts, strict=True)]
                break
    names = [one.name for one in shown]
    if "label" in names and "command" in names and names.index("label") not in fitting:
        cells = [_labelled(row, names.index("label"), names.index("command")) for row in cells]
    return _only(shown, cells, sorted(fitting))


def _labelled(row: list[str], label: int, command: int) -> list[str]:
    """A row whose command comes after its name and tags."""
    text = GAP.join(filter(None, [cut(row[label], ROOM_FOR_LABEL), row[command]]))
    return [*row[:command], text, *row[command + 1 :]]


def _rank(name: str) -> int:
    """How soon a narrow terminal has to do without a column; 0 is never."""
    if name in KEPT:
        return 0
    return FIRST_TO_STAY.index(name) + 1 if name in FIRST_TO_STAY else len(FIRST_TO_STAY) + 1


def _only(shown: list[Shown], cells: list[list[str]], kept: Sequence[int]) -> tuple[list[Shown], list[list[str]]]:
    return [shown[index] for index in kept], [[row[index] for index in kept] for row in cells]


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
