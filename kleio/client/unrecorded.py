"""What the logger does where nothing is recorded: print what it would record, and judge it as if it were."""

from __future__ import annotations

import sys

from kleio.spool import blobs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

LONGEST = 300
"""Characters of a value that are printed."""


def pass_by(source: Any, *, directories: bool = False) -> None:
    """What recording would do to a source: raise if it cannot be read, and read a pipe to its end."""
    blobs.refuse_unreadable(source, directories=directories)
    try:
        blobs.exhaust(source)
    except blobs.Unreadable as error:
        raise error.__cause__ or error from None


def print_line(*words: str, values: Mapping[str, Any]) -> bool:
    """Print without ever raising; the terminal may not know the letters, or be gone."""
    line = " ".join([*words, *(f"{name}={shown(value)}" for name, value in values.items())])
    try:
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    except (OSError, ValueError, AttributeError):
        return False
    return True


def shown(value: Any) -> str:
    """A value as Python writes it, cut if it is long."""
    try:
        text = repr(value)
    except Exception:  # a __repr__ of the script's may do anything
        return f"<{type(value).__name__}>"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"
