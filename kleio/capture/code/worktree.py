"""One look at one work tree: what its files hold, compared with the commit below them.

Started early, read later. The one process that always runs is ``git status``. A look is valid only if commit and
index are the same before and after (a sequence lock, three tries); otherwise it carries the note ``unstable``.
"""

from __future__ import annotations

import os

from kleio.capture.code import contents
from kleio.capture.code.baseline import Baseline, Unwatched
from kleio.capture.code.findings import INCOMPLETE, NO_COMMIT, UNSTABLE, Findings, GitRefused, Part
from kleio.capture.code.git import ABSENT, LINK, STATUS, Entry, Git, Status, parse_status, parse_tree
from kleio.capture.code.patterns import Patterns
from kleio.capture.code.rehash import Rehash
from kleio.capture.code.repository import Repository, head, read_config, repository_at
from kleio.dataclass import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from kleio.settings import Settings

TRIES = 3
DEPTH = 5
"""Levels of submodules in submodules."""
TOGETHER = 8
"""Submodules that are looked at side by side."""


class Look:
    """A look at one work tree, under way."""

    def __init__(
        self, repository: Repository, settings: Settings, environ: Mapping[str, str], deadline: float, depth: int = 0
    ) -> None:
        self.repository = repository
        self.git = Git(repository, environ)
        self._settings, self._environ, self._deadline, self._depth = settings, environ, deadline, depth
        self._code, self._ignored = Patterns(settings.code_patterns), Patterns(settings.code_ignore)
        self._children: dict[str, Look] = {}
        self._start()

    def _start(self) -> None:
        self._stamp = self.repository.stamp()
        commit, index = self._stamp
        self._status = self.git.start(*STATUS)
        self._baseline = Baseline(self.git, self._ignored, self._settings.data, self._deadline, commit)
        self._unwatched = Unwatched(self.git, self._settings.data, self._deadline, index)
        if self._baseline.known is not None:
            for path, _ in self._baseline.known[1][:TOGETHER]:
                self._child(path)

    def result(self) -> Findings:
        """What was seen. Raises ``GitRefused``."""
        found = self._once()
        for _ in range(TRIES - 1):
            if self._stamp == self.repository.stamp():
                return found
            self._start()
            found = self._once()
        if self._stamp != self.repository.stamp():
            found.notes.add(UNSTABLE)
        return found

    def _once(self) -> Findings:
        try:
            return self._read()
        finally:
            self.stop()

    def stop(self) -> None:
        """End all processes of this look. Safe to repeat."""
        self._status.kill()
        self._baseline.stop()
        self._unwatched.stop()
        for child in self._children.values():
            child.stop()
        self._children = {}

    def _read(self) -> Findings:
        status = self._ask_status()
        found = Findings(status.commit, status.branch)
        total, links = self._baseline.of(status.commit)
        rehash = Rehash(self.git, self._deadline, self._name_length(status), found.notes)
        unwatched: set[str] = set()
        tracked: list[tuple[Entry, str, str]] = []
        for entry in self._entries(status, rehash, unwatched):
            if entry.old_mode == LINK:
                links.pop(entry.path, None)
            elif entry.old_mode != ABSENT:
                total -= contents.element(entry.path, entry.old_mode, entry.old_id)
            if entry.work_mode == LINK:
                links[entry.path] = entry.index_id
            else:
                tracked.append((entry, *rehash.of_entry(entry)))
        files, nested = self._untracked(status)
        news = [(path, *rehash.of_file(path)) for path in files]
        rehash.settle()
        for entry, mode, name in tracked:
            name = rehash.settled.get(entry.path, name)
            if mode != ABSENT:
                total += contents.element(entry.path, mode, name)
            if (mode, name) != (entry.old_mode, entry.old_id):
                found.changed.append((entry.path, mode, name))
        found.untracked += [(path, mode, rehash.settled.get(path, name)) for path, mode, name in news if mode != ABSENT]
        total += contents.total_of(found.untracked)
        self._own_part(found, unwatched)
        found.digest = contents.digest_of_sum(total, self._of_links(found, links, nested))
        found.changed.sort()
        found.untracked.sort()
        if found.commit is None:
            found.notes.add(NO_COMMIT)
        return found

    def _own_part(self, found: Findings, unwatched: set[str]) -> None:
        if found.changed or found.untracked:
            changed, untracked = tuple(sorted(found.changed)), tuple(sorted(found.untracked))
            hidden = frozenset(path for path, _, _ in changed if path in unwatched)
            found.parts.append(Part("", self.repository, found.commit, changed, untracked, hidden))

    def _ask_status(self) -> Status:
        answer = self._status.result(self._deadline)
        if answer.timed_out or answer.truncated:
            raise GitRefused(INCOMPLETE)
        if not answer.ok:
            reason = answer.err.decode("utf-8", "replace").strip().splitlines()
            raise GitRefused(f"git refused: {reason[0][:200]}" if reason else "git not available")
        try:
            return parse_status(answer.out)
        except ValueError:
            raise GitRefused("git answered what this version of kleio does not understand")

    def _entries(self, status: Status, rehash: Rehash, unwatched: set[str]) -> list[Entry]:
        """The status entries, with the commit's side of unmerged files, and the files that git does not look at."""
        entries = {entry.path: entry for entry in status.entries}
        unmerged = {entry.path for entry in status.entries if entry.unmerged}
        held = self._in_commit() if unmerged else {}
        for path in unmerged:
            mode, name = held.get(path, (ABSENT, "0" * len(entries[path].old_id)))
            entries[path] = replace(entries[path], old_mode=mode, old_id=name)
        for path, (may_be_absent, (_, mode, name)) in self._unwatched.result().items():
            if mode == LINK:
                continue
            now, content = rehash.of_file(path)
            if (now, content) != (mode, name) and not (now == ABSENT and may_be_absent):
                entry = entries.get(path) or Entry(path, mode, name, mode, name, mode, reread=False)
                entries[path] = replace(entry, work_mode=now, index_id=content, reread=False)
                unwatched.add(path)
        return [entry for entry in entries.values() if not self._ignored.covers(entry.path)]

    def _in_commit(self) -> dict[str, tuple[str, str]]:
        answer = self.git.run("ls-tree", "-r", "-z", "--full-tree", "HEAD", deadline=self._deadline)
        return {path: (mode, name) for path, mode, name in parse_tree(answer.out)} if answer.ok else {}

    def _untracked(self, status: Status) -> tuple[list[str], list[str]]:
        """Untracked sources, and repositories that lie inside and are nobody's submodule."""
        files, nested = [], []
        for path in status.untracked:
            if self._ignored.covers(path.rstrip("/")):
                continue
            if path.endswith("/"):
                nested.append(path[:-1])
            elif self._code.match(path):
                files.append(path)
        return files, nested

    def _child(self, path: str) -> Look | None:
        """The look at a submodule; ``None`` if it is not checked out (or is a work tree of this very repository)."""
        if path not in self._children and self._depth < DEPTH:
            place = os.path.join(self.repository.root, path)
            inner = None if os.path.islink(place) else repository_at(place)
            if inner is not None and os.path.realpath(inner.common) != os.path.realpath(self.repository.common):
                self._children[path] = Look(inner, self._settings, self._environ, self._deadline, self._depth + 1)
        return self._children.get(path)

    def _of_links(self, found: Findings, links: dict[str, str], nested: list[str]) -> dict[str, str]:
        """What stands for each submodule in the digest: its content, or the commit if it is not checked out."""
        marks = {path: f"commit:{name}" for path, name in links.items()}
        for path in [*links, *nested]:
            look = self._child(path)
            if look is None:
                continue
            try:
                inner = look.result()
            except GitRefused as refused:
                marks[path] = f"commit:{head(look.repository)}"
                found.notes.add(f"{path}: {refused}")
                continue
            marks[path] = inner.digest
            found.submodules[path] = inner.commit
            if inner.commit != links.get(path):
                found.changed.append((path, LINK, inner.commit or ""))
            _adopt(found, path, inner)
        return marks

    def _name_length(self, status: Status) -> int:
        if status.commit:
            return len(status.commit)
        return 64 if read_config(self.repository).get("extensions.objectformat") == "sha256" else 40


def _adopt(found: Findings, path: str, inner: Findings) -> None:
    found.changed += [(f"{path}/{name}", mode, blob) for name, mode, blob in inner.changed]
    found.untracked += [(f"{path}/{name}", mode, blob) for name, mode, blob in inner.untracked]
    found.submodules |= {f"{path}/{name}": commit for name, commit in inner.submodules.items()}
    found.notes |= {f"{path}: {note}" for note in inner.notes}
    found.parts += [replace(part, prefix=f"{path}/{part.prefix}".rstrip("/")) for part in inner.parts]
