"""What a journal can hold, decided in one place: every backend asks here before it stores anything.

Values are copied on their way in, so that a caller who changes a dict afterwards changes nothing stored, and so that
subclasses (``numpy.float64``, ``IntEnum``) arrive as the plain types that every backend returns.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.journal.contract import Segment

DEPTH = 64
"""How deeply documents may nest. MongoDB stops at 100, and an escaped value takes a level more."""

SCALARS = frozenset({str, int, float, bool, type(None)})
_NAME = re.compile(r"[!-~]{1,255}")


def plain_document(document: Mapping[str, Any], what: str, *, binary: bool = False) -> dict[str, Any]:
    """A deep copy made of plain types. ``ValueError``, beginning with ``what``, for what no journal can hold."""
    if not isinstance(document, dict):
        document = dict(document)
    copy: dict[str, Any] = _plain(document, what, binary, 0)
    return copy


def _plain(value: Any, what: str, binary: bool, depth: int) -> Any:
    if type(value) in SCALARS:
        return value
    if depth >= DEPTH:
        raise ValueError(f"{what}: nested more than {DEPTH} levels deep")
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise ValueError(f"{what}: the key {key!r} is not text")
        return {
            str(key): item if type(item) in SCALARS else _plain(item, what, binary, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [item if type(item) in SCALARS else _plain(item, what, binary, depth + 1) for item in value]
    if binary and isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    raise ValueError(f"{what}: a value of type {type(value).__name__} cannot be stored")


def plain_body(segment: Segment) -> dict[str, Any]:
    """The body of a segment that can be stored. ``ValueError`` naming the segment if it cannot."""
    what = f"segment {segment.id!r}"
    for part in (segment.trial, segment.stream, segment.writer):
        if not _NAME.fullmatch(part):
            raise ValueError(f"{what}: {part!r} is not a name of 1 to 255 printable ASCII characters without spaces")
    if not 0 <= segment.attempt < 10**6:
        raise ValueError(f"{what}: attempt {segment.attempt} is out of range")
    if not 0 <= segment.first < 10**15 or not segment.first - 1 <= segment.last < 10**15:
        raise ValueError(f"{what}: the range {segment.first} to {segment.last} cannot be stored")
    return plain_document(segment.body, what, binary=True)
