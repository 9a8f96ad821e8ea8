"""The record of a statistic, as fast as it can be made: the body of most is a few numbers by ordinary names."""

from __future__ import annotations

from kleio.spool.records.jsonline import encode
from kleio.spool.records.values import member_name, normalise_members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

MOST_NAMES = 1000
"""Names that are remembered as JSON."""
_PLAIN = frozenset({int, bool, type(None)})
_quoted: dict[str, str] = {}


def dumps(values: Mapping[str, Any]) -> str:
    """One line of ASCII JSON (:mod:`kleio.spool.records.values`). Raises ``TooLarge`` only."""
    try:
        return _numbers(values) or encode(_plain(values) or normalise_members(values))
    except ValueError:  # an integer of thousands of digits
        return encode(normalise_members(values))


def _numbers(values: Mapping[str, Any]) -> str:
    """Finite numbers, in two thirds of the encoder's time; of anything else nothing."""
    pieces = []
    for name, value in values.items():
        kind = type(value)
        if kind is int or (kind is float and value - value == 0):
            pieces.append(f"{_quoted.get(name) or _quote(name)}{value!r}")
        else:
            return ""
    return f"{{{','.join(pieces)}}}"


def _quote(name: str) -> str:
    """The name as it begins a member."""
    quoted = encode({member_name(name): 0})[1:-2]
    if len(_quoted) < MOST_NAMES:
        _quoted[name] = quoted
    return quoted


def _plain(values: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The values, if they are JSON already."""
    for name, value in values.items():
        kind = type(value)
        is_plain = kind in _PLAIN or (kind is float and value - value == 0) or (kind is str and value.isascii())
        if not (is_plain and name.isascii()):
            return None
    return values
