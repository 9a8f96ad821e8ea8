"""Attempts that were set aside, because their journals did not hold their trials when they were to be told.

The journal of then may have been an empty one in the place of the true one: another disk, or none, was mounted. So
nothing is deleted here that nobody asked for, and each is taken up again when its journal holds its trial.
"""

from __future__ import annotations

import os

from kleio.errors import KleioError
from kleio.spool.attempt.directory import UNKNOWN_TRIALS, read_attempt, remove, spool_roots

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.spool.recover import Opening


def set_aside(data: str) -> list[str]:
    """Their directories."""
    roots = dict.fromkeys(spool_roots(data, os.environ))
    return [entry for root in roots for entry in _entries(os.path.join(root, UNKNOWN_TRIALS))]


def take_up(directory: str, open_journal: Opening) -> bool:
    """Make one a leftover again if its journal holds its trial now. Whether it does."""
    try:
        if not _is_known(directory, open_journal):
            return False
        trial = read_attempt(directory).trial
        root, label = os.path.dirname(os.path.dirname(directory)), os.path.basename(directory).split("-", 1)[1]
        place = os.path.join(root, trial)
        os.makedirs(place, mode=0o700, exist_ok=True)
        os.rename(directory, os.path.join(place, label))
    except (KleioError, OSError):
        return False  # it stays where it is, and is tried again by whoever asks next
    return True


def drop(directory: str, open_journal: Opening, *, dry_run: bool = False) -> str:
    """Delete one for good, or only look whether that would be done. Returns why it stays; empty if it does not.

    Its journal must answer that it does not hold the trial.
    """
    try:
        if _is_known(directory, open_journal):
            return f"{directory} stays: its journal holds its trial now, and `kleio ship` sends it"
        if not dry_run:
            remove(directory)
    except KleioError as error:
        return f"{directory} stays: {error.message}"
    except OSError as error:
        return f"{directory} stays: {error.strerror or error}"
    return ""


def _is_known(directory: str, open_journal: Opening) -> bool:
    attempt = read_attempt(directory)
    return open_journal(attempt.journal, create=False).trial(attempt.trial) is not None


def _entries(place: str) -> list[str]:
    try:
        return [os.path.join(place, name) for name in sorted(os.listdir(place))]
    except OSError:
        return []
