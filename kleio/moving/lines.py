"""Documents and segments as lines of JSON, exactly: what an archive holds can be read by any JSON parser.

ASCII only. What JSON lacks is an object with a single key: ``{"%float": "nan"}``, ``{"%bytes": base64}``,
``{"%int": "1f…"}`` (hexadecimal; integers of more than 1,024 bits) and ``{"%text": [code points]}`` (text with two
surrogates that a parser would join). A key that itself begins with ``%`` is written with ``%25`` in its place, and one
with such surrogates as ``%u`` and its code points: ``%u55357,56832``.
"""

from __future__ import annotations

import json
import math
from binascii import a2b_base64, b2a_base64

from kleio.journal.contract import Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_DIGITS = 1024
_encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"), check_circular=False).encode


def dump(document: Mapping[str, Any]) -> bytes:
    """The document as JSON, in the order of its keys, without a line end."""
    return _encode(_escaped(document)).encode("ascii")


def load(line: bytes) -> dict[str, Any]:
    """The document that :func:`dump` was given. ``ValueError`` if it is none."""
    try:
        found = json.loads(line.decode("ascii"), object_hook=_restored, parse_constant=_refused)
    except (RecursionError, TypeError, AttributeError, OverflowError, IndexError) as error:
        raise ValueError(f"not a document: {type(error).__name__}")
    if not isinstance(found, dict):
        raise ValueError("not a document, but a list or a single value")
    return found


def dump_segment(segment: Segment) -> bytes:
    """A segment as one line; its trial is named by the place where the line stands."""
    return dump(
        {
            "attempt": segment.attempt,
            "stream": segment.stream,
            "writer": segment.writer,
            "first": segment.first,
            "last": segment.last,
            "body": segment.body,
        }
    )


def load_segment(trial: str, line: bytes) -> Segment:
    """The segment that :func:`dump_segment` was given. ``ValueError`` if it is none."""
    found = load(line)
    try:
        attempt, first, last = (found[name] for name in ("attempt", "first", "last"))
        stream, writer, body = found["stream"], found["writer"], found["body"]
    except KeyError as error:
        raise ValueError(f"a segment without {error}")
    numbers = all(type(number) is int for number in (attempt, first, last))
    if not (numbers and isinstance(stream, str) and isinstance(writer, str) and isinstance(body, dict)):
        raise ValueError("a segment with a field of the wrong type")
    return Segment(trial, attempt, stream, writer, first, last, body)


def _escaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(key): _escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    if isinstance(value, str):
        return value if value.isascii() or _survives(value) else {"%text": [ord(letter) for letter in value]}
    if isinstance(value, float):
        return value if math.isfinite(value) else {"%float": repr(value)}
    if isinstance(value, bytes):
        return {"%bytes": b2a_base64(value, newline=False).decode("ascii")}
    if isinstance(value, int) and value.bit_length() > _DIGITS:
        return {"%int": f"{value:x}"}
    return value


def _key(key: str) -> str:
    if not (key.isascii() or _survives(key)):
        return "%u" + ",".join(str(ord(letter)) for letter in key)
    return "%25" + key[1:] if key.startswith("%") else key


def _survives(text: str) -> bool:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass") == text


def _restored(found: dict[str, Any]) -> Any:
    if len(found) == 1:
        ((key, value),) = found.items()
        if key == "%float":
            return float(value)
        if key == "%int":
            return int(value, 16)
        if key == "%bytes":
            return a2b_base64(value)
        if key == "%text":
            return "".join(map(chr, value))
    return {_key_restored(key) if key.startswith("%") else key: item for key, item in found.items()}


def _key_restored(key: str) -> str:
    if key.startswith("%u"):
        return "".join(chr(int(number)) for number in key[2:].split(","))
    return "%" + key[3:] if key.startswith("%25") else key


def _refused(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")
