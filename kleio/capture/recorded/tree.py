"""What the files of a recorded code version held: from the repository, from kept files, from the kept patches.

A patch was made against exactly one commit, so the lines around a change are taken from the commit, not from the
patch, in which secrets may have been replaced.
"""

from __future__ import annotations

import re

from kleio.capture.code.git import ABSENT, LINK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from kleio.capture.code.git import Git
    from kleio.capture.recorded.pair import State

LARGEST = 1 << 20
"""Bytes of a file above which it is not looked into."""
SECTION = re.compile(rb"(?m)^diff --git ")
INDEX = re.compile(rb"(?m)^index ([0-9a-f]{40,64})\.\.([0-9a-f]{40,64})")
HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class RecordedTree:
    """One code version. ``pieces`` are the records of its snapshot, ``read`` gives the bytes of a blob."""

    def __init__(self, git: Git | None, pieces: Iterable[Mapping[str, Any]], read: Callable[[str], bytes]) -> None:
        self._git, self._read = git, read
        self._files: dict[str, str] = {}
        self._patches: list[str] = []
        self._sections: dict[str, bytes] | None = None
        for piece in pieces:
            if piece.get("digest") and piece.get("kind") == "file":
                self._files[piece["path"]] = piece["digest"]
            elif piece.get("digest") and piece.get("kind") == "patch":
                self._patches.append(piece["digest"])

    def content(self, path: str, state: State, deadline: float) -> bytes | None:
        """What the file held; ``None`` if that is not to be had, or it is a submodule or too large."""
        mode, name = state
        if mode == ABSENT:
            return b""
        if mode == LINK:
            return None
        found = self._object(name, deadline)
        if found is None and path in self._files:
            found = self._read(self._files[path])
        if found is None:
            section = self.section(name)
            index = INDEX.search(section) if section else None
            if section and index:
                base = b"" if not index[1].strip(b"0") else self._object(index[1].decode("ascii"), deadline)
                found = None if base is None else patched(base, section)
        return None if found is None or len(found) > LARGEST else found

    def section(self, name: str) -> bytes | None:
        """The part of the kept patches that leads to the blob ``name``."""
        if self._sections is None:
            self._sections = {}
            for digest in self._patches:
                patch = self._read(digest)
                starts = [match.start() for match in SECTION.finditer(patch)]
                for start, end in zip(starts, [*starts[1:], len(patch)], strict=True):
                    index = INDEX.search(patch, start, end)
                    if index:
                        self._sections[index[2].decode("ascii")] = patch[start:end]
        return self._sections.get(name)

    def _object(self, name: str, deadline: float) -> bytes | None:
        if self._git is None or not name:
            return None
        answer = self._git.run("cat-file", "blob", name, deadline=deadline, limit=LARGEST)
        return answer.out if answer.ok else None


def patched(base: bytes, section: bytes) -> bytes | None:
    """``base`` as one file's part of a patch leaves it; ``None`` for a binary patch or one that does not fit."""
    lines = [line + b"\n" for line in base.split(b"\n")]
    lines[-1] = lines[-1][:-1]  # the end of a last line that has none
    made: list[bytes] = []
    position = old = new = 0
    seen, before = False, b""
    for line in section.split(b"\n"):
        kind = line[:1]
        head = HUNK.match(line) if old <= 0 and new <= 0 else None
        if head:
            seen, old, new = True, _count(head[2]), _count(head[4])
            start = int(head[1]) - (1 if old else 0)
            made += lines[position:start]
            position = start
        elif kind == b"\\" and before == b"+":
            made[-1] = made[-1][:-1]
        elif kind == b"+" and new > 0:
            made.append(line[1:] + b"\n")
            new -= 1
        elif kind in (b" ", b"-") and old > 0 and position < len(lines):
            made += lines[position : position + 1] if kind == b" " else []
            position, old, new = position + 1, old - 1, new - (kind == b" ")
        elif kind != b"\\" and (old > 0 or new > 0):
            return None
        before = kind if seen else b""
    return b"".join(made + lines[position:]) if seen and old == new == 0 else None


def _count(digits: bytes | None) -> int:
    return 1 if digits is None else int(digits)
