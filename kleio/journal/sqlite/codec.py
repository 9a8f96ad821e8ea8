"""Documents as JSON text and segment bodies as bytes, exactly: what was encoded is equal when decoded.

Text as people expect it, with three additions for what JSON lacks, each an object with a single key:
``{"%float": "nan"}``, ``{"%int": "1f…"}`` (hexadecimal; for integers with thousands of digits) and
``{"%bytes": [start, length]}``. A key that itself begins with ``%`` is written with ``%25`` in its place, so no
document can be mistaken for one of these. Text with lone surrogates cannot be UTF-8: it is kept as bytes
(``surrogatepass``) in place of text.

A body is ``format byte + content``; format 1 means that the content is compressed by zlib. The content is the length
of the JSON in four bytes (little-endian), the JSON, and the raw bytes that its ``%bytes`` point into.
"""

from __future__ import annotations

import json
import math

from kleio.encoding import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_RAW, _ZLIB = 0, 1
_SMALL = 256
"""Bodies below this many bytes are not worth compressing."""
_DIGITS = 1024
"""Integers above this many bits are written in hexadecimal, out of reach of Python's limit on digits."""

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), check_circular=False).encode
_decode = json.JSONDecoder().raw_decode
_STATISTICS = '"statistics":{'


def dump(document: Mapping[str, Any]) -> str | bytes:
    """The document as text, or as bytes if it holds lone surrogates."""
    text = _text(document, bytearray())
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def load(text: str | bytes) -> dict[str, Any]:
    """The document that :func:`dump` was given."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogatepass")
    return _document(text, b"")


def load_with_text(text: str | bytes) -> dict[str, Any]:
    """The same for long lists: the summaries of the statistics, which are most of what there is to write again, know
    their text (:class:`kleio.encoding.Written`), unless it is not ASCII.
    """
    if not isinstance(text, str) or '"%' in text:
        return load(text)
    begin = text.rfind(_STATISTICS) + len(_STATISTICS) - 1
    if begin < len(_STATISTICS):
        return load(text)
    statistics, end = _decode(text, begin)
    document = _whole(f'{text[:begin]}"%"{text[end:]}')
    summary = document.get("summary")
    if not isinstance(summary, dict) or summary.get("statistics") != "%":  # something else is called so, too
        return load(text)
    own = text[begin:end]
    summary["statistics"] = Written(statistics, own) if own.isascii() and "\x7f" not in own else statistics
    return document


def pack(body: Mapping[str, Any]) -> bytes:
    """The body as bytes, compressed if that makes it smaller."""
    raw = bytearray()
    text = _text(body, raw).encode("utf-8", "surrogatepass")
    content = len(text).to_bytes(4, "little") + text + raw
    if len(content) >= _SMALL:
        import zlib

        compressed = zlib.compress(content, 1)
        if len(compressed) < len(content):
            return bytes((_ZLIB,)) + compressed
    return bytes((_RAW,)) + content


def unpack(packed: bytes) -> dict[str, Any]:
    """The body that :func:`pack` was given. ``ValueError`` if the bytes are not such a body."""
    content = packed[1:]
    if packed[:1] == bytes((_ZLIB,)):
        import zlib

        try:
            content = zlib.decompress(content)
        except zlib.error as error:
            raise ValueError(str(error)) from error
    length = 4 + int.from_bytes(content[:4], "little")
    return _document(content[4:length].decode("utf-8", "surrogatepass"), content[length:])


def _text(document: Mapping[str, Any], raw: bytearray) -> str:
    try:
        text = _encode(document)
    except (ValueError, TypeError):  # not finite, too many digits, or bytes
        return _encode(_escaped(document, raw))
    return _encode(_escaped(document, raw)) if '"%' in text else text


def _escaped(value: Any, raw: bytearray) -> Any:
    if isinstance(value, dict):
        return {"%25" + key[1:] if key.startswith("%") else key: _escaped(item, raw) for key, item in value.items()}
    if isinstance(value, list):
        return [_escaped(item, raw) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"%float": repr(value)}
    if isinstance(value, int) and value.bit_length() > _DIGITS:
        return {"%int": f"{value:x}"}
    if isinstance(value, bytes):
        raw += value
        return {"%bytes": [len(raw) - len(value), len(value)]}
    return value


def _document(text: str, raw: bytes) -> dict[str, Any]:
    if '"%' not in text:
        return _whole(text)

    def restored(found: dict[str, Any]) -> Any:
        if len(found) == 1:
            (key, value), *_ = found.items()
            if key == "%float":
                return float(value)
            if key == "%int":
                return int(value, 16)
            if key == "%bytes":
                return raw[value[0] : value[0] + value[1]]
        return {"%" + key[3:] if key.startswith("%25") else key: item for key, item in found.items()}

    document: dict[str, Any] = json.loads(text, object_hook=restored)
    return document


def _whole(text: str) -> dict[str, Any]:
    found: dict[str, Any]
    found, end = _decode(text)
    if end != len(text):
        raise ValueError("there is something behind the document")
    return found
