"""Stored values in few words."""

from __future__ import annotations

from kleio.cli.terminal.envelope import plain_text
from kleio.cli.terminal.fitting import cut
from kleio.encoding import json_text, writable_integer
from kleio.trial.identity import SHORT
from kleio.units import size_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


LONGEST_INTEGER = 40
"""Characters of a hexadecimal number that are shown; a shorter one is decimal."""


EMPTY = "(empty)"
"""A text without characters, where it stands beside others."""


def fact_text(name: str, value: Any) -> str:
    """A fact of the environment in few words."""
    if name == "memory" and isinstance(value, int):
        return size_text(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return text_of(value)


def text_of(value: Any) -> str:
    """A stored value in few words: text and dates as they are, files by name, the rest as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and value.keys() == {"file", "content"}:
        return f"{value['file']} (with its content)"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, int):
        number = writable_integer(value)
        return cut(number, LONGEST_INTEGER) if isinstance(number, str) else json_text(value, plain_text)
    if value is not None and not isinstance(value, list | dict):
        return plain_text(value)
    return json_text(value, plain_text)


def creator_text(creator: Mapping[str, Any] | None) -> str:
    """Who attached something later: another trial, or a person; empty for what a trial recorded itself."""
    by = creator or {}
    return str(by["trial"])[:SHORT] if by.get("trial") else str(by.get("user") or "")


class Blank(dict):  # type: ignore[type-arg]
    """A mapping for ``format_map`` in which what is missing is a question mark."""

    def __missing__(self, key: str) -> str:
        return "?"
