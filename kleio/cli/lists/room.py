"""Which columns of a list a terminal has room for, and how much of it each gets.

The id and the command come first; then what was asked for by name, then the options in which the trials differ, for
without them rows look alike, then the rest. What is left goes to the cells that had to be cut.
"""

from __future__ import annotations

from kleio.cli.terminal.fitting import columns_of, cut
from kleio.cli.terminal.table import GAP, LEAST
from kleio.dataclass import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

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


@dataclass(frozen=True)
class Layout:
    """What there is room for: columns by their places, their cells, and the names of those that were asked for by name
    and have to go."""

    shown: list[Shown]
    cells: list[list[str]]
    missing: list[str]


@dataclass(frozen=True)
class _Share:
    """A column that stays: its cells, how wide they are, and how wide the column is."""

    texts: list[str]
    whole: int
    width: int


def laid_out(shown: Sequence[Shown], cells: Sequence[Sequence[str]], width: int, named: Collection[str]) -> Layout:
    """The columns and cells that fit ``width``. Every row has a cell for each of ``shown``."""
    shares = _shares(shown, cells, width, named)
    command = next((index for index in shares if shown[index].column.give), None)
    label = next((index for index, one in enumerate(shown) if one.name == "label" and index not in shares), None)
    if label is not None and command is not None:
        left = width - sum(share.width + len(GAP) for index, share in shares.items() if index != command)
        room = max(1, min(ROOM_FOR_LABEL, left // 2))
        texts = [_labelled(cut(row[label], room), row[command]) for row in cells]
        shares[command] = replace(shares[command], texts=texts, whole=max(map(columns_of, texts), default=0))
    _grow(shares, command, width)
    kept = sorted(shares)
    columns = [
        replace(shown[index], most=max(shown[index].most, shares[index].width)) if shown[index].most else shown[index]
        for index in kept
    ]
    filled = [[cut(text, one.most) for text in shares[index].texts] for index, one in zip(kept, columns, strict=True)]
    gone = [index for index in range(len(shown)) if index not in shares and index != label]
    missing = [shown[index].column.title for index in gone if is_named(shown[index].name, named)]
    return Layout(columns, [list(row) for row in zip(*filled, strict=True)], missing)


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
    for index in sorted(range(len(shown)), key=lambda index: _rank(shown[index].name, named)):
        one = shown[index]
        rank = _rank(one.name, named)
        for brief in (False, True):
            texts = [one.brief(row[index]) if brief else row[index] for row in cells]
            title = columns_of(one.column.title)
            whole = max([title, *map(columns_of, texts)])
            most = ROOM_FOR_COMMAND if one.column.give else one.most
            share = _Share(texts, whole, min(whole, max(title, most)) if most else whole)
            if one.column.give:
                spare = max(0, share.width - LEAST)
            given_up = spare if rank <= NAMED else max(0, spare - (LESS_ROOM - LEAST)) if _is_dear(one.name) else 0
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


def _rank(name: str, named: Collection[str]) -> int:
    """How soon a narrow terminal has to do without a column; the highest goes first."""
    if name in FIRST_TO_STAY:
        return FIRST_TO_STAY.index(name)
    if is_named(name, named):
        return NAMED
    if name.startswith("config."):
        return OPTION
    return OPTION + 1 + (NEXT_TO_STAY.index(name) if name in NEXT_TO_STAY else len(NEXT_TO_STAY))


def _is_dear(name: str) -> bool:
    return name.startswith("config.") or name in DEARER


def _labelled(label: str, command: str) -> str:
    """A command after the name and tags."""
    return GAP.join(filter(None, [label, command]))
