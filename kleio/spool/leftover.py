"""Which attempts on this machine nobody cares for any more. Apart from their recovery, because every command asks."""

from __future__ import annotations

import os

from kleio.spool.attempt.directory import attempts, spool_roots
from kleio.spool.attempt.locks import launcher_alive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def leftovers(data: str) -> list[str]:
    """Their directories."""
    return [directory for directory in _found(data) if not _cared_for(directory)]


def live_attempts(data: str) -> list[str]:
    """The directories of those that somebody cares for."""
    return [directory for directory in _found(data) if _cared_for(directory)]


def _found(data: str) -> Iterator[str]:
    for root in dict.fromkeys(spool_roots(data, os.environ)):
        try:
            yield from list(attempts(root))
        except OSError:
            continue  # not ours to read, or a disk that fails: the next command looks again


def _cared_for(directory: str) -> bool:
    """Whether somebody does; if that cannot be told, whoever recovers it says why it cannot."""
    try:
        return launcher_alive(directory)
    except OSError:
        return False
