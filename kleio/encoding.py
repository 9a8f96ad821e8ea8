"""Canonical JSON and digests: the same value gives the same bytes on every machine and in every version.

Canonical JSON here is RFC 8259 text with sorted keys, no white space and everything outside ASCII escaped, so that
a lone surrogate (how Python holds a byte that is not UTF-8) survives. Floats are written by ``repr``, the shortest
text that reads back equal. NaN and infinities are refused.
"""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def canonical(value: Any) -> bytes:
    """The canonical JSON of ``value``. Raises ``TypeError`` or ``ValueError`` for what JSON cannot hold."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def digest(data: bytes) -> str:
    """The sha256 of ``data`` in 64 hexadecimal digits."""
    from hashlib import sha256  # OpenSSL is slow to load, and what only reads needs no digest

    return sha256(data).hexdigest()


def digest_of(value: Any) -> str:
    """The digest of the canonical JSON of ``value``."""
    return digest(canonical(value))


def json_text(value: Any, default: Callable[[Any], str], *, sort_keys: bool = False) -> str:
    """A stored value as JSON for people, ``default`` being asked for what JSON has no form for.

    A stored mapping may have any names, a tuple for one: those are written as Python does.
    """
    try:
        return json.dumps(value, ensure_ascii=False, default=default, sort_keys=sort_keys)
    except (TypeError, ValueError):  # what JSON cannot hold, sort or write is rare, and looking for it is slow
        return json.dumps(_writable(value), ensure_ascii=False, default=default)


def _writable(value: Any) -> Any:
    if isinstance(value, dict):
        pairs = sorted(((key, printed(key)) for key in value), key=lambda pair: (type(pair[0]).__name__, pair[1]))
        return {
            key if key is None or isinstance(key, str | float | bool) else name: _writable(value[key])
            for key, name in pairs
        }
    if isinstance(value, int):
        return writable_integer(value)
    return [_writable(item) for item in value] if isinstance(value, list | tuple) else value


class Written(dict):  # type: ignore[type-arg]
    """A mapping that knows the JSON it was read from, in ASCII: who writes thousands again need not write every number
    anew. The text is right as long as nobody changes the mapping.
    """

    __slots__ = ("text",)

    def __init__(self, content: dict[str, Any], text: str) -> None:
        super().__init__(content)
        self.text = text


def writable_integer(value: int) -> int | str:
    """An integer, or its hexadecimal text if it has more digits than Python writes (``int.__repr__`` raises above
    4300): what a script logged must not make its trial unreadable."""
    try:
        int.__repr__(value)
    except ValueError:
        return hex(value)
    return value


def printed(value: Any) -> str:
    """``repr`` for every stored value, integers of any length among them."""
    if isinstance(value, tuple):
        return f"({', '.join(map(printed, value))}{',' if len(value) == 1 else ''})"
    return str(writable_integer(value)) if type(value) is int else repr(value)
