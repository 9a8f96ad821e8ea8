"""Says what differs between a recorded code version and the code as it stands.

Files always; lines where git still holds both contents.
"""

from __future__ import annotations

import os

from kleio.capture.git import ABSENT, LINK, Git
from kleio.capture.repository import find_repository, read_small
from kleio.clock import SystemClock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.capture.secrets import Redactor
    from kleio.trial.snapshot import CodeVersion

    State = tuple[str, str]

MOST_FILES = 20
MOST_LINES = 12
"""Lines shown of one file."""
LARGEST = 1 << 18
TIMEOUT = 10.0
GONE: State = (ABSENT, "")


def describe_change(old: Mapping[str, Any], new: CodeVersion, cwd: str, redactor: Redactor | None = None) -> list[str]:
    """Lines for people: the two versions, each differing file, and what changed in it. Empty if nothing differs.

    ``old`` is the ``details()`` of the recorded version; of a ``summary()`` only the versions are told apart.
    """
    if old.get("digest") == new.digest:
        return []
    lines = [f"version: {_version(old)} -> {_version(new.summary())}"]
    if old.get("kind") != "git" or new.kind != "git":
        same = old.get("script") == new.script
        lines.append(f"modified: {new.script}" if same else f"script: {old.get('script')} -> {new.script}")
        return lines
    repository = find_repository(cwd)
    if repository is None or "changed" not in old:
        return lines
    comparison = _Comparison(Git(repository, os.environ), old, new)
    files = comparison.files()
    for path, before, after in files[:MOST_FILES]:
        lines.append(f"{_verb(before, after)}: {path}")
        hunks = comparison.hunks(path, before, after)
        lines += [redactor.redact_text(line) for line in hunks] if redactor else hunks
    if len(files) > MOST_FILES:
        lines.append(f"and {len(files) - MOST_FILES} more files")
    return lines


def _version(summary: Mapping[str, Any]) -> str:
    commit = summary.get("commit")
    text = str(commit)[:10] if commit else f"{summary.get('kind')} {str(summary.get('digest'))[:10]}"
    branch = f" ({summary['branch']})" if summary.get("branch") else ""
    return f"{text}{branch}{' with changes' if summary.get('dirty') else ''}"


def _verb(before: State, after: State) -> str:
    if before[0] == ABSENT:
        return "added"
    if after[0] == ABSENT:
        return "deleted"
    return "modified" if before[1] != after[1] else "mode changed"


class _Comparison:
    """Two code versions of one repository, the later one being the work tree."""

    def __init__(self, git: Git, old: Mapping[str, Any], new: CodeVersion) -> None:
        self._git, self._new = git, new
        self._deadline = SystemClock().monotonic() + TIMEOUT
        self._old_commit = old.get("commit")
        self._before = _overlay(old.get("changed") or (), old.get("untracked") or ())
        self._after = _overlay(new.changed, new.untracked)

    def files(self) -> list[tuple[str, State, State]]:
        """Each differing path with its state before and after."""
        between = self._between_commits()
        found = []
        for path in sorted(self._before.keys() | self._after.keys() | between.keys()):
            old_base, new_base = between.get(path, (None, None))
            if old_base is None and path not in self._before:
                old_base = self._in_commit(self._new.commit, path)
            if new_base is None and path not in self._after:
                new_base = self._in_commit(self._new.commit, path)
            before = self._before.get(path, old_base or GONE)
            after = self._after.get(path, new_base or GONE)
            if before != after and not (before[0] == after[0] == ABSENT):
                found.append((path, before, after))
        return found

    def _between_commits(self) -> dict[str, tuple[State, State]]:
        if not self._old_commit or not self._new.commit or self._old_commit == self._new.commit:
            return {}
        answer = self._git.run(
            "diff-tree", "-r", "-z", "--no-renames", self._old_commit, self._new.commit, deadline=self._deadline
        )
        words = answer.out.decode("utf-8", "surrogateescape").split("\0") if answer.ok else []
        found = {}
        for facts, path in zip(words[::2], words[1::2], strict=False):
            old_mode, new_mode, old_name, new_name, _ = facts[1:].split(" ")
            found[path] = ((old_mode, old_name), (new_mode, new_name))
        return found

    def _in_commit(self, commit: str | None, path: str) -> State:
        if commit is None:
            return GONE
        answer = self._git.run("ls-tree", "-z", "--full-tree", commit, path, deadline=self._deadline)
        facts = answer.out.split(b"\t", 1)[0].decode("ascii", "replace").split(" ")
        return (facts[0], facts[2]) if answer.ok and len(facts) == 3 else GONE

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
        return [*shown, f"    ({len(lines) - MOST_LINES} more lines)"] if len(lines) > MOST_LINES else shown

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


def _overlay(changed: Any, untracked: Any) -> dict[str, State]:
    states = {path: (mode, name) for path, mode, name in changed}
    states.update({path: (mode, name) for path, mode, name in untracked})
    return {path: GONE if mode == ABSENT else (mode, name) for path, (mode, name) in states.items()}
