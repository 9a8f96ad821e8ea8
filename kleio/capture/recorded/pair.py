"""Which files differ between two recorded code versions: the commits' difference, overlaid by what no commit held."""

from __future__ import annotations

from kleio.capture.code.git import ABSENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.capture.code.git import Git

    State = tuple[str, str]

GONE: State = (ABSENT, "")
UNKNOWN: State = ("", "")
"""What a commit holds that is nowhere to be had."""


class VersionPair:
    """Two code versions (their ``details()``) of one repository. Without ``git`` only what no commit held is known."""

    def __init__(self, git: Git | None, old: Mapping[str, Any], new: Mapping[str, Any], deadline: float) -> None:
        self._git, self._deadline = git, deadline
        self._old_commit, self._new_commit = old.get("commit"), new.get("commit")
        self._before, self._after = overlay(old), overlay(new)
        self._untracked = {entry[0] for each in (old, new) for entry in each.get("untracked") or ()}

    def files(self) -> list[tuple[str, State, State]]:
        """Each differing path with its state (mode, blob id) before and after."""
        between = self._between_commits()
        found = []
        for path in sorted(self._before.keys() | self._after.keys() | between.keys()):
            old_base, new_base = between.get(path, (None, None))
            if old_base is None and path not in self._before:
                old_base = self._in_commit(self._new_commit, path)
            if new_base is None and path not in self._after:
                new_base = self._in_commit(self._new_commit, path)
            before = self._before.get(path, old_base or GONE)
            after = self._after.get(path, new_base or GONE)
            if before != after and not (before[0] == after[0] == ABSENT):
                found.append((path, before, after))
        return found

    def _between_commits(self) -> dict[str, tuple[State, State]]:
        if not self._git or not self._old_commit or not self._new_commit or self._old_commit == self._new_commit:
            return {}
        answer = self._git.run(
            "diff-tree", "-r", "-z", "--no-renames", self._old_commit, self._new_commit, deadline=self._deadline
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
        lost = GONE if path in self._untracked else UNKNOWN
        if self._git is None:
            return lost
        answer = self._git.run("ls-tree", "-z", "--full-tree", commit, path, deadline=self._deadline)
        if not answer.ok:
            return lost
        facts = answer.out.split(b"\t", 1)[0].decode("ascii", "replace").split(" ")
        return (facts[0], facts[2]) if len(facts) == 3 else GONE


def overlay(details: Mapping[str, Any]) -> dict[str, State]:
    """Path → state of what a version holds besides its commit."""
    entries = [*(details.get("changed") or ()), *(details.get("untracked") or ())]
    return {path: GONE if mode == ABSENT else (mode, name) for path, mode, name in entries}


def verb_of(before: State, after: State) -> str:
    """What happened to a file."""
    if before[0] == ABSENT:
        return "added"
    if after[0] == ABSENT:
        return "deleted"
    return "modified" if before[1] != after[1] else "mode changed"


def version_text(summary: Mapping[str, Any]) -> str:
    """A code version in few words."""
    commit = summary.get("commit")
    text = str(commit)[:10] if commit else f"{summary.get('kind')} {str(summary.get('digest'))[:10]}"
    branch = f" ({summary['branch']})" if summary.get("branch") else ""
    return f"{text}{branch}{' with changes' if summary.get('dirty') else ''}"
