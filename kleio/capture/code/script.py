"""Finds the script that a command line names: the code of a trial outside git."""

from __future__ import annotations

import hashlib
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

INTERPRETERS = ("python", "pypy", "bash", "sh", "zsh", "dash", "ksh", "perl", "ruby", "node", "Rscript", "julia", "lua")
PIECE = 1 << 20


def find_script(argv: Sequence[str], cwd: str) -> str | None:
    """The path, as typed, of the script that ``argv`` runs; of ``python -m MODULE`` the module's file if it is local.

    The first word counts if it is a text file; after an interpreter, the first existing file among its words.
    """
    for position, word in enumerate(argv):
        name = os.path.basename(word)
        if position and word == "-m" and position + 1 < len(argv) and _is_interpreter(argv[:position]):
            return _module(argv[position + 1], cwd)
        if position and word.startswith("-"):
            continue
        path = os.path.join(cwd, word)
        if (position or "/" in word) and _is_file(path) and not _is_binary(path) and not name.startswith("-"):
            return word
    return None


def digest_of_file(path: str) -> str | None:
    """The sha256 of the file's content, ``None`` if it cannot be read."""
    state = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while piece := file.read(PIECE):
                state.update(piece)
    except OSError:
        return None
    return state.hexdigest()


def _is_interpreter(words: Sequence[str]) -> bool:
    return any(os.path.basename(word).startswith(INTERPRETERS) for word in words)


def _module(name: str, cwd: str) -> str | None:
    stem = name.replace(".", "/")
    for candidate in (f"{stem}.py", f"{stem}/__main__.py", f"{stem}/__init__.py"):
        if _is_file(os.path.join(cwd, candidate)):
            return candidate
    return None


def _is_file(path: str) -> bool:
    try:
        return os.path.isfile(path)
    except ValueError:
        return False


def _is_binary(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return b"\0" in file.read(1024)
    except OSError:
        return True
