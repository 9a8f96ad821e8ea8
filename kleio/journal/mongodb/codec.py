"""Documents as BSON, exactly, while an ordinary document stays what a person expects to see in a MongoDB shell.

What BSON or a server refuses is percent-encoded as in a URL: in keys, ``.``, a leading ``$``, ``%``, NUL and lone
surrogates (``top5%`` becomes ``top5%25``, ``a.b`` becomes ``a%2Eb``, the empty key ``%``). Two values need a wrapper,
whose key no encoded key can be: ``{"%int": "1f…"}`` (hexadecimal) for integers of more than 64 bits, and
``{"%text": bytes}`` for text with lone surrogates.
"""

from __future__ import annotations

import re
import struct
from urllib.parse import unquote

import bson

from kleio.connection.mongodb import OPTIONS
from kleio.journal.values import SCALARS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_FORBIDDEN = re.compile("[%.\x00\ud800-\udfff]|^\\$")
_ENCODED = re.compile(rb"%(?:[0-9A-Fa-f]{2}|int\0|text\0|(?<=[\x01-\x13\x7f\xff]%)\0)")
"""Is found in every document in which there is something to decode, and seldom in another: numbers have all bytes."""
_INT64 = 1 << 63
_LENGTH = struct.Struct("<i")


def encode(value: Any) -> Any:
    """A plain value (see ``values.py``) as the driver takes it."""
    if isinstance(value, dict):
        return {encode_key(key): encode(item) for key, item in value.items()}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, str):
        return value if value.isascii() else _text(value)
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        return {"%int": f"{value:x}"}
    return value


def decode(value: Any) -> Any:
    """The value that :func:`encode` was given. What the driver made is used again: lists of trials are long."""
    if type(value) in SCALARS:
        return value
    if isinstance(value, dict):
        for key in value:
            if "%" in key:
                return _unwrapped(value)
        for key, item in value.items():
            if type(item) not in SCALARS:
                value[key] = decode(item)
        return value
    return [decode(item) for item in value] if isinstance(value, list) else value


def documents(page: bytes) -> Iterator[dict[str, Any]]:
    """The documents of a page that the server sent, decoded one after the other: often the first few are enough."""
    return map(document_of, parted(page))


def document_of(raw: bytes) -> dict[str, Any]:
    """One document that the server sent, decoded. Most need no look at what the driver makes of them."""
    found = bson.decode(raw, OPTIONS)
    return decode(found) if _ENCODED.search(raw) else found  # type: ignore[no-any-return]


def parted(page: bytes) -> Iterator[bytes]:
    """The documents of a page one by one, as they came."""
    begin = 0
    while begin < len(page):
        end = begin + length_at(page, begin)
        yield page[begin:end]
        begin = end


def length_at(raw: bytes, begin: int) -> int:
    """The bytes that the document takes which begins there."""
    length: int = _LENGTH.unpack_from(raw, begin)[0]
    return length


def encode_key(key: str) -> str:
    """The key as a server takes it."""
    return _FORBIDDEN.sub(_percent, key) if key else "%"


def decode_key(key: str) -> str:
    """The key that :func:`encode_key` was given."""
    return "" if key == "%" else unquote(key, errors="surrogatepass")


def _unwrapped(value: dict[str, Any]) -> Any:
    if len(value) == 1:
        ((key, item),) = value.items()
        if key == "%int":
            return int(item, 16)
        if key == "%text":
            return item.decode("utf-8", "surrogatepass")
    return {decode_key(key) if "%" in key else key: decode(item) for key, item in value.items()}


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass"))


def _text(value: str) -> str | dict[str, bytes]:
    try:
        value.encode()
    except UnicodeEncodeError:
        return {"%text": value.encode("utf-8", "surrogatepass")}
    return value
