"""Puts recorded code into a directory of its own, and proves that it is the recorded one.

Commit, patch, untracked sources; then each file whose content is not yet the recorded one (a secret stands replaced in
its patch, it was too large to keep) is looked for elsewhere by its name, which is its content: among the objects of the
repository, in the user's work tree. What is still another is listed. At the end the code is looked at as a launch
would, and its digest must be the recorded one.
"""

from __future__ import annotations

import os

from kleio.capture.code.git import ABSENT, LINK
from kleio.capture.code.rehash import Rehash
from kleio.capture.code.repository import repository_at
from kleio.capture.code.snapshot import FILE, PATCH
from kleio.checkout import files
from kleio.checkout.repository import NewRepository, Source
from kleio.clock import SystemClock
from kleio.dataclass import dataclass, field
from kleio.errors import BlobCorrupt, BlobMissing, CheckoutFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kleio.checkout.recorded import Kept, RecordedCode

    Triple = tuple[str, str, str]

PATIENCE = 600.0


@dataclass
class Left:
    """What is not as it was recorded: path → why, of code and of configuration. ``remarks`` are things to know."""

    out: dict[str, str] = field(default_factory=dict)
    configuration: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


class Restoration:
    """One restoration of ``code`` into ``root``. ``read`` gives the bytes of a blob by its digest."""

    def __init__(self, code: RecordedCode, root: str, read: Callable[[str], bytes], environ: Mapping[str, str]) -> None:
        self._code, self._root, self._read, self._environ = code, root, read, environ
        version = code.version
        self._changed = [(str(path), str(mode), str(name)) for path, mode, name in version.get("changed") or ()]
        self._untracked = [(str(path), str(mode), str(name)) for path, mode, name in version.get("untracked") or ()]
        self.left = Left()

    def of_git(self, source: Source | None, *, independent: bool) -> None:
        """Restore a repository and its submodules."""
        new = NewRepository(self._root, self._environ)
        new.create(source, independent=independent)
        commit = self._code.version.get("commit")
        if commit is not None:
            new.enter(commit)
        self._fill("", new, source, independent)

    def fetched(self, source: Source | None, remote: str, *, independent: bool) -> bool:
        """The same, with the commit from a remote. False if the remote does not have it."""
        commit = str(self._code.version["commit"])
        new = NewRepository(self._root, self._environ)
        new.create(source, independent=independent)
        if not new.fetch(remote, commit):
            return False
        new.enter(commit)
        self._fill("", new, source, independent)
        return True

    def of_script(self) -> None:
        """Restore the one script that is known of code outside git."""
        os.makedirs(self._root, exist_ok=True)
        for piece in self._code.pieces:
            if piece.kind != FILE:
                continue
            if not files.is_inside(piece.path):
                self.left.out[piece.path] = "it lies outside the directory of the trial"
            elif (data := self.bytes_of(piece)) is not None:
                files.write(self._root, piece.path, piece.mode, data)
                if "redacted" in piece.notes:
                    self.left.remarks.append(f"{piece.path}: secrets stand replaced in it")

    def _fill(self, prefix: str, new: NewRepository, source: Source | None, independent: bool) -> None:
        pieces = [piece for piece in self._code.pieces if self._owner(piece.path) == prefix]
        changed = self._own(self._changed, prefix)
        for piece in pieces:
            if piece.kind == PATCH and (patch := self.bytes_of(piece)) is not None:
                new.apply(patch)
        new.put(entry for entry in changed if entry[1] != LINK)
        new.write_files()
        for piece in pieces:
            if piece.kind == FILE and (data := self.bytes_of(piece)) is not None:
                mode = ABSENT if "deleted" in piece.notes else piece.mode
                files.write(new.root, _below(piece.path, prefix), mode, data)
        untracked = self._own(self._untracked, prefix)
        tracked = [entry for entry in changed if entry[1] != LINK]
        self._mend(prefix, new, source, [*tracked, *untracked])
        new.track(path for path, _, _ in tracked)
        for path, commit in self._submodules(prefix, new, changed).items():
            self._submodule(f"{prefix}/{path}" if prefix else path, path, commit, source, independent)

    def _submodules(self, prefix: str, new: NewRepository, changed: list[Triple]) -> dict[str, str | None]:
        """The submodules that were checked out, and repositories that lay inside: path → commit."""
        recorded = self._code.version.get("submodules")
        if recorded is None:  # an older record: those that are known to have been there
            return {**new.links(), **{path: name or None for path, mode, name in changed if mode == LINK}}
        return {_below(path, prefix): name for path, name in recorded.items() if self._owner(_up(path)) == prefix}

    def _submodule(
        self, shown: str, path: str, commit: str | None, outer: Source | None, independent: bool
    ) -> None:  # fmt: skip
        source = self._source_of_submodule(path, outer)
        if commit is not None and (source is None or not source.holds(commit)):
            if self._code.version.get("submodules") is not None:
                self.left.out[shown] = f"commit {commit[:12]} of this submodule is not here"
            return
        files.make_directory(self._root, shown)
        new = NewRepository(os.path.join(self._root, shown), self._environ)
        new.create(source, independent=independent)
        if commit is not None:
            new.enter(commit)
        self._fill(shown, new, source, independent)

    def _source_of_submodule(self, path: str, outer: Source | None) -> Source | None:
        if outer is None:
            return None
        inner = repository_at(os.path.join(outer.repository.root, path))
        return Source.of(inner, self._environ) if inner is not None else None

    def _mend(self, prefix: str, new: NewRepository, source: Source | None, entries: list[Triple]) -> None:
        """Look elsewhere for the content that is not the recorded one; list what is not to be had."""
        for entry in _differing(new, entries):
            path, mode, name = entry
            data = new.blob(name) if mode != ABSENT else b""
            if data is not None:
                files.write(new.root, path, mode, data)
        for path, mode, _ in self._from_work_tree(new, source, _differing(new, entries)):
            shown = f"{prefix}/{path}" if prefix else path
            self.left.out[shown] = self._why(shown, mode)

    def _from_work_tree(self, new: NewRepository, source: Source | None, entries: list[Triple]) -> list[Triple]:
        """Take what the user's own tree still holds; returns what it does not."""
        if source is None or not entries:
            return entries
        there = source.repository.root
        missing = {entry[0] for entry in _differing_in(source, entries)}
        for path, mode, _ in entries:
            data = files.read(there, path, mode) if path not in missing else None
            if data is not None:
                files.write(new.root, path, mode, data)
        return _differing(new, entries)

    def _why(self, shown: str, mode: str) -> str:
        for piece in self._code.pieces:
            if piece.kind == FILE and piece.path == shown:
                return ", ".join(piece.notes) or "its content is not what the launch saw"
        notes = {note for piece in self._code.pieces if piece.kind == PATCH for note in piece.notes}
        if notes:
            return ", ".join(sorted(notes))
        return "it should not be there" if mode == ABSENT else "its content was not stored"

    def bytes_of(self, piece: Kept) -> bytes | None:
        """The bytes of a piece; ``None`` if they were not stored, or are no more."""
        if piece.digest is None:
            return None
        try:
            return self._read(piece.digest)
        except (BlobMissing, BlobCorrupt) as error:
            self.left.remarks.append(f"the stored {piece.kind} of {piece.path or 'the work tree'}: {error.message}")
            return None

    def _owner(self, path: str) -> str:
        """The submodule to which a path belongs; empty for the outer repository."""
        inner = [piece.path for piece in self._code.pieces if piece.kind == PATCH and piece.path]
        inner += [link for link, mode, _ in self._changed if mode == LINK]
        inner += list(self._code.version.get("submodules") or ())
        return max((one for one in inner if path == one or path.startswith(one + "/")), key=len, default="")

    def _own(self, entries: list[Triple], prefix: str) -> list[Triple]:
        """The entries of one repository, relative to its top. A submodule itself belongs to the one around it."""
        found = []
        for path, mode, name in entries:
            owner = self._owner(_up(path)) if mode == LINK else self._owner(path)
            if owner == prefix:
                found.append((_below(path, prefix), mode, name))
        return found


def _below(path: str, prefix: str) -> str:
    return path[len(prefix) + 1 :] if prefix else path


def _up(path: str) -> str:
    return path.rpartition("/")[0]


def _differing(new: NewRepository, entries: list[Triple]) -> list[Triple]:
    return _differing_in(Source(new.repository, new.git), entries)


def _differing_in(place: Source, entries: list[Triple]) -> list[Triple]:
    """The entries that the work tree does not hold as named."""
    length = len(entries[0][2]) if entries else 40
    rehash = Rehash(place.git, SystemClock().monotonic() + PATIENCE, length, set())
    now = {path: rehash.of_file(path) for path, _, _ in entries if files.is_inside(path)}
    rehash.settle()
    found = []
    for path, mode, name in entries:
        if path not in now:
            raise CheckoutFailed(f"the record names a file outside the repository: {path!r}")
        seen_mode, seen = now[path]
        seen = rehash.settled.get(path, seen)
        if seen_mode != mode or (mode != ABSENT and seen != name):
            found.append((path, mode, name))
    return found
