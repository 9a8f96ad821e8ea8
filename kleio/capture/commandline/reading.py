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

from kleio.capture.commandline.configfile import read_config_file
from kleio.capture.commandline.scalars import typed
from kleio.dataclass import dataclass
from kleio.trial.snapshot import CommandLine, ConfigFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from kleio.capture.secrets.redactor import Redactor

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


@dataclass(frozen=True)
class Span:
    """Words that belong together: one positional word (``name`` is ``None``), or an option with its values.

    ``values`` are (position of the word, offset of the value in it); ``end`` is the position after the last word.
    """

    name: str | None
    start: int
    end: int
    values: tuple[tuple[int, int], ...] = ()


def spans(words: Sequence[str], *, with_program: bool = True) -> Iterator[Span]:
    """How a command line is read; all its words but ``--`` are covered, in order. Without a program, as options."""
    position = 0
    if with_program:
        for span in _program(words):
            yield span
            position = span.end
    while position < len(words):
        if words[position] == "--":
            yield from (Span(None, rest, rest + 1) for rest in range(position + 1, len(words)))
            return
        span = _option(words, position) if is_option(words[position]) else Span(None, position, position + 1)
        yield span
        position = span.end


def _program(words: Sequence[str]) -> Iterator[Span]:
    """``env X=1 python -u`` and the like: what stands before the program's own words."""
    position = 0
    while position < len(words):
        base = os.path.basename(words[position])
        yield Span(None, position, position + 1)
        position += 1
        if base.startswith(INTERPRETERS):
            yield from _interpreter_options(words, position)
            return
        if base not in WRAPPERS:
            return
        while position < len(words) and "=" in words[position] and words[position][0] not in "-=":
            yield Span(None, position, position + 1)
            position += 1


def _interpreter_options(words: Sequence[str], position: int) -> Iterator[Span]:
    while position < len(words) and is_option(words[position]):
        word = words[position]
        has_value = word in WITH_VALUE and position + 1 < len(words)
        values = ((position + 1, 0),) if has_value else ()
        span = Span(word.lstrip("-"), position, position + 1 + len(values), values)
        yield span
        position = span.end
        if word in LAST:
            return


def _option(words: Sequence[str], start: int) -> Span:
    name, equals, _ = words[start].lstrip("-").partition("=")
    if equals:
        return Span(name, start, start + 1, ((start, words[start].index("=") + 1),))
    position = start + 1
    kind: type | None = None
    while position < len(words) and not is_option(words[position]) and words[position] != "--":
        own = _kind(typed(words[position]))
        if kind is not None and own is not kind:
            break
        kind = own
        position += 1
    return Span(name, start, position, tuple((value, 0) for value in range(start + 1, position)))


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
        for span in spans(self._redacted):
            if span.name is None:
                self._add_positional(span.start)
            elif not span.values:
                self._add(span.name, True)
            for position, offset in span.values:
                self._add(str(span.name), self._value(position, offset))

    def _add_positional(self, position: int) -> None:
        self._add(f"_pos_{self._positional}", self._value(position))
        self._positional += 1

    def _add(self, name: str, value: Any) -> None:
        self._options.setdefault(name, []).append(value)

    def _value(self, position: int, start: int = 0) -> Any:
        """The typed value of a word, or of what follows its ``=`` (which is before ``start``)."""
        word, shown = self._argv[position], self._redacted[position]
        if start:
            word, shown = word.partition("=")[2], shown.partition("=")[2]
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
