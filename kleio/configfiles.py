"""Finds and reads the TOML files that settings come from; knows where each value stands, not what it means."""

from __future__ import annotations

import importlib
import os
import sys

from kleio.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any


class Entry:
    """One value of a file, and its ``place``: ``PATH, line N``.

    ``code.ignore``, ``code-ignore`` and ``code_ignore`` all have the name ``code_ignore``. (Not a dataclass: making
    one costs every launch half a millisecond.)
    """

    __slots__ = ("name", "place", "value")

    def __init__(self, name: str, value: Any, place: str) -> None:
        self.name, self.value, self.place = name, value, place


def read_user_file(path: str) -> list[Entry]:
    """The entries of the user's own file; none if there is no such file."""
    text = _read(path)
    return [] if text is None else _entries(path, text)


def read_project_file(cwd: str) -> list[Entry]:
    """The entries of the nearest project file that says anything.

    Looked at are ``kleio.toml`` and ``[tool.kleio]`` of ``pyproject.toml``, in the directories from ``cwd`` up to the
    top of its repository. Outside a repository only ``cwd`` counts: what somebody left further up is not this project.
    """
    for directory in _project_directories(cwd):
        path = os.path.join(directory, "kleio.toml")
        text = _read(path)
        if text is not None:
            return _entries(path, text)
        path = os.path.join(directory, "pyproject.toml")
        text = _read(path)
        if text and "kleio" in text:  # the test spares most launches the import of a TOML parser
            found = _entries(path, text, ("tool", "kleio"))
            if found:
                return found
    return []


def write_entry(path: str, name: str, words: Iterable[str]) -> None:
    """Make ``name`` of the user's file a list of these words, in one step; all else in the file stays as it is."""
    line = f"{name} = [{', '.join(_toml_text(word) for word in words)}]"
    before = (_read(path) or "").removesuffix("\n").split("\n")
    _entries(path, "\n".join(before))  # a file that is no TOML is not touched
    end = next((number for number, text in enumerate(before) if text.lstrip().startswith("[")), len(before))
    place = next((number for number in range(end) if before[number].partition("=")[0].strip() == name), None)
    if before == [""]:
        after = [line]
    elif place is None:
        after = [*before[:end], line, *([""] if end < len(before) else []), *before[end:]]
    else:
        after = [*before[:place], line, *before[_end_of_value(before, place, end) :]]
    text = "\n".join(after) + "\n"
    _entries(path, text)
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(f"{path}.new", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(f"{path}.new", path)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}") from error


def _end_of_value(lines: list[str], place: int, end: int) -> int:
    """The line after the value that begins in line ``place``: a list may take several."""
    for last in range(place + 1, end + 1):
        try:
            _entries("", "\n".join(lines[place:last]))
            return last
        except SettingsError:
            continue
    return place + 1


def _toml_text(word: str) -> str:
    import json

    return json.dumps(word, ensure_ascii=False).replace("\x7f", "\\u007f")


def _project_directories(cwd: str) -> list[str]:
    directories = [cwd]
    while not os.path.exists(os.path.join(directories[-1], ".git")):
        parent = os.path.dirname(directories[-1])
        if parent == directories[-1]:
            return [cwd]
        directories.append(parent)
    return directories


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error


def _entries(path: str, text: str, table: tuple[str, ...] = ()) -> list[Entry]:
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        content: Any = toml.loads(text)
    except toml.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}", hint=f"edit {path}") from error
    for key in table:
        content = content.get(key, {}) if isinstance(content, dict) else {}
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: {'.'.join(table)} is not a table")
    lines = _lines(text)
    prefix = "_".join((*table, ""))
    found = []
    for name, value in _flat(content):
        line = lines.get(prefix + name)
        found.append(Entry(name, value, f"{path}, line {line}" if line else path))
    return found


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        name = prefix + key.replace("-", "_").replace(".", "_")
        if isinstance(value, dict):
            yield from _flat(value, name + "_")
        else:
            yield name, value


def _lines(text: str) -> dict[str, int]:
    """The line of each key, by its full name. Good enough for messages: TOML parsers do not tell."""
    found: dict[str, int] = {}
    header = ""
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line.startswith("["):
            header = _name(line.strip("[]")) + "_"
        elif "=" in line:
            found.setdefault(header.lstrip("_") + _name(line.partition("=")[0]), number)
    return found


def _name(key: str) -> str:
    return "_".join(part.strip().strip("\"'") for part in key.replace("-", "_").split("."))
