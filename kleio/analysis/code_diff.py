"""How the recorded code of two trials differs, line by line, wherever both contents are still to be had.

Contents come from a repository at hand that holds the commits, and from what the trials kept themselves: patches and
untracked sources. Nothing is checked out and nothing is written.
"""

from __future__ import annotations

import os
from difflib import unified_diff

from kleio.capture.code.git import LINK, Git
from kleio.capture.code.repository import find_repository
from kleio.capture.recorded.pair import VersionPair, verb_of, version_text
from kleio.capture.recorded.tree import RecordedTree
from kleio.clock import SystemClock
from kleio.dataclass import dataclass
from kleio.errors import BlobCorrupt, BlobMissing
from kleio.spool.records.segments import points
from kleio.trial.quoting import escaped
from kleio.trial.snapshot import IMPORTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from kleio.analysis.trial import Trial
    from kleio.capture.recorded.pair import State

TIMEOUT = 30.0
CONTEXT = 3
NO_END = "\\ No newline at end of file"
SCRIPT_FILE = ("100644", "script")


@dataclass(frozen=True)
class FileChange:
    """One file that differs. ``hunks`` are the lines of a unified diff, or ``note`` says why there are none."""

    path: str
    verb: str
    hunks: tuple[str, ...] = ()
    note: str = ""

    @property
    def added(self) -> int:
        return sum(line.startswith("+") for line in self.hunks)

    @property
    def removed(self) -> int:
        return sum(line.startswith("-") for line in self.hunks)


@dataclass(frozen=True)
class CodeChange:
    """Two code versions in words, and the files in which they differ. ``notes`` say what could not be looked at."""

    old: str
    new: str
    files: tuple[FileChange, ...]
    notes: tuple[str, ...] = ()


class RecordedCode:
    """The code of a trial's latest attempt that recorded any: its details, and the contents of its files."""

    def __init__(self, trial: Trial, git: Git | None) -> None:
        self.details: Mapping[str, Any] = {}
        pieces: list[Mapping[str, Any]] = []
        for number in range(trial.fence, 0, -1):
            self.details, pieces = _records(trial, number)
            if self.details:
                break
        self.details = self.details or trial.code
        blobs = trial.blobs

        def read(digest: str) -> bytes:
            try:
                return b"" if blobs is None else b"".join(blobs.open(digest))
            except (BlobMissing, BlobCorrupt):
                return b""

        self.tree = RecordedTree(git, pieces, read)

    def script_content(self, deadline: float) -> bytes | None:
        """Outside git: what the script held."""
        return self.tree.content(str(self.details.get("script")), SCRIPT_FILE, deadline)


def code_change(old: Trial, new: Trial, cwd: str, environ: Mapping[str, str]) -> CodeChange | None:
    """What differs; ``None`` if nothing does, or one of them recorded no code."""
    if not old.code or not new.code or old.code.get("digest") == new.code.get("digest"):
        return None
    if _imported_alike(old.code, new.code):
        return None
    git = repository_of((old, new), cwd, environ)
    before, after = RecordedCode(old, git), RecordedCode(new, git)
    words = version_text(before.details), version_text(after.details)
    deadline = SystemClock().monotonic() + TIMEOUT
    if before.details.get("kind") == after.details.get("kind") == "script":
        return CodeChange(*words, (_script_change(before, after, deadline),))
    if {before.details.get("kind"), after.details.get("kind")} != {"git"}:
        return CodeChange(*words, (), ("only one of them lies in a git repository",))
    pair = VersionPair(git, before.details, after.details, deadline)
    files = tuple(
        _file_change(path, states, before.tree, after.tree, deadline) for path, *states in pair.files()
    )  # fmt: skip
    notes = _notes(git, (old, before.details), (new, after.details))
    if words[0] == words[1] and not files:
        notes.append(f"their digests differ: {str(old.code.get('digest'))[:10]} -> {str(new.code.get('digest'))[:10]}")
    return CodeChange(*words, files, tuple(notes))


def _imported_alike(*codes: Mapping[str, Any]) -> bool:
    """Whether all that is known of one of them is what they have in common: another tool's word for its version."""
    is_imported = any(IMPORTED in (code.get("notes") or ()) for code in codes)
    return is_imported and len({(code.get("commit"), bool(code.get("dirty"))) for code in codes}) == 1


def repository_of(trials: Sequence[Trial], cwd: str, environ: Mapping[str, str]) -> Git | None:
    """A repository at hand that holds a commit of these trials: that of ``cwd``, or where one of them ran."""
    places = [cwd, *(str(trial.project.get("root") or "") for trial in trials)]
    commits = [str(trial.code["commit"]) for trial in trials if trial.code.get("commit")]
    best: tuple[int, Git | None] = (0, None)
    for place in dict.fromkeys(places):
        repository = find_repository(place) if place and os.path.isdir(place) else None
        if repository is not None:
            git = Git(repository, environ)
            held = sum(_holds(git, commit) for commit in commits)
            if held == len(commits):
                return git
            best = max(best, (held, git), key=lambda one: one[0])
    return best[1]


def _holds(git: Git, commit: str) -> bool:
    deadline = SystemClock().monotonic() + TIMEOUT
    return git.run("cat-file", "-e", f"{commit}^{{commit}}", deadline=deadline).ok


def _records(trial: Trial, attempt: int) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    details: Mapping[str, Any] = {}
    pieces: list[Mapping[str, Any]] = []
    for segment in trial.journal.segments(trial.id, attempt=attempt, stream="capture"):
        for point in points(segment.body):
            if isinstance(point.values, dict) and point.values.get("type") == "code":
                details = point.values
            elif isinstance(point.values, dict) and point.values.get("type") == "snapshot":
                pieces.append(point.values)
    return details, pieces


def _notes(git: Git | None, *sides: tuple[Trial, Mapping[str, Any]]) -> list[str]:
    commits = dict.fromkeys(str(details["commit"]) for _, details in sides if details.get("commit"))
    missing = [commit[:10] for commit in commits if git is None or not _holds(git, commit)]
    if not missing:
        return []
    projects = {trial.project.get("id"): str(trial.project.get("name")) for trial, _ in sides}
    if len(projects) > 1:
        names = " and ".join(map(escaped, projects.values()))
        return [f"the trials are of two projects, {names}: no repository holds both commits, so files are not compared"]
    alone = "what they changed cannot be shown" if len(commits) > 1 else "some lines cannot be shown"
    return [f"no repository here holds commit {' or '.join(missing)}: {alone}; run this inside a clone"]


def _script_change(before: RecordedCode, after: RecordedCode, deadline: float) -> FileChange:
    names = str(before.details.get("script")), str(after.details.get("script"))
    path = names[0] if names[0] == names[1] else f"{names[0]} -> {names[1]}"
    contents = before.script_content(deadline), after.script_content(deadline)
    return _with_hunks(path, "modified", *contents)


def _file_change(
    path: str, states: Sequence[State], old: RecordedTree, new: RecordedTree, deadline: float
) -> FileChange:
    before, after = states
    verb = verb_of(before, after)
    if LINK in (before[0], after[0]):
        return FileChange(path, verb, note=f"submodule: {before[1][:10]} -> {after[1][:10]}")
    if verb == "mode changed":
        return FileChange(path, verb, note=f"{before[0]} -> {after[0]}")
    contents = old.content(path, before, deadline), new.content(path, after, deadline)
    if None in contents:
        return _from_patch(path, verb, (old.section(before[1]), new.section(after[1])), contents)
    return _with_hunks(path, verb, *contents)


def _from_patch(
    path: str, verb: str, sections: tuple[bytes | None, bytes | None], contents: tuple[bytes | None, bytes | None]
) -> FileChange:
    """The kept patch is the difference itself, if the other side is the commit that it was made against."""
    old, new = sections
    if any(section is not None and b"\nGIT binary patch\n" in section for section in sections):
        return FileChange(path, verb, note="binary")
    if new is not None and old is None and verb == "modified" and b"\n@@ " in new:
        lines = new.decode("utf-8", "replace").split("\n@@ ", 1)[1].splitlines()
        return FileChange(path, verb, (f"@@ {lines[0]}", *lines[1:]), note="as kept, against its commit")
    return _with_hunks(path, verb, *contents)


def _with_hunks(path: str, verb: str, old: bytes | None, new: bytes | None) -> FileChange:
    if old is None or new is None:
        return FileChange(path, verb, note="the content was not kept, or is too large to show")
    if b"\0" in old or b"\0" in new:
        return FileChange(path, verb, note=f"binary: {len(old)} -> {len(new)} bytes")
    texts = [_lines(content.decode("utf-8", "replace")) for content in (old, new)]
    found = "\n".join(list(unified_diff(texts[0], texts[1], n=CONTEXT, lineterm=""))[2:])
    return FileChange(path, verb, tuple(line.rstrip("\r") for line in found.split("\n")) if found else ())


def _lines(text: str) -> list[str]:
    """Lines as git tells them apart; one without an end differs from one with it."""
    lines = text.split("\n")
    unfinished = lines.pop()
    return [*lines, f"{unfinished}\n{NO_END}"] if unfinished else lines
