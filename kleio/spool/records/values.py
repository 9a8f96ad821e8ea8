"""Any value a script logs, as JSON that reads back equal; made in the caller's thread, so that nothing fails later.

Text, integers, finite floats, booleans, ``None``, lists and objects with text as keys are themselves. Whatever JSON
cannot say is an object with exactly one member, whose name begins with ``$`` (a *tag*)::

    {"$float": "nan" | "inf" | "-inf"}
    {"$int": "-1f…"}                     hexadecimal; integers of more than 64 bits
    {"$text": [55357, 56832, …]}         code points: text with two lone surrogates that JSON would join
    {"$bytes": "…"}                      base64
    {"$datetime": "2020-01-01T00:00:00"} ISO 8601, with offset if the value had one; likewise $date and $time
    {"$timedelta": [days, seconds, microseconds]}
    {"$complex": [real, imaginary]}
    {"$decimal": "1.10"}
    {"$map": [[key, value], …]}          a mapping with other keys than text, or one that would look like a tag
    {"$repr": "<object …>"}              what cannot be represented, as Python prints it; reads back as that text

Tuples and sets are lists, NumPy, Torch and JAX scalars are numbers, their arrays nested lists. The outermost object of
a statistic is not a value but the record itself: its member names are free. A reader that meets an unknown tag keeps
it as it is. Nesting deeper than ``DEEPEST`` and cycles are cut off as ``$repr``.
"""

from __future__ import annotations

import sys

from kleio.spool.complaint import called, complain
from kleio.spool.interruption import raised_by_handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

DEEPEST = 64
MOST_NODES = 300_000
"""A value of more parts is over 1 MiB in any case; the limit also stops structures that share parts exponentially."""
LONGEST_REPR = 1000
_INT64 = 1 << 63


class TooLarge(ValueError):
    """A value of more parts than a record can hold."""


def normalise_members(values: Mapping[str, Any]) -> dict[str, Any]:
    """A record's members made plain JSON; the names stay. A name with odd surrogates is escaped as Python prints it."""
    normaliser = _Normaliser()
    return {member_name(name): normaliser.member(name, value, 0) for name, value in values.items()}


def normalise(value: Any) -> Any:
    """``value`` as plain JSON values and tags."""
    return _Normaliser().value(value, 0)


def member_name(name: str) -> str:
    """The name as it is recorded."""
    return name if _survives(name) else ascii(name)


def _survives(text: str) -> bool:
    """Whether JSON gives this text back: two surrogates that make a pair would come back as one character."""
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass") == text
    return True


class _Normaliser:
    """One value on its way: what is open above (against cycles), how much was seen, and the outermost name that it
    stands under, for warnings."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._seen = 0
        self._name: Any = None

    def member(self, name: Any, value: Any, depth: int) -> Any:
        """The value that the script gave this name."""
        self._name = name
        return self.value(value, depth)

    def value(self, value: Any, depth: int) -> Any:
        self._seen += 1
        if self._seen > MOST_NODES:
            raise TooLarge("a record holds at most 1 MiB; keep such a value as an artifact")
        kind = type(value)
        if value is None or kind is bool:
            return value
        scalar = _SCALARS.get(kind)
        if scalar is not None:
            return scalar(value)
        if depth >= DEEPEST or id(value) in self._open:
            return self._printed(value, "is nested too deeply, or contains itself")
        self._open.add(id(value))
        try:
            return self._compound(value, depth + 1)
        except TooLarge:
            raise
        except Exception as error:  # the methods called are the user's: any of them may fail in any way
            if raised_by_handler(error):
                raise
            return self._printed(value, f"could not be read ({type(error).__name__})")
        finally:
            self._open.discard(id(value))

    def _compound(self, value: Any, depth: int) -> Any:
        if isinstance(value, dict):
            return self._mapping(value, depth)
        if isinstance(value, (list, tuple, range)):
            return [self.value(each, depth) for each in value]
        if isinstance(value, (set, frozenset)):
            return [self.value(each, depth) for each in sorted(value, key=repr)]
        for base, convert in _SUBCLASSES:
            if isinstance(value, base):
                return convert(value)
        dated = _dated(value)
        if dated is not None:
            return dated
        converted = _foreign(value)
        if converted is not value:
            return self.value(converted, depth)
        return self._printed(value, "has no representation and is kept as its repr")

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> Any:
        value_of = self.member if self._name is None else lambda _, each, depth: self.value(each, depth)
        pairs = [(key, value_of(key, each, depth)) for key, each in value.items()]
        plain = all(type(key) is str and _survives(key) for key, _ in pairs)
        if plain and not (len(pairs) == 1 and pairs[0][0][:1] == "$"):
            return dict(pairs)
        return {"$map": [[self.value(key, depth), each] for key, each in pairs]}

    def _printed(self, value: Any, why: str) -> Any:
        kind = type(value).__name__
        where = f" in {called(self._name)}" if isinstance(self._name, str) else ""
        complain(f"repr {kind} {why}", f"a value of type {kind}{where} {why}")
        try:
            text = repr(value) if not isinstance(value, (dict, list, tuple)) else f"<{kind} cut off here>"
        except Exception as error:  # a __repr__ of the user's may do anything
            if raised_by_handler(error):
                raise
            text = f"<{kind} without repr>"
        return {"$repr": _text(text[:LONGEST_REPR]) if _survives(text[:LONGEST_REPR]) else ascii(text)[:LONGEST_REPR]}


def _foreign(value: Any) -> Any:
    """What array libraries and others offer to turn their values into plain ones, without importing them."""
    count = 1
    for dimension in getattr(value, "shape", ()):
        count *= dimension
    if count > MOST_NODES:
        raise TooLarge("a record holds at most 1 MiB; keep such an array as an artifact")
    for method in ("tolist", "item", "__fspath__"):
        convert = getattr(value, method, None)
        if callable(convert):
            converted = convert()
            return value if type(converted) is type(value) else converted
    return value


def _float(value: float) -> Any:
    number = float(value)
    if number - number == 0:
        return number
    return {"$float": "nan" if number != number else "inf" if number > 0 else "-inf"}


def _int(value: int) -> Any:
    number = int(value)
    return number if -_INT64 <= number < 2 * _INT64 else {"$int": f"{number:x}"}


def _text(value: str) -> Any:
    text = str.__str__(value)
    return text if _survives(text) else {"$text": [ord(letter) for letter in text]}


def _bytes(value: bytes | bytearray | memoryview) -> Any:
    from binascii import b2a_base64

    return {"$bytes": b2a_base64(bytes(value), newline=False).decode("ascii")}


def _complex(value: complex) -> Any:
    return {"$complex": [_float(value.real), _float(value.imag)]}


def _dated(value: Any) -> Any:
    """Dates, times and decimals: their modules are loaded already if there is such a value. Else ``None``."""
    datetime, decimal = sys.modules.get("datetime"), sys.modules.get("decimal")
    if datetime is not None:
        for name in ("datetime", "date", "time"):
            if isinstance(value, getattr(datetime, name)):
                return {f"${name}": value.isoformat()}
        if isinstance(value, datetime.timedelta):
            return {"$timedelta": [value.days, value.seconds, value.microseconds]}
    if decimal is not None and isinstance(value, decimal.Decimal):
        return {"$decimal": str(value)}
    return None


_SCALARS: dict[type, Callable[[Any], Any]] = {
    float: _float, int: _int, str: _text, bytes: _bytes, bytearray: _bytes, memoryview: _bytes, complex: _complex,
}  # fmt: skip
_SUBCLASSES: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (int, _int), (float, _float), (str, _text), (bytes, _bytes), (complex, _complex),
)  # fmt: skip


def restore(value: Any) -> Any:
    """The inverse of :func:`normalise`."""
    if isinstance(value, list):
        return [restore(each) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, content),) = value.items()
        if name[:1] == "$" and name in _TAGS:
            return _TAGS[name](content)
    return {name: restore(each) for name, each in value.items()}


def _restore_map(pairs: Any) -> Any:
    return {_hashable(restore(key)): restore(each) for key, each in pairs}


def _hashable(key: Any) -> Any:
    return tuple(_hashable(each) for each in key) if isinstance(key, list) else key


def _restore_bytes(text: str) -> bytes:
    from binascii import a2b_base64

    return a2b_base64(text)


def _restore_dated(name: str) -> Callable[[Any], Any]:
    def read(text: str) -> Any:
        import datetime

        return getattr(datetime, name).fromisoformat(text)

    return read


def _restore_timedelta(parts: Any) -> Any:
    import datetime

    return datetime.timedelta(*parts)


def _restore_decimal(text: str) -> Any:
    import decimal

    return decimal.Decimal(text)


_TAGS: dict[str, Callable[[Any], Any]] = {
    "$float": float,
    "$int": lambda text: int(text, 16),
    "$text": lambda points: "".join(map(chr, points)),
    "$bytes": _restore_bytes,
    "$datetime": _restore_dated("datetime"),
    "$date": _restore_dated("date"),
    "$time": _restore_dated("time"),
    "$timedelta": _restore_timedelta,
    "$complex": lambda parts: complex(restore(parts[0]), restore(parts[1])),
    "$decimal": _restore_decimal,
    "$map": _restore_map,
    "$repr": str,
}
