"""What people do to a trial by hand, at any time: tags, its name, notes, the way to the trash and back.

Each edit is kept for ever as a segment of the stream ``edits`` (``writer`` = the edit's id), so that one can see who
changed what and when; the tags and the name that hold now stand in the trial's document.
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
NAME = "name"
NOTE = "note"
TRASHED = "trashed"
RESTORED = "restored"
VERIFIED = "verified"
LONGEST_TAG = 200
LONGEST_NAME = 200
LONGEST_NOTE = 100_000
LIKE_AN_ID = range(7, 65)
"""A name of so many hexadecimal digits could not be told from the beginning of an id."""


def new_edit(kind: str, clock: Clock, *, who: Mapping[str, Any], **content: Any) -> dict[str, Any]:
    """One edit: ``{"id", "kind", "time", "offset", "who"}``, and ``added`` and ``removed``, or ``text``.

    ``text`` of a change of the name is the new one, empty where it was taken away.
    """
    return {"id": os.urandom(8).hex(), "kind": kind, **stamp(clock), "who": dict(who), **content}


def check_tag(tag: str) -> str:
    """The tag, unless it is one that could not be typed again."""
    if not tag.strip() or ";" in tag or tag != tag.strip() or not tag.isprintable() or len(tag) > LONGEST_TAG:
        raise UsageError(
            f"{tag!r} cannot be a tag", hint=f"printable text of at most {LONGEST_TAG} characters without ;"
        )
    return tag


def check_name(name: str) -> str:
    """The name, unless it is one that could not be typed again or would be taken for an id."""
    if not name.strip() or name != name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise UsageError(f"{name!r} cannot be a name", hint=f"printable text of at most {LONGEST_NAME} characters")
    if len(name) in LIKE_AN_ID and all(digit in "0123456789abcdef" for digit in name):
        raise UsageError(
            f"{name!r} cannot be a name: it looks like the id of a trial",
            hint="a name has at least one character that is no hexadecimal digit, or fewer than 7",
        )
    return name


def with_changes(tags: Iterable[str], add: Iterable[str], remove: Iterable[str]) -> list[str]:
    """The tags after these changes, sorted, each once. What is both added and removed is gone."""
    return sorted({*tags, *add} - {*remove})
