"""What counts as a number when trials are compared: numbers, and texts that read as one.

All journals agree on this file. Integers that 64 bits hold and floating-point numbers are compared exactly.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
LONGEST = 64
LIMIT = 1 << 63


def reading(text: str) -> int | float | None:
    """The number that a text reads as, or ``None``. Spaces are none of a number."""
    if len(text) > LONGEST or not _NUMBER.fullmatch(text):
        return None
    try:
        return int(text)
    except ValueError:
        value = float(text)
    return value if abs(value) != float("inf") else None


def is_number(value: Any) -> bool:
    """A number that is no truth value."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_plain_number(value: Any) -> bool:
    """A number that every database holds as one: a floating-point number that is not NaN, an integer of 64 bits."""
    return (type(value) is float and value == value) or (type(value) is int and -LIMIT <= value < LIMIT)


def is_plain_text(value: Any) -> bool:
    """A text that every database holds as one: without halves of characters."""
    if type(value) is not str:
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
