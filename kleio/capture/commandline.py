"""Reads a command line into a typed configuration, without knowing the program and without refusing anything.

The view is for people and queries (``config.lr > 0.01``); what runs and what names the trial is the list of words as
typed. The rules:

- words are ``_pos_0``, ``_pos_1``, … in order, the program being the first; after a lone ``--`` all words are
- ``--name value``, ``--name=value`` and ``-name value`` set ``name``: dashes are taken off the front, the rest of the
  name keeps its spelling
- an option with nothing after it, or with an option after it, is ``True``; ``--name=`` is the empty text
- the first word after an option is its value; further words are values too as long as they are of the same kind
  (all numbers, or all text): ``--layers 64 32 data.csv`` gives ``layers = [64, 32]``. Whether ``--verbose data.csv`` is
  a flag and a word or an option and its value cannot be known: it is read as a value, and ``--`` says otherwise
- repeated options make lists
- ``-5``, ``-0.5``, ``-1e-3`` and ``-`` are values; of an interpreter's own options (``python -u``) only those that do
  take a value have one
- numbers, ``true``, ``false`` and ``null`` are typed, all else is text
- a value that names an existing ``.yaml .yml .json .toml`` file is ``{"file": …, "content": …}``
"""

from __future__ import annotations

import os

from kleio.capture.configfile import read_config_file
from kleio.capture.scalars import typed
from kleio.trial.snapshot import CommandLine, ConfigFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from kleio.capture.secrets import Redactor

INTERPRETERS = ("python", "pypy")
WITH_VALUE = frozenset({"-m", "-c", "-W", "-X", "--check-hash-based-pycs"})
"""Options of the Python interpreter that take a value."""
LAST = frozenset({"-m", "-c"})
"""Options after which all words are the program's own."""
WRAPPERS = frozenset({"env", "nohup", "nice", "time", "stdbuf", "setsid"})


def read_command_line(argv: Sequence[str], redactor: Redactor, cwd: str) -> CommandLine:
    """What the user typed, as run and as recorded."""
    redacted = redactor.redact_argv(argv)
    reader = _Reader(argv, redacted, redactor, cwd)
    reader.read()
    return CommandLine(tuple(argv), redacted, reader.configuration(), tuple(reader.files))


class _Reader:
    def __init__(self, argv: Sequence[str], redacted: Sequence[str], redactor: Redactor, cwd: str) -> None:
        self._argv, self._redacted = argv, redacted
        self._redactor, self._cwd = redactor, cwd
        self._options: dict[str, list[Any]] = {}
        self._positional = 0
        self.files: list[ConfigFile] = []

    def configuration(self) -> dict[str, Any]:
        return {name: values[0] if len(values) == 1 else values for name, values in self._options.items()}

    def read(self) -> None:
        position = self._read_interpreter()
        while position < len(self._argv):
            word = self._argv[position]
            if word == "--":
                for rest in range(position + 1, len(self._argv)):
                    self._add_positional(rest)
                return
            if not is_option(word):
                self._add_positional(position)
                position += 1
            else:
                position = self._read_option(position)

    def _read_interpreter(self) -> int:
        """Read ``env X=1 python -u`` and the like; returns where the program's own words start."""
        position = 0
        while position < len(self._argv):
            base = os.path.basename(self._argv[position])
            self._add_positional(position)
            position += 1
            if base.startswith(INTERPRETERS):
                return self._read_interpreter_options(position)
            if base not in WRAPPERS:
                return position
            while position < len(self._argv) and "=" in self._argv[position] and self._argv[position][0] not in "-=":
                self._add_positional(position)
                position += 1
        return position

    def _read_interpreter_options(self, position: int) -> int:
        while position < len(self._argv) and is_option(self._argv[position]) and self._argv[position] != "--":
            word = self._argv[position]
            position += 1
            if word in WITH_VALUE and position < len(self._argv):
                self._add(word.lstrip("-"), self._value(position))
                position += 1
            else:
                self._add(word.lstrip("-"), True)
            if word in LAST:
                break
        return position

    def _read_option(self, position: int) -> int:
        name, equals, _ = self._redacted[position].lstrip("-").partition("=")
        if equals:
            start = len(self._argv[position]) - len(self._argv[position].partition("=")[2])
            self._add(name, self._value(position, start))
            return position + 1
        position += 1
        kind: type | None = None
        while position < len(self._argv) and not is_option(self._argv[position]) and self._argv[position] != "--":
            value = self._value(position)
            if kind is not None and _kind(value) is not kind:
                break
            kind = _kind(value)
            self._add(name, value)
            position += 1
        if kind is None:
            self._add(name, True)
        return position

    def _add_positional(self, position: int) -> None:
        self._add(f"_pos_{self._positional}", self._value(position))
        self._positional += 1

    def _add(self, name: str, value: Any) -> None:
        self._options.setdefault(name, []).append(value)

    def _value(self, position: int, start: int = 0) -> Any:
        """The typed value of a word, or of what follows its ``=`` (which is at ``start``)."""
        word = self._argv[position][start:]
        shown = self._redacted[position]
        if start:
            shown = shown.partition("=")[2]
        found = read_config_file(word, self._cwd, self._redactor) if position else None
        if found is None:
            return typed(shown)
        digest, content = found
        if all(file.argument != shown for file in self.files):
            self.files.append(ConfigFile(shown, digest, content))
        return {"file": shown, "content": content}


def is_option(word: str) -> bool:
    """Whether the word names an option: ``-x``, ``--name``, ``--name=value``; not ``-``, ``-5``, ``---``."""
    if len(word) < 2 or word[0] != "-" or word == "--":
        return False
    name = word.lstrip("-").partition("=")[0]
    return bool(name) and not isinstance(typed(word), (int, float))


def _kind(value: Any) -> type:
    if isinstance(value, bool) or value is None:
        return bool
    return float if isinstance(value, (int, float)) else str
