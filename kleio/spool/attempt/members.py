"""Processes that take part in an attempt without being the command's: tasks of one step (``launcher/team.py``).

Each holds a lock of the spool for its life. Where locks do not reach, between hosts whose file system has none, the
end does not wait for them.
"""

from __future__ import annotations

import os

from kleio.spool.attempt.locks import is_locked

PREFIX = "member-"


def lock_name(rank: int) -> str:
    """The lock of one of them."""
    return f"{PREFIX}{rank}.lock"


def members(directory: str) -> list[str]:
    """The locks of all that have joined."""
    try:
        return [name for name in os.listdir(directory) if name.startswith(PREFIX)]
    except FileNotFoundError:
        return []


def members_alive(directory: str) -> bool:
    """Whether one of them still runs."""
    return any(_holds(directory, name) for name in members(directory))


def _holds(directory: str, name: str) -> bool:
    try:
        return is_locked(directory, name)
    except OSError:
        return False
