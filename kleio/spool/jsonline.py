"""Plain values to one line of ASCII JSON, as fast as the interpreter can.

``json.dumps`` builds an encoder anew in every call, which costs more than the encoding of a small record; the C
encoder is made once here. Where it is missing or has changed, the public one serves.
"""

from __future__ import annotations

from json import encoder as _json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_public = _json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode

try:
    _pieces: Any = _json.c_make_encoder(  # type: ignore[attr-defined]
        None, None, _json.encode_basestring_ascii, None, ":", ",", False, False, False
    )
    _fast = "".join(_pieces({"a": [1.5, None]}, 0)) == '{"a":[1.5,null]}'
except (TypeError, AttributeError):
    _fast = False


def _encode(value: Any) -> str:
    return "".join(_pieces(value, 0))


encode = _encode if _fast else _public
"""One line of JSON. Raises ``ValueError``, ``TypeError`` or ``RecursionError`` for what is not JSON."""
