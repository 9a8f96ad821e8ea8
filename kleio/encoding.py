"""Canonical JSON and digests: the same value gives the same bytes on every machine and in every version.

Canonical JSON here is RFC 8259 text with sorted keys, no white space and everything outside ASCII escaped, so that
a lone surrogate (how Python holds a byte that is not UTF-8) survives. Floats are written by ``repr``, the shortest
text that reads back equal. NaN and infinities are refused.
"""

from __future__ import annotations

import hashlib
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
    return hashlib.sha256(data).hexdigest()


def digest_of(value: Any) -> str:
    """The digest of the canonical JSON of ``value``."""
    return digest(canonical(value))


def json_text(value: Any, default: Callable[[Any], str], *, sort_keys: bool = False) -> str:
    """A stored value as JSON for people, ``default`` being asked for what JSON has no form for.

    A stored mapping may have any names, a tuple for one: those are written as Python does.
    """
    try:
        return json.dumps(value, ensure_ascii=False, default=default, sort_keys=sort_keys)
    except TypeError:  # names that JSON cannot hold, or sort, are rare, and looking for them is slow
        return json.dumps(_with_json_names(value), ensure_ascii=False, default=default)


def _with_json_names(value: Any) -> Any:
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: (type(pair[0]).__name__, repr(pair[0])))
        return {
            name if name is None or isinstance(name, str | int | float) else repr(name): _with_json_names(item)
            for name, item in pairs
        }
    return [_with_json_names(item) for item in value] if isinstance(value, list | tuple) else value
