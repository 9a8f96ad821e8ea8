"""``kleio diff`` for people and programs: a column a trial, lines of code as a unified diff."""

from __future__ import annotations

from kleio.analysis.comparison import (
    ABSENT,
    ARTIFACTS,
    CODE,
    COMMAND,
    CONFIGURATION,
    INPUTS,
    PACKAGES,
    SECTIONS,
    STATISTICS,
)
from kleio.cli.presentation import STATUS_STYLES, short_ids
from kleio.cli.terminal.console import LINE_STYLES
from kleio.cli.terminal.fitting import columns_of, cut
from kleio.cli.terminal.table import GAP, INDENT, LEAST, Column, table
from kleio.cli.terminal.wording import EMPTY, fact_text
from kleio.dataclass import replace
from kleio.errors import UsageError
from kleio.trial.quoting import escaped
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from kleio.analysis.code_diff import CodeChange, FileChange
    from kleio.analysis.comparison import Comparison, Difference
    from kleio.analysis.trial import Trial
    from kleio.cli.context import Context
    from kleio.cli.terminal.console import Console

MOST_ROWS = 15
MOST_LINES = 60
"""Lines of one file's difference that are shown unless all are asked for."""
MOST_FILES = 20
ROOM_FOR_VALUE = 20
"""Columns that a value of one of several trials gets, if it is so long, before fewer trials stand beside each other."""
DIGEST = 12
ASPECTS = ("last", "min", "max", "first", "count")
NONE = "(none)"
MISSING = {NONE: "dim"}


def sides(context: Context, words: Sequence[str]) -> list[Trial]:
    """The trials to compare, able to read their files; one branch alone is compared with its parent."""
    trials = [context.select(word) for word in words]
    if len(trials) == 1:
        (one,) = trials
        if one.parent_id is None:
            raise UsageError(f"trial {one.short_id} is no branch: name the trial to compare it with")
        parent = one.parent
        if parent is None:
            raise UsageError(f"the parent of {one.short_id}, {one.parent_id[:7]}, is not in this journal any more")
        trials = [parent, one]
    return [replace(trial, blobs=context.blobs) for trial in trials]


class Report:
    """The lines that show a comparison."""

    def __init__(self, console: Console, found: Comparison, *, short: bool = False, everything: bool = False) -> None:
        self._console = console
        self._found = found
        self._short = short
        self._everything = everything
        self._ids = short_ids([trial.id for trial in found.trials])
        self._styles = _styles(found.trials)

    def lines(self) -> Iterator[str]:
        """Which trials, then each section that has something to say."""
        if not self._found:
            return
        yield from head_lines(self._console, self._found.trials)
        for name in SECTIONS:
            if name == CODE:
                yield from self._code()
            elif rows := self._rows(name):
                yield from self._section(name, rows)

    def _rows(self, name: str) -> Sequence[Difference]:
        """The differences of a section, but not the command a third time: it stands above, and its options below."""
        rows = self._found.sections.get(name, ())
        told = self._found.sections.get(CONFIGURATION) and all(
            _has_room(self._console, trial, self._ids[trial.id]) for trial in self._found.trials
        )
        if name == COMMAND and told and not self._everything:
            return [row for row in rows if row.name != "argv"]
        return rows

    def _section(self, name: str, rows: Sequence[Difference]) -> Iterator[str]:
        shown = rows if self._everything else foremost(rows) if name == STATISTICS else rows[:MOST_ROWS]
        titles = [self._ids[trial.id] for trial in self._found.trials]
        names = [row.name for row in shown]
        texts = [[value_text(name, row.name, row.values[place]) for row in shown] for place in range(len(titles))]
        yield ""
        yield self._console.paint(name.capitalize(), "bold")
        room = max(1, self._console.width - len(INDENT)) if self._console.width else 0
        width = max(columns_of(escaped(one)) for one in names)
        first = Column("", "dim", wrap=room > 0 and width > room // 2)
        wide = [max(map(columns_of, (title, *map(escaped, side)))) for title, side in zip(titles, texts, strict=True)]
        for group in beside(wide, room - (min(width, room // 2))) if room else [range(len(titles))]:
            if group[0] > 0:
                yield ""
            columns = [first, *(Column(titles[at], self._styles[at], wrap=True, palette=MISSING) for at in group)]
            cells = list(zip(names, *(texts[at] for at in group), strict=True))
            for line in table(self._console, columns, cells, indent=len(INDENT)):
                yield INDENT + line
        if len(rows) > len(shown):
            yield f"{INDENT}and {len(rows) - len(shown)} more: --all shows them"

    def _code(self) -> Iterator[str]:
        """What differs from the first trial; where several differ alike, once."""
        groups: dict[CodeChange, list[str]] = {}
        for trial, change in zip(self._found.trials[1:], self._found.code, strict=False):
            if change is not None:
                groups.setdefault(change, []).append(self._ids[trial.id])
        for change, ids in groups.items():
            which = f" of {', '.join(ids)}" if len(self._found.trials) > 2 else ""
            yield ""
            yield self._console.paint(f"Code{which}", "bold")
            for line in code_lines(self._console, change, short=self._short, everything=self._everything):
                yield INDENT + line


def head_lines(console: Console, trials: Sequence[Trial]) -> Iterator[str]:
    """Which trials are compared: id, status and command of each."""
    ids = short_ids([trial.id for trial in trials])
    for trial, style in zip(trials, _styles(trials), strict=True):
        status = console.paint(f"[{trial.status}]", STATUS_STYLES.get(trial.status, "dim"))
        command = cut(trial.command, _room(console, trial, ids[trial.id]) if console.width else 0)
        yield f"{console.paint(ids[trial.id], f'bold {style}'.strip())} {status} {command}"


def _styles(trials: Sequence[Trial]) -> list[str]:
    return ["red", "green"] if len(trials) == 2 else [""] * len(trials)


def _has_room(console: Console, trial: Trial, shown: str) -> bool:
    return not console.width or columns_of(trial.command) <= _room(console, trial, shown)


def _room(console: Console, trial: Trial, shown: str) -> int:
    return max(10, console.width - len(shown) - len(trial.status) - 4)


def beside(widths: Sequence[int], room: int) -> list[range]:
    """Which trials stand beside each other, and which below: as many as have room for their values, but two as long as
    there is any."""
    groups: list[range] = []
    start = 0
    for place in range(1, len(widths)):
        together = widths[start : place + 1]
        most = LEAST if len(together) == 2 else ROOM_FOR_VALUE
        if sum(len(GAP) + min(width, most) for width in together) > room:
            groups.append(range(start, place))
            start = place
    return [*groups, range(start, len(widths))]


def foremost(rows: Sequence[Difference]) -> list[Difference]:
    """As many rows as are shown unless all are asked for, in their order; of many statistics the last values first,
    since those of a few with all their figures would hide the rest."""
    ranked = sorted(rows, key=lambda row: ASPECTS.index(end) if (end := row.name.rpartition(".")[2]) in ASPECTS else 0)
    kept = {id(row) for row in ranked[:MOST_ROWS]}
    return [row for row in rows if id(row) in kept]


def code_lines(console: Console, change: CodeChange, *, short: bool = False, everything: bool = False) -> Iterator[str]:
    """A change of code: the versions, the files, and what changed in them."""
    yield f"{console.paint(escaped(change.old), 'red')} -> {console.paint(escaped(change.new), 'green')}"
    files = change.files if everything else change.files[:MOST_FILES]
    for file in files:
        yield from file_lines(console, file, short=short, everything=everything)
    if len(change.files) > len(files):
        yield f"and {counted(len(change.files) - len(files), 'more file')}: --all shows them"
    for note in change.notes:
        yield console.paint(note, "yellow")


def file_lines(console: Console, file: FileChange, *, short: bool, everything: bool) -> Iterator[str]:
    """One file and its lines."""
    counts = f" (+{file.added} -{file.removed})" if file.hunks else ""
    note = f" ({file.note})" if file.note else ""
    yield console.paint(f"{file.verb}: {escaped(file.path)}", "bold") + counts + note
    if short:
        return
    shown = file.hunks if everything else file.hunks[:MOST_LINES]
    for line in shown:
        yield INDENT + console.paint(escaped(line), LINE_STYLES.get(line[:1], ""))
    if len(file.hunks) > len(shown):
        yield f"{INDENT}and {counted(len(file.hunks) - len(shown), 'more line')}: --all shows them"


def value_text(section: str, name: str, value: Any) -> str:
    """A value in a cell."""
    if value is ABSENT:
        return NONE
    if value == "":
        return EMPTY
    if section in (ARTIFACTS, INPUTS) and isinstance(value, str) and len(value) == 64:
        return value[:DIGEST]
    if section == PACKAGES:
        return str(value)
    return fact_text(name, value)


def uncompared_remarks(found: Comparison) -> list[str]:
    """What could not be compared, in a sentence for each reason."""
    reasons: dict[str, list[str]] = {}
    for name in SECTIONS:
        if name in found.uncompared:
            reasons.setdefault(found.uncompared[name], []).append(name)
    return [f"{', '.join(names)} not compared: {why}" for why, names in reasons.items()]


def difference_json(found: Comparison) -> dict[str, Any]:
    """A comparison for programs."""
    return {
        "trials": [trial.id for trial in found.trials],
        "same": not found,
        "uncompared": dict(found.uncompared),
        "sections": {name: [row_json(row) for row in rows] for name, rows in found.sections.items()},
        "code": [change and code_json(change) for change in found.code],
    }


def row_json(row: Difference) -> dict[str, Any]:
    """One difference."""
    return {
        "name": row.name,
        "values": [None if value is ABSENT else value for value in row.values],
        "present": list(row.present),
    }


def code_json(change: CodeChange) -> dict[str, Any]:
    """A change of code against the first trial."""
    return {
        "from": change.old,
        "to": change.new,
        "files": [file_json(file) for file in change.files],
        "notes": list(change.notes),
    }


def file_json(file: FileChange) -> dict[str, Any]:
    """A file that differs."""
    return {
        "path": file.path,
        "change": file.verb,
        "added": file.added,
        "removed": file.removed,
        "hunks": list(file.hunks),
        "note": file.note or None,
    }
