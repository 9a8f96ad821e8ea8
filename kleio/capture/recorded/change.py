"""Says what differs between a recorded code version and the code as it stands.

Files always; lines where git still holds both contents.
"""

from __future__ import annotations

import os

from kleio.capture.code.git import ABSENT, LINK, Git
from kleio.capture.code.repository import find_repository
from kleio.capture.recorded.pair import VersionPair, verb_of, version_text
from kleio.capture.small import read_small
from kleio.clock import SystemClock
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.capture.recorded.pair import State
    from kleio.capture.secrets.redactor import Redactor
    from kleio.trial.snapshot import CodeVersion

MOST_FILES = 20
MOST_LINES = 12
"""Lines shown of one file."""
LARGEST = 1 << 18
TIMEOUT = 10.0


def describe_change(old: Mapping[str, Any], new: CodeVersion, cwd: str, redactor: Redactor | None = None) -> list[str]:
    """Lines for people: the two versions, each differing file, and what changed in it. Empty if nothing differs.

    ``old`` is the ``details()`` of the recorded version; of a ``summary()`` only the versions are told apart.
    """
    if old.get("digest") == new.digest:
        return []
    lines = [f"version: {version_text(old)} -> {version_text(new.summary())}"]
    if old.get("kind") != "git" or new.kind != "git":
        same = old.get("script") == new.script
        lines.append(f"modified: {new.script}" if same else f"script: {old.get('script')} -> {new.script}")
        return lines
    repository = find_repository(cwd)
    if repository is None or "changed" not in old:
        return lines
    comparison = _Comparison(Git(repository, os.environ), old, new)
    files, news = comparison.files(), untracked_since(old, new)
    for path, before, after in files[:MOST_FILES]:
        if path in news and before[0] == ABSENT:
            lines.append(f"added: {path}, untracked{comparison.length(path, after)}")
            continue
        lines.append(f"{verb_of(before, after)}: {path}")
        hunks = comparison.hunks(path, before, after)
        lines += [redactor.redact_text(line) for line in hunks] if redactor else hunks
    if len(files) > MOST_FILES:
        lines.append(f"and {counted(len(files) - MOST_FILES, 'more file')}")
    return lines


def untracked_since(old: Mapping[str, Any], new: CodeVersion) -> set[str]:
    """The untracked files that are there now and were not, or were no part of the code, before."""
    if "untracked" not in old:
        return set()
    return {entry[0] for entry in new.untracked} - {entry[0] for entry in old["untracked"]}


class _Comparison:
    """Two code versions of one repository, the later one being the work tree."""

    def __init__(self, git: Git, old: Mapping[str, Any], new: CodeVersion) -> None:
        self._git = git
        self._deadline = SystemClock().monotonic() + TIMEOUT
        self._pair = VersionPair(git, old, new.details(), self._deadline)

    def files(self) -> list[tuple[str, State, State]]:
        """Each differing path with its state before and after."""
        return self._pair.files()

    def hunks(self, path: str, before: State, after: State) -> list[str]:
        """The changed lines, as far as both contents are to be had."""
        if LINK in (before[0], after[0]) or before[1] == after[1]:
            return []
        old, new = self._text(before), self._text(after, path)
        if old is None or new is None:
            return []
        from difflib import unified_diff

        lines = [line.rstrip("\r\n") for line in unified_diff(old, new, n=1)][2:]
        shown = [f"    {line}" for line in lines[:MOST_LINES]]
        return [*shown, f"    ({counted(len(lines) - MOST_LINES, 'more line')})"] if len(lines) > MOST_LINES else shown

    def length(self, path: str, state: State) -> str:
        """How many lines a file has, if it is text."""
        text = self._text(state, path) if state[0] != LINK else None
        return "" if text is None else f", {len(text)} line{'' if len(text) == 1 else 's'}"

    def _text(self, state: State, path: str | None = None) -> list[str] | None:
        if state[0] == ABSENT:
            return []
        data: bytes | None = None
        answer = self._git.run("cat-file", "blob", state[1], deadline=self._deadline, limit=LARGEST)
        if answer.ok:
            data = answer.out
        elif path is not None:
            data = read_small(os.path.join(self._git.repository.root, path), LARGEST)
        return None if data is None or b"\0" in data else data.decode("utf-8", "replace").splitlines()
