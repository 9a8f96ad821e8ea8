"""What makes a code version restorable: patches against commits, untracked sources, and a list of what is missing.

Taken after the command has started, for it is slow: the bytes are read then, and compared with the content names
taken at launch; a file that changed in between is marked. Secrets are replaced in the bytes and marked. A restore
checks out the commit of each repository, applies its patch, and writes its files.
"""

from __future__ import annotations

import os
import re

from kleio.capture.code.git import ABSENT, LINK, SYMLINK, Git
from kleio.capture.code.rehash import Rehash
from kleio.clock import SystemClock
from kleio.dataclass import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kleio.capture.code.findings import Part
    from kleio.capture.secrets.redactor import Redactor
    from kleio.settings import Settings

    Triple = tuple[str, str, str]

EMPTY_TREE = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
DIFF = (
    "diff", "--binary", "--full-index", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames",
    "--ignore-submodules=all", "--src-prefix=a/", "--dst-prefix=b/", "--no-relative", "--unified=3", "-O/dev/null",
)  # fmt: skip
PATIENCE = 60.0
"""Seconds that a patch may take; the command already runs."""
HEADER_ALONE = rb"(?m)^diff --git .*\n(?=diff --git |\Z)"
"""What git says of a file that was touched, not changed; ``git apply`` chokes on it."""
PATCH = "patch"
FILE = "file"
CONFIGURATION = "configuration"
"""A configuration file that the command names, ``path`` being the word: it belongs to the trial, tracked or not."""


@dataclass(frozen=True)
class Piece:
    """One part of a snapshot.

    ``kind`` is ``patch`` (of the repository at ``path``, empty for the outer one, against ``commit``), ``file`` (whole
    content at ``path``) or ``configuration``. ``data`` is ``None`` if it was left out. ``notes`` say what to know:
    ``redacted``, ``changed since launch``, ``too large``, ``unreadable``.
    """

    kind: str
    path: str
    mode: str
    data: bytes | None
    commit: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """What there is to keep; :meth:`pieces` reads it."""

    parts: tuple[Part, ...]
    settings: Settings
    redactor: Redactor
    environ: Mapping[str, str]
    script: tuple[str, str] | None = None
    """Outside git: the script as named on the command line, and its path."""
    configuration: tuple[tuple[str, str], ...] = ()
    """The configuration files: the words, and their paths."""

    def __bool__(self) -> bool:
        return bool(self.parts or self.script or self.configuration)

    def pieces(self) -> Iterator[Piece]:
        """Read everything, one piece in memory at a time, at most ``snapshot_limit`` bytes in all."""
        budget = Budget(self.settings.snapshot_limit)
        if self.script is not None:
            yield _whole(self.script[0], self.script[1], "100644", self.redactor, budget, ())
        for word, path in self.configuration:
            piece = _whole(word, path, "100644", self.redactor, budget, ())
            yield replace(piece, kind=CONFIGURATION)
        for part in self.parts:
            yield from _of_part(part, self, budget)


class Budget:
    """Bytes that may still be kept."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, size: int) -> bool:
        """Whether ``size`` bytes fit; they are then taken."""
        if size > self.left:
            return False
        self.left -= size
        return True


def _of_part(part: Part, snapshot: Snapshot, budget: Budget) -> Iterator[Piece]:
    git = Git(part.repository, snapshot.environ)
    files = [entry for entry in part.changed if entry[1] != LINK]
    seen = [entry for entry in files if entry[0] not in part.unwatched]
    large = [path for path, mode, _ in seen if mode != ABSENT and _size(part, path) > budget.left]
    patch = _patch(part, git, large, budget) if len(seen) > len(large) else b""
    whole = [entry for entry in files if entry[0] in part.unwatched or entry[0] in large]
    if patch is None:
        whole = files
    moved = _moved(part, git, [*files, *part.untracked])
    if patch:
        data = snapshot.redactor.redact_bytes(patch)
        notes = ["redacted"] if data != patch else []
        if any(path in moved for path, _, _ in seen):
            notes.append("changed since launch")
        yield Piece(PATCH, part.prefix, "", data, part.commit, tuple(notes))
    for path, mode, _ in sorted([*whole, *part.untracked]):
        notes = ["changed since launch"] if path in moved else []
        place = os.path.join(part.repository.root, path)
        shown = f"{part.prefix}/{path}" if part.prefix else path
        yield _whole(shown, place, mode, snapshot.redactor, budget, notes)


def _patch(part: Part, git: Git, without: Sequence[str], budget: Budget) -> bytes | None:
    """The binary patch of all tracked changes, ``None`` if git gives none or it is too large."""
    names = [name for _, _, name in part.changed]
    base = part.commit or EMPTY_TREE[len(names[0]) if names else 40]
    paths = [f":(top,exclude,literal){path}" for path in without]
    answer = git.run(*DIFF, base, "--", ":/", *paths, deadline=SystemClock().monotonic() + PATIENCE, limit=budget.left)
    if answer.ok and budget.take(len(answer.out)):
        return re.sub(HEADER_ALONE, b"", answer.out)
    return None


def _moved(part: Part, git: Git, entries: Sequence[Triple]) -> set[str]:
    """The paths whose content is no longer what it was at launch."""
    length = len(entries[0][2]) if entries else 40
    rehash = Rehash(git, SystemClock().monotonic() + PATIENCE, length, set())
    now = {path: rehash.of_file(path) for path, _, _ in entries}
    rehash.settle()
    return {path for path, _, name in entries if rehash.settled.get(path, now[path][1]) != name}


def _whole(shown: str, place: str, mode: str, redactor: Redactor, budget: Budget, notes: Sequence[str]) -> Piece:
    if mode == ABSENT:
        return Piece(FILE, shown, mode, b"", notes=(*notes, "deleted"))
    try:
        if mode == SYMLINK and os.path.islink(place):
            data = os.readlink(os.fsencode(place))
        else:
            with open(os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
                data = file.read(budget.left + 1)
    except OSError:
        return Piece(FILE, shown, mode, None, notes=(*notes, "unreadable"))
    if not budget.take(len(data)):
        return Piece(FILE, shown, mode, None, notes=(*notes, "too large"))
    clean = data if b"\0" in data else redactor.redact_bytes(data)
    return Piece(FILE, shown, mode, clean, notes=(*notes, "redacted") if clean != data else tuple(notes))


def _size(part: Part, path: str) -> int:
    try:
        return os.lstat(os.path.join(part.repository.root, path)).st_size
    except OSError:
        return 0
