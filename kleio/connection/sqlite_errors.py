"""SQLite's failures in kleio's words, with what to do about them.

They are told apart by SQLite's own messages (``sqlite3ErrStr``), which have not changed in twenty years; Python hands
out the codes only from 3.11 on.
"""

from __future__ import annotations

import sqlite3

from kleio.errors import JournalCorrupt, JournalError, JournalFull, JournalLocked, JournalReadOnly

_MAGIC = b"SQLite format 3\0"
_READ_ONLY = ("readonly database", "unable to open database file", "read-only")
_CORRUPT = ("not a database", "malformed", "unsupported file format", "no such table", "no such column", "decode")


def is_busy(error: Exception) -> bool:
    """Whether another process holds the lock."""
    return "is locked" in str(error)


def translated(error: sqlite3.Error | UnicodeDecodeError, path: str, timeout: float) -> JournalError:
    """The error to raise in place of ``error``. Bytes that are no text, in a column or a message, are damage."""
    message = str(error)
    if is_busy(error):
        return JournalLocked(
            f"the journal {path} has been locked by another process for {timeout:g} s",
            hint=f"see who holds it with `fuser -v {path}`, and try again",
        )
    if any(part in message for part in _READ_ONLY):
        return JournalReadOnly(
            f"the journal {path} cannot be written: {message}",
            hint="check the permissions of the file and its directory",
        )
    if "not a database" in message and not _begins_as_one(path):
        return JournalCorrupt(
            f"{path} is no journal of kleio, nor any SQLite database",
            hint="`kleio config` shows where the address comes from; if it was a journal, restore it from a backup",
        )
    if any(part in message for part in _CORRUPT):
        return JournalCorrupt(
            f"the journal {path} is damaged: {message}",
            hint=f"keep a copy, then save what can be read: sqlite3 {path} .recover | sqlite3 {path}.recovered",
        )
    if "is full" in message:
        return JournalFull(f"no space is left for the journal {path}", hint="free some space; nothing recorded is lost")
    return JournalError(f"the journal {path} failed: {message}", hint="`kleio doctor` checks the disk and the journal")


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
