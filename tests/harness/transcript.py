"""A page of the documentation as a session: its files are written, its commands are run, its outputs are compared.

A block ``.. code-block:: LANGUAGE`` with ``:name: FILE`` is a file. In literal blocks, ``$ …`` is a command and what
follows is its output, stdout and stderr together; ``^C`` is a Ctrl-C, pressed when what stands above it was printed. In
the page's output and commands, an id of seven or ten hexadecimal digits stands for whatever the program gives in its
place, the same each time; ``…`` stands for anything in its line, and alone for any lines.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field

from harness.waiting import until

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.command import Kleio

_FILE = re.compile(r"^\.\. code-block:: \w+\n   :name: (\S+)\n\n((?:   .*\n|\n)+)", re.MULTILINE)
_BLOCK = re.compile(r"::\n\n((?:    .*\n|\n)+)")
_ID = re.compile(r"\b(?:[0-9a-f]{7}|[0-9a-f]{10})\b")
_CTRL_C = "^C"
_ANY = "…"


@dataclass(frozen=True)
class Command:
    """One command of a page, and the output that the page shows."""

    line: str
    output: tuple[str, ...]


def files_of(page: str) -> dict[str, str]:
    """The files that a page shows, by name."""
    return {name: textwrap.dedent(content).strip("\n") + "\n" for name, content in _FILE.findall(page)}


def commands_of(page: str) -> Iterator[Command]:
    """The commands of a page, in order."""
    for block in _BLOCK.findall(_FILE.sub("", page)):
        line, output = "", []
        for text in [*textwrap.dedent(block).strip("\n").splitlines(), "$ "]:
            if not text.startswith("$ "):
                output.append(text)
                continue
            if line:
                yield Command(line, tuple(output))
            line, output = text[2:], []


@dataclass
class Transcript:
    """A page, played in ``directory`` by a shell that finds ``kleio``."""

    kleio: Kleio
    directory: Path
    names: dict[str, str] = field(default_factory=dict)
    """For each id of the page the one that it stands for."""

    def play(self, page: str) -> None:
        """Run the whole page. Fails at the first command whose output is another."""
        for name, content in files_of(page).items():
            (self.directory / name).write_text(content)
        for command in commands_of(page):
            self._compare(command, self._run(command))

    def _run(self, command: Command) -> str:
        line = _ID.sub(lambda match: self.names.get(match[0], match[0]), command.line)
        running = self.kleio.bare_background("bash", "-c", f"exec 2>&1; {line}", cwd=self.directory)
        if _CTRL_C in command.output:
            above = command.output.index(_CTRL_C)
            until(lambda: running.out.read_bytes().count(b"\n") >= above, f"{above} lines of {command.line}")
            running.interrupt()
        return running.wait().out.decode()

    def _compare(self, command: Command, printed: str) -> None:
        expected = [text for text in command.output if text != _CTRL_C]
        pattern, found = "", []
        for text in expected:
            pattern += r"(?:.*\n)*?" if text == _ANY else self._pattern(text, found) + r"\n"
        match = re.fullmatch(pattern, printed)
        assert match, f"$ {command.line}\nprinted\n{printed}\nand not\n" + "\n".join(expected)
        for name, actual in zip(found, match.groups(), strict=True):
            self.names[name] = actual

    def _pattern(self, text: str, found: list[str]) -> str:
        """A line as a regular expression; ids that are met for the first time are groups, named by ``found``."""
        parts: list[str] = []
        position = 0
        for match in _ID.finditer(text):
            parts.append(_literal(text[position : match.start()]))
            position = match.end()
            name = match[0]
            if name in self.names:
                parts.append(re.escape(self.names[name]))
            elif name in found:
                parts.append(rf"\{found.index(name) + 1}")
            else:
                found.append(name)
                parts.append(f"([0-9a-f]{{{len(name)}}})")
        return "".join([*parts, _literal(text[position:])])


def _literal(text: str) -> str:
    """``…`` is anything, and the spaces around it are not counted."""
    first, *others = text.split(_ANY)
    if not others:
        return re.escape(text)
    return ".*".join([re.escape(first.rstrip()), *(re.escape(part.strip()) for part in others)])
