"""What lies under the work tree: the sum over a commit's files, and the files that git was told not to look at.

Both are looked up once and remembered: the sum by the commit, the list by the stamp of the index. When they are not
remembered, git is asked beside ``git status``, not after it.
"""

from __future__ import annotations

from kleio.capture import cache
from kleio.capture.code import contents
from kleio.capture.code.findings import INCOMPLETE, GitRefused
from kleio.capture.code.git import parse_flagged, parse_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.capture.code.findings import Triple
    from kleio.capture.code.git import Git
    from kleio.capture.code.patterns import Patterns
    from kleio.capture.process import Running

    Base = tuple[int, list[tuple[str, str]]]


class Baseline:
    """The files of the commit that is checked out: their sum, and the submodules as (path, commit)."""

    def __init__(self, git: Git, ignored: Patterns, data: str, deadline: float, hint: str | None) -> None:
        self._git, self._ignored, self._data, self._deadline = git, ignored, data, deadline
        self._hint = hint
        self.known = self._recall(hint)
        """The answer for the hinted commit, if it is remembered."""
        self._listing: Running | None = None
        if hint and self.known is None:
            self._listing = self._list(hint)

    def of(self, commit: str | None) -> tuple[int, dict[str, str]]:
        """The answer for ``commit``. Raises ``GitRefused``."""
        if commit is None:
            return 0, {}
        base = self.known if commit == self._hint else self._recall(commit)
        if base is None:
            base = self._read(commit)
            value = {"sum": f"{base[0]:x}", "links": base[1]}
            cache.remember(self._data, "trees", self._key(commit), value)
        return base[0], dict(base[1])

    def stop(self) -> None:
        """End the process, if any. Safe to repeat."""
        if self._listing is not None:
            self._listing.kill()

    def _read(self, commit: str) -> Base:
        listing = self._listing if self._listing is not None and commit == self._hint else self._list(commit)
        answer = listing.result(self._deadline)
        if not answer.ok:
            raise GitRefused(INCOMPLETE if answer.timed_out else "git cannot list the commit")
        total, links = contents.sum_of_tree(answer.out)
        if self._ignored:
            total -= contents.total_of(entry for entry in parse_tree(answer.out) if self._ignored.covers(entry[0]))
        return total % contents.MODULUS, [link for link in links if not self._ignored.covers(link[0])]

    def _list(self, commit: str) -> Running:
        return self._git.start("ls-tree", "-r", "-z", "--full-tree", commit)

    def _key(self, commit: str) -> str:
        return f"1 {commit} {' '.join(self._ignored.texts)}"

    def _recall(self, commit: str | None) -> Base | None:
        value: Any = cache.recall(self._data, "trees", self._key(commit)) if commit else None
        try:
            return int(value["sum"], 16), [(path, name) for path, name in value["links"]]
        except (TypeError, KeyError, ValueError):
            return None


class Unwatched:
    """The files marked assume-unchanged or skip-worktree: ``git status`` says nothing of them, so they are read."""

    def __init__(self, git: Git, data: str, deadline: float, index: object) -> None:
        self._data, self._deadline = data, deadline
        self._key = f"1 {git.repository.gitdir} {index}"
        self._flags: Any = cache.recall(data, "flags", self._key)
        self._asked: Running | None = None
        if self._flags is None and index is not None:
            self._asked = git.start("ls-files", "-v", "-s", "-z")

    def result(self) -> dict[str, tuple[bool, Triple]]:
        """Path → (whether it may be absent, the index's entry)."""
        if self._asked is not None:
            answer = self._asked.result(self._deadline)
            self._flags = [list(flag) for flag in parse_flagged(answer.out)] if answer.ok else []
            if answer.ok:
                cache.remember(self._data, "flags", self._key, self._flags)
        try:
            return {path: (tag in "Ss", (path, mode, name)) for tag, path, mode, name in self._flags or []}
        except (TypeError, ValueError):
            return {}

    def stop(self) -> None:
        """End the process, if any. Safe to repeat."""
        if self._asked is not None:
            self._asked.kill()
