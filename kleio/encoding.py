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
