"""Names the content of files in the work tree as git would name it, were they committed now.

Plain files are hashed here. A file that git would convert on the way in (line ends, filters, encodings) is named by
one ``git hash-object`` for all of them, so that committing a dirty tree changes no name.
"""

from __future__ import annotations

import os

from kleio.capture.code import contents
from kleio.capture.code.findings import UNSTABLE
from kleio.capture.code.git import ABSENT, SYMLINK
from kleio.capture.code.repository import read_config
from kleio.capture.small import read_small

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.capture.code.git import Entry, Git

CONVERTING = (b"filter", b"ident", b"working-tree-encoding")
"""Attributes that change content on the way in; line ends only matter where there is a carriage return."""


class Rehash:
    """Names files of one work tree; what it cannot name it notes."""

    def __init__(self, git: Git, deadline: float, length: int, notes: set[str]) -> None:
        self._git, self._deadline, self._length, self._notes = git, deadline, length, notes
        self._root = os.fsencode(git.repository.root)
        self._pending: list[str] = []
        self._converts: dict[str, bool] = {}
        self._config: dict[str, str] | None = None
        self.settled: dict[str, str] = {}
        """Better names of some paths, after :meth:`settle`."""

    def of_entry(self, entry: Entry) -> tuple[str, str]:
        """Mode and name of a tracked file as it lies in the work tree."""
        if entry.work_mode == ABSENT:
            return ABSENT, "0" * self._length
        if not entry.reread:
            return entry.work_mode, entry.index_id
        return self._name(entry.path, entry.work_mode)

    def of_file(self, path: str) -> tuple[str, str]:
        """Mode and name of an untracked file."""
        executables = self._setting("core.filemode") != "false"
        mode = contents.mode_of(self._place(path), executables)
        return self._name(path, mode) if mode else (ABSENT, "0" * self._length)

    def settle(self) -> None:
        """Ask git for the names of the files that it would convert."""
        if not self._pending:
            return
        paths = "".join(f"{path}\n" for path in self._pending).encode("utf-8", "surrogateescape")
        answer = self._git.run("hash-object", "--stdin-paths", deadline=self._deadline, stdin=paths)
        names = answer.out.decode("ascii", "replace").split()
        if answer.ok and len(names) == len(self._pending):
            self.settled = dict(zip(self._pending, names, strict=True))
        self._pending = []

    def _name(self, path: str, mode: str) -> tuple[str, str]:
        place = self._place(path)
        try:
            name, returns = contents.read_blob(place, mode, self._length)
        except contents.Unreadable:
            if not os.path.lexists(place):
                self._notes.add(UNSTABLE)
                return ABSENT, "0" * self._length
            self._notes.add(f"unreadable: {path}")
            return mode, "0" * self._length
        if mode != SYMLINK and "\n" not in path and not path.startswith('"') and (returns or self._converted(path)):
            self._pending.append(path)
        return mode, name

    def _converted(self, path: str) -> bool:
        """Whether git might convert this file: cheap to tell for the usual repository, which has no such rules."""
        directory = os.path.dirname(path)
        while True:
            if self._has_rules(directory):
                return True
            if not directory:
                return False
            directory = os.path.dirname(directory)

    def _has_rules(self, directory: str) -> bool:
        if directory not in self._converts:
            rules = read_small(os.path.join(self._git.repository.root, directory, ".gitattributes")) or b""
            if not directory:
                rules += read_small(os.path.join(self._git.repository.common, "info", "attributes")) or b""
            self._converts[directory] = any(word in rules for word in CONVERTING)
        return self._converts[directory]

    def _setting(self, key: str) -> str | None:
        if self._config is None:
            self._config = read_config(self._git.repository)
        return self._config.get(key)

    def _place(self, path: str) -> bytes:
        return self._root + b"/" + path.encode("utf-8", "surrogateescape")
