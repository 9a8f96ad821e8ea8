"""Which columns of a list a terminal has room for, and how much of it each gets.

The id and the command come first; then what was asked for by name, then the options in which the trials differ, for
without them rows look alike, then the rest, and last the options that few of the trials have. What is left goes to the
cells that had to be cut.
"""

from __future__ import annotations

from kleio.cli.terminal.fitting import columns_of, cut
from kleio.cli.terminal.table import GAP, LEAST
from kleio.dataclass import dataclass, replace
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kleio.analysis.trial import Trial
    from kleio.cli.lists.columns import Shown

ROOM_FOR_COMMAND = 30
LESS_ROOM = 24
"""What the command makes do with before an option goes, or when a trial was started, how far it is, or its name."""
ROOM_FOR_LABEL = 16
"""At most, in front of the command, where a column for names and tags would leave it no room."""
FIRST_TO_STAY = ("id", "command", "status")
NEXT_TO_STAY = ("started", "progress", "label", "duration")
"""Of the columns that nobody asked for by name, after options; others last."""
DEARER = NEXT_TO_STAY[:3]
NAMED, OPTION = len(FIRST_TO_STAY), len(FIRST_TO_STAY) + 1
RARE = OPTION + 2 + len(NEXT_TO_STAY)
FEW = 1 / 3
"""An option that no more of the trials have, such as the ``-c`` of a stray shell, is the first to go."""


@dataclass(frozen=True)
class _Share:
    """A column that stays: how wide its cells are, in brief if need be, and how wide it is itself."""

    whole: int
    width: int
    brief: bool


def laid_out(
    shown: Sequence[Shown], cells: Sequence[Sequence[str]], width: int, named: Collection[str]
) -> tuple[list[Shown], list[str]]:
    """The columns that fit ``width``, and the titles of those that were named and do not. Every row has a cell for
    each of ``shown``."""
    shares = _shares(shown, cells, width, named)
    columns = {index: _in_brief(shown[index]) if share.brief else shown[index] for index, share in shares.items()}
    gone = {one.name: one for index, one in enumerate(shown) if index not in shares}
    command = next((index for index in shares if shown[index].column.give), None)
    if command is not None and (label := gone.pop("label", None)) is not None:
        left = width - sum(share.width + len(GAP) for index, share in shares.items() if index != command)
        columns[command] = _labelled(columns[command], label, max(1, min(ROOM_FOR_LABEL, left // 2)))
    _grow(shares, command, width)
    for index, one in columns.items():
        if one.most:
            columns[index] = replace(one, most=max(one.most, shares[index].width))
    missing = [one.column.title for one in gone.values() if is_named(one.name, named)]
    return [columns[index] for index in sorted(columns)], missing


def is_named(name: str, named: Collection[str]) -> bool:
    """Whether a column is one of those that somebody asked for by name."""
    return name in named or ("config" in named and name.startswith("config."))


def _shares(
    shown: Sequence[Shown], cells: Sequence[Sequence[str]], width: int, named: Collection[str]
) -> dict[int, _Share]:
    """The columns that stay, the most important first, each as wide as is enough."""
    shares: dict[int, _Share] = {}
    room = width + len(GAP)
    spare = 0
    ranks = [_rank(one.name, named, [row[index] for row in cells]) for index, one in enumerate(shown)]
    for rank, index in sorted((rank, index) for index, rank in enumerate(ranks)):
        one = shown[index]
        for brief in (False, True):
            texts = [one.brief(row[index]) if brief else row[index] for row in cells]
            title = columns_of(one.column.title)
            whole = max([title, *map(columns_of, texts)])
            most = ROOM_FOR_COMMAND if one.column.give else one.most
            share = _Share(whole, min(whole, max(title, most)) if most else whole, brief)
            if one.column.give:
                spare = max(0, share.width - LEAST)
            dear = rank < RARE and _is_dear(one.name)
            given_up = spare if rank <= NAMED else max(0, spare - (LESS_ROOM - LEAST)) if dear else 0
            if not shares or one.column.give or len(GAP) + share.width <= room + given_up:
                shares[index] = share
                room -= len(GAP) + share.width
                break
    return shares


def _grow(shares: dict[int, _Share], command: int | None, width: int) -> None:
    """Widen what is cut by what is left, the most important first; a long command keeps half of the line."""
    others = [index for index in shares if index != command]
    free = width + len(GAP) - sum(len(GAP) + shares[index].width for index in others)
    if command is not None:
        free -= len(GAP) + min(shares[command].whole, width // 2)
    for index in others:
        more = max(0, min(free, shares[index].whole - shares[index].width))
        shares[index] = replace(shares[index], width=shares[index].width + more)
        free -= more


def _rank(name: str, named: Collection[str], cells: Sequence[str]) -> int:
    """How soon a narrow terminal has to do without a column; the highest goes first."""
    if name in FIRST_TO_STAY:
        return FIRST_TO_STAY.index(name)
    if is_named(name, named):
        return NAMED
    if name.startswith("config."):
        return OPTION if sum(map(bool, cells)) > FEW * len(cells) else RARE
    return OPTION + 1 + (NEXT_TO_STAY.index(name) if name in NEXT_TO_STAY else len(NEXT_TO_STAY))


def _is_dear(name: str) -> bool:
    return name.startswith("config.") or name in DEARER


def _in_brief(one: Shown) -> Shown:
    return replace(one, text=lambda trial: one.brief(one.text(trial)))


def _labelled(command: Shown, label: Shown, room: int) -> Shown:
    """The command after the name and tags."""

    def text(trial: Trial) -> str:
        return GAP.join(filter(None, [cut(escaped(label.text(trial)), room), command.text(trial)]))

    return replace(command, text=text)
