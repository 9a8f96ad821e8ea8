"""One look at one work tree: what its files hold, compared with the commit below them.

Started early, read later. The one process that always runs is ``git status``; the sum over the commit's files and the
list of files that git does not look at are remembered, and looked up beside it when they are not. A look is valid only if commit and
index are the same before and after (a sequence lock, three tries); otherwise it carries the note ``unstable``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace

from kleio.capture import cache, contents
from kleio.capture.git import (
    ABSENT,
    LINK,
    STATUS,
    Entry,
    Git,
    Status,
    parse_flagged,
    parse_status,
    parse_tree,
)
from kleio.capture.patterns import Patterns
from kleio.capture.rehash import Rehash
from kleio.capture.repository import Repository, head, read_config, repository_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.capture.process import Running
    from kleio.settings import Settings

    Triple = tuple[str, str, str]

TRIES = 3
DEPTH = 5
"""Levels of submodules in submodules."""
TOGETHER = 8
"""Submodules that are looked at side by side."""
UNSTABLE = "unstable"
INCOMPLETE = "incomplete"


class GitRefused(Exception):
    """git gave no answer; the message is a note for the record."""


@dataclass(frozen=True)
class Part:
    """One repository of a code version: the outer one (``prefix`` empty) or a changed submodule.

    ``unwatched`` are the changed files that git was told not to look at: no patch of git's shows them.
    """

    prefix: str
    repository: Repository
    commit: str | None
    changed: tuple[Triple, ...]
    untracked: tuple[Triple, ...]
    unwatched: frozenset[str] = frozenset()


@dataclass
class Seen:
    """What a look saw. ``parts`` are the repositories in which something differs from the commit."""

    commit: str | None
    branch: str | None
    digest: str = ""
    changed: list[Triple] = field(default_factory=list)
    untracked: list[Triple] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    parts: list[Part] = field(default_factory=list)


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
        self._status = self.git.start(*STATUS)
        self._hint = head(self.repository)
        self._base = self._recall_base(self._hint)
        self._listing: Running | None = None
        if self._hint and self._base is None:
            self._listing = self._list(self._hint)
        self._flags_key = f"{self.repository.gitdir} {self._stamp[1]}"
        self._flags = cache.recall(self._settings.data, "flags", self._flags_key)
        self._flagged: Running | None = None
        if self._flags is None:
            self._flagged = self.git.start("ls-files", "-v", "-s", "-z")
        for path, _ in (self._base or (0, []))[1]:
            self._child(path, ahead=True)

    def result(self) -> Seen:
        """What was seen. Raises ``GitRefused``."""
        seen = self._once()
        for _ in range(TRIES - 1):
            if self._stamp == self.repository.stamp():
                return seen
            self._start()
            seen = self._once()
        if self._stamp != self.repository.stamp():
            seen.notes.add(UNSTABLE)
        return seen

    def _once(self) -> Seen:
        try:
            return self._read()
        finally:
            self.stop()

    def stop(self) -> None:
        """End all processes of this look. Safe to repeat."""
        for running in (self._status, self._listing, self._flagged):
            if running is not None:
                running.kill()
        for child in self._children.values():
            child.stop()
        self._children = {}

    def _read(self) -> Seen:
        status = self._ask_status()
        seen = Seen(status.commit, status.branch)
        total, links = self._of_commit(status.commit)
        length = len(status.commit) if status.commit else self._object_length()
        rehash = Rehash(self.git, self._deadline, length, seen.notes)
        flagged = self._unwatched()
        files: list[tuple[Entry, str, str]] = []
        for entry in self._corrected(status, flagged):
            if self._ignored.covers(entry.path):
                continue
            if entry.old_mode == LINK:
                links.pop(entry.path, None)
            elif entry.old_mode != ABSENT:
                total -= contents.element(entry.path, entry.old_mode, entry.old_id)
            if entry.work_mode == LINK:
                links[entry.path] = entry.index_id
            else:
                files.append((entry, *rehash.of_entry(entry)))
        untracked, nested = self._untracked(status)
        news = [(path, *rehash.of_file(path)) for path in untracked]
        rehash.settle()
        for entry, mode, name in files:
            name = rehash.settled.get(entry.path, name)
            if mode != ABSENT:
                total += contents.element(entry.path, mode, name)
            if (mode, name) != (entry.old_mode, entry.old_id):
                seen.changed.append((entry.path, mode, name))
        seen.untracked += [(path, mode, rehash.settled.get(path, name)) for path, mode, name in news if mode != ABSENT]
        total += contents.total_of(seen.untracked)
        self._finish(seen, total, links, nested, frozenset(flagged))
        return seen

    def _finish(
        self, seen: Seen, total: int, links: dict[str, str], nested: list[str], unwatched: frozenset[str]
    ) -> None:
        changed = tuple(sorted(seen.changed))
        hidden = unwatched.intersection(path for path, _, _ in changed)
        own = Part("", self.repository, seen.commit, changed, tuple(sorted(seen.untracked)), hidden)
        marks = self._of_links(seen, links, nested)
        if own.changed or own.untracked:
            seen.parts.insert(0, own)
        seen.changed.sort()
        seen.untracked.sort()
        seen.digest = contents.digest_of_sum(total, marks)
        if seen.commit is None:
            seen.notes.add("no commit")

    def _ask_status(self) -> Status:
        answer = self._status.result(self._deadline)
        if answer.timed_out or answer.truncated:
            raise GitRefused(INCOMPLETE)
        if not answer.ok:
            reason = answer.err.decode("utf-8", "replace").strip().splitlines()
            raise GitRefused(f"git refused: {reason[0][:200]}" if reason else "git not available")
        try:
            return parse_status(answer.out)
        except ValueError as error:
            raise GitRefused("git answered what this version of kleio does not understand") from error

    def _of_commit(self, commit: str | None) -> tuple[int, dict[str, str]]:
        """The sum over the commit's files, and its submodules."""
        if commit is None:
            return 0, {}
        if commit != self._hint:
            self._base = self._recall_base(commit)
            self._listing = None if self._base else self._list(commit)
        if self._base is None:
            answer = (self._listing or self._list(commit)).result(self._deadline)
            if not answer.ok:
                raise GitRefused(INCOMPLETE if answer.timed_out else "git cannot list the commit")
            total, links = contents.sum_of_tree(answer.out)
            if self._ignored:
                total -= contents.total_of(e for e in parse_tree(answer.out) if self._ignored.covers(e[0]))
            self._base = total % contents.MODULUS, [link for link in links if not self._ignored.covers(link[0])]
            value = {"sum": f"{self._base[0]:x}", "links": self._base[1]}
            cache.remember(self._settings.data, "trees", self._tree_key(commit), value)
        return self._base[0], dict(self._base[1])

    def _list(self, commit: str) -> Running:
        return self.git.start("ls-tree", "-r", "-z", "--full-tree", commit)

    def _tree_key(self, commit: str) -> str:
        return f"1 {commit} {' '.join(self._ignored.texts)}"

    def _recall_base(self, commit: str | None) -> tuple[int, list[tuple[str, str]]] | None:
        value: Any = cache.recall(self._settings.data, "trees", self._tree_key(commit)) if commit else None
        try:
            return int(value["sum"], 16), [(path, name) for path, name in value["links"]]
        except (TypeError, KeyError, ValueError):
            return None

    def _unwatched(self) -> dict[str, Triple]:
        """Files that git was told not to look at (assume-unchanged, skip-worktree): path → (tag, mode, id)."""
        if self._flagged is not None:
            answer = self._flagged.result(self._deadline)
            self._flags = [list(flag) for flag in parse_flagged(answer.out)] if answer.ok else []
            if answer.ok:
                cache.remember(self._settings.data, "flags", self._flags_key, self._flags)
        try:
            return {path: (tag, mode, name) for tag, path, mode, name in self._flags or []}
        except (TypeError, ValueError):
            return {}

    def _corrected(self, status: Status, flagged: Mapping[str, Triple]) -> list[Entry]:
        """The status entries, with the commit's side of unmerged files and with files that git does not look at."""
        entries = []
        held = self._held([entry.path for entry in status.entries if entry.unmerged])
        for entry in status.entries:
            if entry.unmerged:
                mode, name = held.get(entry.path, (ABSENT, "0" * len(entry.old_id)))
                entry = Entry(entry.path, mode, name, mode, name, entry.work_mode, entry.reread)
            elif entry.path in flagged:
                entry = _unwatched_entry(self.repository.root, flagged, entry)
            entries.append(entry)
        known = {entry.path for entry in entries}
        for path, (_, mode, name) in flagged.items():
            if path not in known and mode != LINK:
                same = Entry(path, mode, name, mode, name, mode, reread=False)
                entry = _unwatched_entry(self.repository.root, flagged, same)
                if entry is not same:
                    entries.append(entry)
        return entries

    def _held(self, paths: list[str]) -> dict[str, tuple[str, str]]:
        if not paths:
            return {}
        answer = self.git.run("ls-tree", "-r", "-z", "--full-tree", "HEAD", deadline=self._deadline)
        wanted = set(paths)
        return {path: (mode, name) for path, mode, name in parse_tree(answer.out) if path in wanted}

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

    def _child(self, path: str, ahead: bool = False) -> Look | None:
        """The look at a submodule; ``None`` if it is not checked out (or is a work tree of this very repository)."""
        if path not in self._children and self._depth < DEPTH and not (ahead and len(self._children) >= TOGETHER):
            place = os.path.join(self.repository.root, path)
            found = None if os.path.islink(place) else repository_at(place)
            if found is not None and found.common != self.repository.common:
                self._children[path] = Look(found, self._settings, self._environ, self._deadline, self._depth + 1)
        return self._children.get(path)

    def _of_links(self, seen: Seen, links: dict[str, str], nested: list[str]) -> dict[str, str]:
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
                seen.notes.add(f"{path}: {refused}")
                continue
            marks[path] = inner.digest
            if inner.commit != links.get(path):
                seen.changed.append((path, LINK, inner.commit or ""))
            seen.changed += [(f"{path}/{name}", mode, blob) for name, mode, blob in inner.changed]
            seen.untracked += [(f"{path}/{name}", mode, blob) for name, mode, blob in inner.untracked]
            seen.notes |= {f"{path}: {note}" for note in inner.notes}
            for part in inner.parts:
                prefix = f"{path}/{part.prefix}".rstrip("/")
                seen.parts.append(replace(part, prefix=prefix))
        return marks

    def _object_length(self) -> int:
        return 64 if read_config(self.repository).get("extensions.objectformat") == "sha256" else 40


def _unwatched_entry(root: str, flagged: Mapping[str, Triple], entry: Entry) -> Entry:
    """``entry`` as it must be read when git was told not to look at the file."""
    tag = flagged[entry.path][0]
    mode = contents.mode_of(os.fsencode(os.path.join(root, entry.path)))
    if mode is None:
        if tag in "Ss":
            return entry
        return Entry(entry.path, entry.old_mode, entry.old_id, entry.index_mode, entry.index_id, ABSENT, reread=False)
    return Entry(entry.path, entry.old_mode, entry.old_id, entry.index_mode, entry.index_id, mode, reread=True)
