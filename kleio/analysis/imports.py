"""Which files of a repository a command uses: its script, what that imports, what those import.

Read from the recorded sources, nothing is executed. Python files are parsed; of any other script every word that
names a file of the repository counts as used.
"""

from __future__ import annotations

import ast
import posixpath
import re

from kleio.dataclass import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

MOST_FILES = 2000
WORDS = re.compile(r"[\w.@+-]+(?:/[\w.@+-]+)*")
SOURCES = ("", "src", "lib", "python")
"""Directories of a repository that may stand on Python's path, besides that of the script."""


@dataclass
class Used:
    """``files`` that a command uses, in the order of finding, and top-level ``modules`` from elsewhere."""

    files: dict[str, None] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)


def used_by(argv: Sequence[str], directory: str, files: Collection[str], read: Callable[[str], str | None]) -> Used:
    """What ``argv``, run in ``directory`` of a repository with ``files``, uses."""
    used = Used()
    waiting = list(_named(argv, directory, files))
    start = posixpath.dirname(waiting[0]) if waiting else directory
    while waiting and len(used.files) < MOST_FILES:
        path = waiting.pop(0)
        if path in used.files:
            continue
        used.files[path] = None
        text = read(path)
        if text is None:
            continue
        if path.endswith(".py") or "python" in text.partition("\n")[0]:
            waiting += _imported(path, text, [start, *SOURCES], files, used.modules)
        elif not path.endswith((".json", ".csv", ".txt", ".md", ".rst")):
            waiting += [found for word in WORDS.findall(text) if (found := _file(word, directory, files))]
    return used


def _named(argv: Sequence[str], directory: str, files: Collection[str]) -> Iterator[str]:
    """The files that the command line names, modules too."""
    for position, word in enumerate(argv):
        if position and argv[position - 1] == "-m":
            yield from _module(word, [directory, *SOURCES], files)
        for part in (word, word.partition("=")[2]):
            found = _file(part, directory, files)
            if found:
                yield found


def _file(word: str, directory: str, files: Collection[str]) -> str | None:
    path = posixpath.normpath(posixpath.join(directory, word)) if word else ""
    return path if path in files else None


def _imported(path: str, text: str, roots: Sequence[str], files: Collection[str], modules: set[str]) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    package = posixpath.dirname(path)
    for node in ast.walk(tree):
        names: list[str] = []
        above = roots
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            stem = node.module or ""
            names = [stem, *(f"{stem}.{alias.name}" if stem else alias.name for alias in node.names)]
            if node.level:
                base = package
                for _ in range(node.level - 1):
                    base = posixpath.dirname(base)
                above = [base]
        for name in filter(None, names):
            found = list(_module(name, above, files))
            yield from found
            if not found and above is roots:
                modules.add(name.partition(".")[0])


def _module(name: str, roots: Sequence[str], files: Collection[str]) -> Iterator[str]:
    """The files that importing a module runs: its own, and the ``__init__.py`` of the packages around it."""
    parts = name.split(".")
    for root in dict.fromkeys(roots):
        found = []
        for depth in range(1, len(parts) + 1):
            stem = posixpath.join(root, *parts[:depth])
            ends = ("/__init__.py",) if depth < len(parts) else (".py", "/__init__.py", "/__main__.py")
            found += [f"{stem}{end}" for end in ends if f"{stem}{end}" in files]
        if found:
            yield from found
            return
