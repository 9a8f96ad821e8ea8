"""Applies recorded patches, also those in which secrets were replaced.

A secret is replaced wherever it stands in a patch, so that the lines around a change may not be those of the commit
any more, and git refuses it. But the patch was made against exactly this commit: where its unchanged and removed lines
stand is known, and what they hold lies in the commit. They are taken from there.
"""

from __future__ import annotations

import re
from itertools import pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

FILE = re.compile(rb"(?m)^diff --git ")
INDEX = re.compile(rb"(?m)^index ([0-9a-f]{40,64})\.\.[0-9a-f]{40,64}")
HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")


def sections(patch: bytes) -> list[bytes]:
    """The patch of each file."""
    ends = [match.start() for match in FILE.finditer(patch)] + [len(patch)]
    return [patch[start:end] for start, end in pairwise(ends)]


def healed(section: bytes, read: Callable[[str], bytes | None]) -> bytes:
    """The patch of one file with the lines that the commit holds taken from there; ``read`` gives an object's bytes."""
    named = INDEX.search(section)
    content = read(named[1].decode("ascii")) if named and named[1].strip(b"0") else None
    if content is None:
        return section
    old = content.split(b"\n")
    lines, result = section.split(b"\n"), []
    position = left_old = left_new = 0
    for line in lines:
        hunk = HUNK.match(line) if left_old <= 0 and left_new <= 0 else None
        if hunk:
            left_old, left_new = (int(count) if count is not None else 1 for count in hunk.groups()[1:])
            position = int(hunk[1]) - (1 if left_old else 0)
        elif (left_old > 0 or left_new > 0) and line[:1] != b"\\":
            kind = line[:1] or b" "
            if kind in (b" ", b"-"):
                line = kind + old[position] if position < len(old) else line
                position += 1
                left_old -= 1
            left_new -= kind != b"-"
        result.append(line)
    return b"\n".join(result)
