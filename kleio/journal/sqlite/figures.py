"""All figures of a trial's statistics in one row, packed: many trials become columns without an object a number.

``names`` are the statistics' numbers in the table ``names``, four bytes each, rising. ``cells`` has the figures of each
in the order of ``ASPECTS``, eight bytes a figure, and ``kinds`` says in one byte what each is: a floating-point number,
an integer, or NaN in the place of what cannot be packed. All is little-endian. A text is told by the rows of
``statistics``, and what is odd there by the document.

:mod:`kleio.journal.sqlite.piles` reads them; this much is on the way of a launch.
"""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    Packed = tuple[bytes, bytes, bytes]

ASPECTS = ("last", "min", "max", "count", "first")
"""The figures of a statistic, as the columns of ``statistics`` are called."""
FLOAT, INTEGER, TEXT, ODD, NONE = b"dqt?-"
"""Kinds; numbers are called as :mod:`struct` calls them."""
NAN = float("nan")
_KINDS = {float: FLOAT, int: INTEGER, str: TEXT, bytes: ODD, type(None): NONE}
_NUMBERS = frozenset((FLOAT, INTEGER))
_CODES = bytes.maketrans(bytes((TEXT, ODD, NONE)), bytes((FLOAT,)) * 3)


def packed(statistics: Mapping[int, Sequence[Any]]) -> Packed:
    """``names, kinds, cells`` of a trial, from its rows in ``statistics`` by the numbers of their names."""
    names = sorted(statistics)
    figures = [figure for name in names for figure in statistics[name]]
    kinds = bytes([_KINDS[type(figure)] for figure in figures])
    if not _NUMBERS.issuperset(kinds):
        figures = [figure if kind in _NUMBERS else NAN for figure, kind in zip(figures, kinds, strict=True)]
    cells = struct.pack("<" + kinds.translate(_CODES).decode(), *figures)
    return struct.pack(f"<{len(names)}I", *names), kinds, cells
