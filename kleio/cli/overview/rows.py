"""The rows of ``kleio top``, and how they fit the screen: the figures, and as much of the command as has room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from kleio.cli.presentation import STATUS_STYLES
from kleio.cli.terminal.fitting import cut
from kleio.trial.quoting import escaped
from kleio.units import duration_text, size_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kleio.cli.overview.gauges import Gauge

QUIET = 60.0
"""Seconds without output after which the silence is shown in another colour."""
HEADS = ("id", "status", "name and tags", "ran", "progress", "left", "cpu", "memory", "silent", "host", "command")
STATUS, LABEL, COMMAND = map(HEADS.index, ("status", "name and tags", "command"))
FIRST_TO_GO = ("host", "name and tags", "memory", "cpu", "silent", "left", "ran", "status")
"""The columns that a narrow screen does without, in this order; names and tags stand before the command then."""
ROOM_FOR_COMMAND = 10
ROOM_FOR_LABEL = 16
"""At most, in front of the command."""
PADDING = 2


def cells(gauge: Gauge) -> list[Text]:
    """One row. Stored text is made harmless here."""
    silent = "" if gauge.silent is None else duration_text(round(gauge.silent))
    return [
        Text(gauge.short, "bold"),
        Text(gauge.status, STATUS_STYLES.get(gauge.status, "dim")),
        Text(escaped(gauge.label)),
        Text(duration_text(round(gauge.ran)), justify="right"),
        Text(escaped(gauge.progress)),
        Text("" if gauge.left is None else duration_text(gauge.left), justify="right"),
        Text("" if gauge.cpu is None else f"{gauge.cpu:.0f} %", justify="right"),
        Text("" if gauge.memory is None else size_text(gauge.memory), justify="right"),
        Text(silent, "yellow" if gauge.silent is not None and gauge.silent > QUIET else "", justify="right"),
        Text(escaped(gauge.host)),
        Text(escaped(gauge.command)),
    ]


def fitting(lines: Sequence[Sequence[Text]], width: int) -> list[int]:
    """The columns for which a screen has room. Empty ones make room for the whole command, others for a piece of it."""
    needed = [PADDING + max([len(head), *(line[at].cell_len for line in lines)]) for at, head in enumerate(HEADS)]
    kept = list(range(len(HEADS)))

    def do_without(columns: Iterable[int]) -> None:
        for at in columns:
            if at in kept and sum(needed[each] for each in kept) > width:
                kept.remove(at)

    do_without(at for at in range(COMMAND) if not any(line[at].plain for line in lines))
    needed[COMMAND] = min(needed[COMMAND], PADDING + ROOM_FOR_COMMAND)
    host, *others = map(HEADS.index, FIRST_TO_GO)
    all_run = {line[STATUS].plain for line in lines} == {"running"}  # which the line above the table says
    do_without([host, *([STATUS] if all_run else []), *others])
    return kept


def narrowed(lines: Sequence[Sequence[Text]], kept: Sequence[int], width: int) -> list[list[Text]]:
    """The lines with commands that end where the screen does, by an ellipsis."""
    taken = sum(PADDING + max([len(HEADS[at]), *(line[at].cell_len for line in lines)]) for at in kept[:-1])
    found = []
    for line in lines:
        label = "" if LABEL in kept else cut(line[LABEL].plain, ROOM_FOR_LABEL)
        command = Text("  ").join([Text(label, "magenta"), line[COMMAND]]) if label else line[COMMAND].copy()
        command.truncate(max(1, width - taken - PADDING), overflow="ellipsis")
        found.append([*line[:COMMAND], command])
    return found
