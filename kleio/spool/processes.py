"""The processes of this machine that belong to an attempt, found by what they inherited."""

from __future__ import annotations

import os

from kleio.spool.handshake import SPOOL


def of_attempt(directory: str) -> list[int]:
    """Processes that carry this attempt's ``KLEIO_SPOOL``: its command and what that started, wherever they hang."""
    mark = b"\0" + SPOOL.encode() + b"=" + os.fsencode(directory) + b"\0"
    found = []
    for pid in pids():
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if mark in b"\0" + file.read() + b"\0":
                    found.append(pid)
        except OSError:
            continue  # ended meanwhile, or another user's
    return found


def pids() -> list[int]:
    """All processes that this one may see."""
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []
