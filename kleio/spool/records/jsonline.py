"""Plain values to one line of ASCII JSON, as fast as the interpreter can.

``json.dumps`` builds an encoder anew in every call, which costs more than the encoding of a small record; the C
encoder is made once here. It is taken from where :mod:`json` has it, because the rest of that package, and the regular
expressions that it needs, are a third of what importing the client costs. Where it is missing or has changed, the
public one serves.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _interpreters() -> Callable[[Any], str]:
    from _json import encode_basestring_ascii, make_encoder

    def refuse(value: Any) -> Any:
        raise TypeError(f"{type(value).__name__} is not JSON")

    pieces = make_encoder(None, refuse, encode_basestring_ascii, None, ":", ",", False, False, False)
    join = "".join

    def encode(value: Any) -> str:
        return join(pieces(value, 0))

    if encode({"a": [1.5, None]}) != '{"a":[1.5,null]}':
        raise TypeError("the encoder has changed")
    return encode


def _public() -> Callable[[Any], str]:
    from json import JSONEncoder

    return JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode


try:
    encode = _interpreters()
except (ImportError, TypeError):
    encode = _public()
"""One line of JSON. Raises ``ValueError``, ``TypeError`` or ``RecursionError`` for what is not JSON."""
