"""Results for programs: JSON in one envelope, whose schema number changes when a field is removed or changes its
meaning::

    {"kleio": {"version": "0.1.0", "schema": 1, "command": "ls"}, "data": …}

In ASCII only: it reads the same in every locale, and bytes that are not text survive as lone surrogates.
"""

from __future__ import annotations

from kleio import __version__
from kleio.encoding import Written, printed, writable_integer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

SCHEMA = 1
BLOCK = 64 << 10
"""Characters that are written at once, if there are so many."""


def whole(command: str, data: Any, indent: int | None = None) -> str:
    """The envelope with what is in it."""
    head = {"version": __version__, "schema": SCHEMA, "command": command}
    return _encoder(indent)({"kleio": head, "data": data})


def pieces(command: str, rows: Iterable[Any], indent: int | None = None) -> Iterator[str]:
    """Together a line with what :func:`whole` makes of a list; each row is made when it is asked for."""
    begin, _, end = whole(command, [], indent).rpartition("[]")
    margin = "" if indent is None else "\n" + 2 * indent * " "
    encoded = _encoder(indent)
    is_first = True
    for row in rows:
        before = f"{begin}[" if is_first else "," if margin else ", "
        yield before + margin + (encoded(row).replace("\n", margin) if margin else _row(row, encoded))
        is_first = False
    yield f"{begin}[]{end}\n" if is_first else f"{margin[:-indent] if indent else ''}]{end}\n"


def _row(row: Any, encoded: Callable[[Any], str]) -> str:
    """On one line. What knows its text comes last, as it is."""
    texts = {key: value.text for key, value in row.items() if type(value) is Written} if type(row) is dict else None
    if not texts or len(texts) == len(row):
        return encoded(row)
    rest = encoded({key: value for key, value in row.items() if key not in texts})
    return rest[:-1] + "".join(f", {encoded(key)}: {text}" for key, text in texts.items()) + "}"


def gathered(texts: Iterable[str]) -> Iterator[str]:
    """The same in blocks: to wake up a reader for each row would take longer than to make it."""
    block: list[str] = []
    size = 0
    for text in texts:
        block.append(text)
        size += len(text)
        if size >= BLOCK:
            yield "".join(block)
            block, size = [], 0
    if block:
        yield "".join(block)


def _encoder(indent: int | None) -> Callable[[Any], str]:
    from json import JSONEncoder

    encode = JSONEncoder(indent=indent, ensure_ascii=True, allow_nan=False, check_circular=False).encode

    def encoded(value: Any) -> str:
        try:
            return encode(value)
        except (ValueError, TypeError):  # what JSON cannot say is rare, and looking for it is slow
            return encode(plain(value))

    return encoded


def plain(value: Any) -> Any:
    """``value`` as JSON can hold it: NaN and infinities become the texts ``"NaN"``, ``"Infinity"``, ``"-Infinity"``
    (what JavaScript's ``Number`` and Python's ``float`` read back), integers of more digits than Python writes become
    hexadecimal text, bytes become base64, dates what ISO 8601 says, and the rest what Python writes."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else printed(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, bytes):
        import base64

        return base64.b64encode(value).decode("ascii")
    if isinstance(value, int):
        return writable_integer(value)
    return value if value is None or isinstance(value, str | float) else plain_text(value)


def plain_text(value: Any) -> str:
    """What JSON has no form for: dates as ISO 8601 has them, the rest as Python writes it."""
    return str(value.isoformat()) if hasattr(value, "isoformat") else printed(value)
