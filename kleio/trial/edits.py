"""What people do to a trial by hand, at any time: tags, notes, the way to the trash and back.

Each edit is kept for ever as a segment of the stream ``edits`` (``writer`` = the edit's id), so that one can see who
changed what and when; the tags that hold now stand in the trial's document.
"""

from __future__ import annotations

import os

from kleio.clock import stamp
from kleio.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from kleio.clock import Clock

EDITS = "edits"
TAGS = "tags"
NOTE = "note"
TRASHED = "trashed"
RESTORED = "restored"
VERIFIED = "verified"
LONGEST_TAG = 200
LONGEST_NOTE = 100_000


def new_edit(kind: str, clock: Clock, *, who: Mapping[str, Any], **content: Any) -> dict[str, Any]:
    """One edit: ``{"id", "kind", "time", "offset", "who"}``, and ``added`` and ``removed``, or ``text``."""
    return {"id": os.urandom(8).hex(), "kind": kind, **stamp(clock), "who": dict(who), **content}


def check_tag(tag: str) -> str:
    """The tag, unless it is one that could not be typed again."""
    if not tag.strip() or ";" in tag or tag != tag.strip() or not tag.isprintable() or len(tag) > LONGEST_TAG:
        raise UsageError(
            f"{tag!r} cannot be a tag", hint=f"printable text of at most {LONGEST_TAG} characters without ;"
        )
    return tag


def with_changes(tags: Iterable[str], add: Iterable[str], remove: Iterable[str]) -> list[str]:
    """The tags after these changes, sorted, each once. What is both added and removed is gone."""
    return sorted({*tags, *add} - {*remove})
