"""Which attempts on this machine nobody cares for any more. Apart from their recovery, because every command asks."""

from __future__ import annotations

import os

from kleio.connection.address import parse_address
from kleio.errors import SpoolError
from kleio.spool.attempt.directory import attempts, read_attempt, spool_roots
from kleio.spool.attempt.locks import launcher_alive
from kleio.trial.quoting import escaped
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def leftovers(data: str) -> list[str]:
    """Their directories."""
    return [directory for directory in _found(data) if not _cared_for(directory)]


def live_attempts(data: str) -> list[str]:
    """The directories of those that somebody cares for."""
    return [directory for directory in _found(data) if _cared_for(directory)]


def news_of_made(path: str, data: str) -> tuple[str, bool]:
    """What to say when a journal was made at ``path``, and whether that is a warning: attempts that one there held are
    known here, so it may be that its disk is away. What ran offline was held by none.
    """
    text = f"made a new journal at {escaped(path)}"
    waiting = sum(_was_held_at(path, directory) for directory in _found(data))
    if not waiting:
        return text, False
    return (
        f"{text}, although here {counted(waiting, 'attempt')} of an earlier one is not told to it yet: if its disk is "
        "away or the file was moved, bring it back; `kleio ship` says what waits"
    ), True


def _was_held_at(path: str, directory: str) -> bool:
    try:
        attempt = read_attempt(directory)
    except SpoolError:
        return False
    return attempt.offline is None and parse_address(attempt.journal).location == path


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
