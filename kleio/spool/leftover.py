"""Which attempts on this machine nobody cares for any more. Apart from their recovery, because every command asks."""

from __future__ import annotations

import os

from kleio.errors import KleioError
from kleio.spool.attempt.directory import UNKNOWN_TRIALS, attempts, read_attempt, spool_roots
from kleio.spool.attempt.locks import launcher_alive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.spool.recover import Opening


def leftovers(data: str) -> list[str]:
    """Their directories."""
    roots = dict.fromkeys(spool_roots(data, os.environ))
    return [directory for root in roots for directory in _found(root) if not _cared_for(directory)]


def set_aside(data: str) -> list[str]:
    """The directories of attempts whose trials their journals did not hold when they were to be told."""
    roots = dict.fromkeys(spool_roots(data, os.environ))
    return [entry for root in roots for entry in _entries(os.path.join(root, UNKNOWN_TRIALS))]


def take_up(directory: str, open_journal: Opening) -> bool:
    """Make an attempt that was set aside a leftover again if its journal holds its trial now. Whether it does.

    The journal of then may have been an empty one in the place of the true one: another disk, or none, was mounted.
    """
    try:
        attempt = read_attempt(directory)
        if open_journal(attempt.journal, create=False).trial(attempt.trial) is None:
            return False
        root, label = os.path.dirname(os.path.dirname(directory)), os.path.basename(directory).split("-", 1)[1]
        place = os.path.join(root, attempt.trial)
        os.makedirs(place, mode=0o700, exist_ok=True)
        os.rename(directory, os.path.join(place, label))
    except (KleioError, OSError):
        return False  # it stays where it is, and is tried again by whoever asks next
    return True


def _entries(place: str) -> list[str]:
    try:
        return [os.path.join(place, name) for name in sorted(os.listdir(place))]
    except OSError:
        return []


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
