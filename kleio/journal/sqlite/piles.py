"""Packed rows of many trials, read as columns.

Rows of trials that have the same statistics, as most have, are put one upon the other: a column is every so many bytes
of such a pile.
"""

from __future__ import annotations

import sys
from array import array

from kleio.journal.sqlite.figures import ASPECTS, FLOAT, INTEGER, ODD, TEXT
from kleio.trial.table import among

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    Cells = Sequence[Any]

PILE = 5
"""Trials of a pile, on average; where there are fewer, the rows of ``statistics`` are faster."""
_SWAP = sys.byteorder == "big"


class Piles:
    """The rows of so many trials, or of some of them; ``aspects`` says which figures are asked for."""

    def __init__(self, trials: int, aspects: Sequence[str]) -> None:
        self._trials = trials
        self._aspects = [(aspect, ASPECTS.index(aspect)) for aspect in aspects]
        self._piles: dict[bytes, _Pile] = {}
        self.loose: set[int] = set()
        """The numbers of names that the rows of ``statistics`` have to tell."""
        self.odd: set[int] = set()
        """The places of trials that the documents have to tell."""

    def add(self, place: int, names: bytes, kinds: bytes, cells: bytes) -> None:
        """Put in the row of the trial at this place; the places rise. ``ValueError`` if there is no such row."""
        pile = self._piles.get(names)
        if pile is None:
            pile = self._piles[names] = _Pile(names)
        if len(kinds) != pile.width or len(cells) != pile.width * pile.cells.itemsize:
            raise ValueError("a row of figures has not as many of them as it says")
        pile.places.append(place)
        pile.kinds += kinds
        pile.cells.frombytes(cells)

    def columns(self) -> dict[tuple[int, str], Cells]:
        """The cells of all trials by the number of the name and the aspect, as ``Journal.tabulate`` gives them, without
        those that ``loose`` and ``odd`` name from now on.
        """
        if len(self._piles) * PILE > self._trials:
            self.loose.update(name for pile in self._piles.values() for name in pile.names)
            return {}
        found: dict[tuple[int, str], Any] = {}
        for pile in self._piles.values():
            for name, aspect, kinds, cells in pile.columns(self._aspects):
                found[name, aspect] = among(found.get((name, aspect)), pile.places, cells, self._trials)
                if TEXT in kinds:
                    self.loose.add(name)
                if ODD in kinds:
                    self.odd.update(place for place, kind in zip(pile.places, kinds, strict=True) if kind == ODD)
        return found


class _Pile:
    """Rows of trials that have the same statistics."""

    def __init__(self, names: bytes) -> None:
        self.names = array("I", names)
        if _SWAP:
            self.names.byteswap()
        self.width = len(self.names) * len(ASPECTS)
        self.places: list[int] = []
        self.kinds = bytearray()
        self.cells = array("q")

    def columns(self, aspects: Sequence[tuple[str, int]]) -> Iterator[tuple[int, str, bytes, Cells]]:
        """Name, aspect, the kinds of the cells, and the cells."""
        integers = self.cells
        if _SWAP:
            integers = integers[:]
            integers.byteswap()
        for index, name in enumerate(self.names):
            for aspect, at in aspects:
                column = slice(index * len(ASPECTS) + at, None, self.width)
                kinds = bytes(self.kinds[column])
                yield name, aspect, kinds, _unpacked(kinds, integers[column])


def _unpacked(kinds: bytes, integers: array[int]) -> Cells:
    """Cells of these kinds, given as integers of the same bits."""
    if kinds.count(INTEGER) == len(kinds):
        return integers
    floats = array("d", integers.tobytes())
    if FLOAT in kinds and INTEGER not in kinds:
        return floats
    return [
        floating if kind == FLOAT else whole if kind == INTEGER else None
        for kind, floating, whole in zip(kinds, floats, integers, strict=True)
    ]
