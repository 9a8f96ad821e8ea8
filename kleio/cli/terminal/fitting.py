"""Text in the columns of a terminal: how many it takes, and how it is cut or wrapped to fewer."""

from __future__ import annotations

import unicodedata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_TITLES = 20
"""Columns without room that a remark names."""

USUAL = 32
"""Columns of a terminal that any cell may have before it is cut for the sake of others."""


def columns_of(text: str) -> int:
    """How many columns of a terminal ``text`` takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def cut(text: str, width: int) -> str:
    """``text`` in at most ``width`` columns, an ellipsis where it was cut."""
    if width <= 0 or columns_of(text) <= width:
        return text
    kept, used = [], 1
    for character in text:
        used += _columns(character)
        if used > width:
            break
        kept.append(character)
    return "".join(kept) + "…"


def shares(cells: Sequence[Sequence[int]], titles: Sequence[int], room: int) -> list[int]:
    """How wide each column of a table is, given how wide its cells are, so that all together have ``room``.

    If it is not enough, few long cells of a column are cut, so that they do not move all others apart; what is left
    goes to columns of which half the cells are long.
    """
    found = [max([title, *column]) for title, column in zip(titles, cells, strict=True)]
    if sum(found) <= room:
        return found
    found = [min(width, USUAL) for width in found]
    spare = max(0, room - sum(found))
    for index, column in enumerate(cells):
        median = sorted(column)[(len(column) - 1) // 2] if column else 0
        more = min(spare, max(0, median - found[index]))
        found[index] += more
        spare -= more
    return found


def wrapped(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` columns, broken at blanks where possible; blanks it begins with stay."""
    width = max(1, width)
    lines: list[str] = []
    line: str | None = None
    for word in text.split(" "):
        while columns_of(word) > width:
            room = width if line is None else width - columns_of(line) - 1
            head = _head(word, room)
            if line is None:
                lines.append(head)
            elif columns_of(head) <= room:
                lines.append(f"{line} {head}")
            else:
                lines.append(line)
                head = ""
            line, word = None, word[len(head) :]
        if line is None:
            line = word
        elif columns_of(line) + 1 + columns_of(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}"
    return [*lines, line or ""]


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):  # marks upon the character before, accents and vowels
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _head(word: str, width: int) -> str:
    used = 0
    for index, character in enumerate(word):
        used += _columns(character)
        if used > width:
            return word[: max(index, 1)]
    return word


def too_narrow(titles: Sequence[str]) -> str:
    """Which columns find no room."""
    more = f" and {len(titles) - MOST_TITLES} more" if len(titles) > MOST_TITLES else ""
    return f"too narrow for: {', '.join(titles[:MOST_TITLES])}{more}"
