"""SQLite's failures in kleio's words, with what to do about them.

They are told apart by SQLite's own messages (``sqlite3ErrStr``), which have not changed in twenty years; Python hands
out the codes only from 3.11 on.
"""

from __future__ import annotations

import os
import sqlite3

from kleio.errors import JournalCorrupt, JournalError, JournalFull, JournalLocked, JournalReadOnly
from kleio.trial.quoting import quoted

_MAGIC = b"SQLite format 3\0"
_READ_ONLY = ("readonly database", "unable to open database file", "read-only")
_CORRUPT = ("not a database", "malformed", "unsupported file format", "no such table", "no such column", "decode")


def is_busy(error: Exception) -> bool:
    """Whether another process holds the lock."""
    return "is locked" in str(error)


def translated(
    error: sqlite3.Error | UnicodeDecodeError, path: str, timeout: float, *, for_writing: bool = True
) -> JournalError:
    """The error to raise in place of ``error``. Bytes that are no text, in a column or a message, are damage.

    ``for_writing``: whoever opened the journal may mean to write, and is told that it cannot.
    """
    message = str(error)
    if is_busy(error):
        return JournalLocked(
            f"the journal {path} has been locked by another process for {timeout:g} s",
            hint=f"see who holds it with `fuser -v {quoted([path])}`, and try again",
        )
    if any(part in message for part in _READ_ONLY):
        return _no_access(path, message, for_writing)
    if "not a database" in message and not _begins_as_one(path):
        return JournalCorrupt(
            f"{path} is no journal of kleio, nor any SQLite database",
            hint="`kleio config` shows where the address comes from; if it was a journal, restore it from a backup",
        )
    if any(part in message for part in _CORRUPT):
        saving = f"sqlite3 {quoted([path])} .recover | sqlite3 {quoted([path + '.recovered'])}"
        return JournalCorrupt(
            f"the journal {path} is damaged: {message}", hint=f"keep a copy, then save what can be read: {saving}"
        )
    if "is full" in message:
        return JournalFull(f"no space is left for the journal {path}", hint="free some space; nothing recorded is lost")
    return JournalError(f"the journal {path} failed: {message}", hint="`kleio doctor` checks the disk and the journal")


def _no_access(path: str, message: str, for_writing: bool) -> JournalError:
    if os.path.exists(path) and not os.access(path, os.R_OK):
        what, hint = "cannot be read: permission denied", f"see who may: ls -l {quoted([path])}"
    else:
        what = f"cannot be {'written' if for_writing else 'read'}: {message}"
        hint = "check the permissions of the file and its directory"
    return (JournalReadOnly if for_writing else JournalError)(f"the journal {path} {what}", hint=hint)


def _begins_as_one(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return True  # SQLite's own word has to do


def unreadable(path: str, error: Exception) -> JournalCorrupt:
    """The error for a row that is not what we write."""
    return JournalCorrupt(
        f"the journal {path} holds a row that cannot be read: {error}",
        hint="keep a copy of the file; `kleio doctor` checks it",
    )
