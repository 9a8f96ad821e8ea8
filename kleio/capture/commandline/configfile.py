"""Reads configuration files that are named on a command line: their content belongs to the trial.

A file that is missing, too large, not readable or not well-formed is just a path. The libraries are imported when
the first file is read.
"""

from __future__ import annotations

import os

from kleio.capture.small import read_small
from kleio.encoding import canonical, digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.capture.secrets.redactor import Redactor

SUFFIXES = (".yaml", ".yml", ".json", ".toml")
SIZE = 1 << 20
"""A larger file is data, not configuration."""
NODES = 100_000
DEPTH = 64


def read_config_file(word: str, cwd: str, redactor: Redactor) -> tuple[str, Any] | None:
    """The digest of the file's bytes and its content without secrets; ``None`` if the word is just a word."""
    if not word.lower().endswith(SUFFIXES):
        return None
    try:
        path = os.path.join(cwd, word)
        if not os.path.isfile(path):
            return None
    except ValueError:
        return None
    data = read_small(path, SIZE)
    if data is None:
        return None
    try:
        content = redactor.redact_value("", _plain(_parse(data, word.lower())))
        canonical(content)
    except (ValueError, TypeError, RecursionError, OverflowError):
        return None
    return digest(data), content


def _parse(data: bytes, name: str) -> Any:
    text = data.decode("utf-8-sig")
    if name.endswith(".json"):
        import json

        return json.loads(text)
    if name.endswith(".toml"):
        return _parse_toml(text)
    return _parse_yaml(text)


def _parse_toml(text: str) -> Any:
    from importlib import import_module

    try:
        tomllib = import_module("tomllib")
    except ImportError:  # Python 3.10 has none: the text itself belongs to the trial then
        return text
    return tomllib.loads(text)


def _parse_yaml(text: str) -> Any:
    import yaml

    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _plain(value: Any) -> Any:
    """``value`` as JSON holds it. Refuses what would unfold without end (YAML aliases)."""
    budget = [NODES]

    def walk(item: Any, depth: int) -> Any:
        budget[0] -= 1
        if budget[0] < 0 or depth > DEPTH:
            raise ValueError("too large or too deep")
        if isinstance(item, dict):
            return {str(key): walk(inner, depth + 1) for key, inner in item.items()}
        if isinstance(item, (list, tuple, set)):
            return [walk(inner, depth + 1) for inner in item]
        if item is None or isinstance(item, (bool, str)):
            return item
        if isinstance(item, int):
            return item if -(1 << 63) <= item < 1 << 63 else str(item)
        if isinstance(item, float):
            return item if item - item == 0 else str(item)
        return item.hex() if isinstance(item, bytes) else str(item)

    return walk(value, 0)
