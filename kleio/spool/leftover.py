"""Which attempts on this machine nobody cares for any more. Apart from their recovery, because every command asks."""

from __future__ import annotations

import os

from kleio.spool.attempt.directory import attempts, spool_roots
from kleio.spool.attempt.locks import launcher_alive


def leftovers(data: str) -> list[str]:
    """Their directories."""
    roots = dict.fromkeys(spool_roots(data, os.environ))
    return [directory for root in roots for directory in _found(root) if not _cared_for(directory)]


def _found(root: str) -> list[str]:
    try:
        return list(attempts(root))
    except OSError:
        return []  # not ours to read, or a disk that fails: the next command looks again


def _cared_for(directory: str) -> bool:
    """Whether somebody does; if that cannot be told, whoever recovers it says why it cannot."""
    try:
        return launcher_alive(directory)
    except OSError:
        return False
