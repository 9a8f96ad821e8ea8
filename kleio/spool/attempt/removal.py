"""How the spool directory of an attempt goes: deleted, or moved aside; and who meets one that is just going."""

from __future__ import annotations

import errno
import os
from contextlib import suppress

from kleio.spool.attempt.directory import ATTEMPT_FILE, QUARANTINE, UNKNOWN_TRIALS, names
from kleio.spool.attempt.locks import SHIP_LOCK, hold_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def take_over(directory: str) -> int:
    """Care for an attempt that another process began; returns the lock as ``create`` does.

    ``BlockingIOError`` if somebody cares for it already, ``FileNotFoundError`` if it is gone, were it only just now:
    who removes an attempt removes its lock after everything else, so that nobody can find it half there.
    """
    lock = hold_lock(directory, SHIP_LOCK)
    if os.path.exists(os.path.join(directory, ATTEMPT_FILE)):
        return lock
    try:
        _forgiving(os.unlink, os.path.join(directory, SHIP_LOCK))
        _forgiving(os.rmdir, directory)
        _forgiving(os.rmdir, os.path.dirname(directory))
    finally:
        os.close(lock)
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), directory)


def remove(directory: str) -> None:
    """Delete an attempt's directory; one that is gone already is fine. ``attempt.json`` goes after what a crash must
    not leave behind unseen, and the lock last (see ``take_over``)."""
    for name in sorted(names(directory), key=lambda name: (name == SHIP_LOCK, name == ATTEMPT_FILE, name)):
        path = os.path.join(directory, name)
        if os.path.isdir(path) and not os.path.islink(path):
            remove(path)
        else:
            _forgiving(os.unlink, path)
    _forgiving(os.rmdir, directory)


def remove_attempt(directory: str) -> None:
    """Delete an attempt's directory, and that of its trial when it was the last. What is in quarantine is kept."""
    if names(os.path.join(directory, QUARANTINE)):
        _keep(os.path.join(directory, QUARANTINE), directory, ".quarantine")
    remove(directory)
    _forgiving(os.rmdir, os.path.dirname(directory))


def sweep(directory: str) -> None:
    """Delete what is left of an attempt whose remover died with only the lock to go. One that is being made is not
    harmed: it has ``blobs`` before it has a lock.
    """
    if names(directory) == [SHIP_LOCK]:
        with suppress(BlockingIOError, FileNotFoundError):
            os.close(take_over(directory))


def set_aside(directory: str) -> None:
    """Move an attempt's directory to where only ``kleio ship`` looks: its journal does not hold it."""
    _keep(directory, directory, UNKNOWN_TRIALS)
    _forgiving(os.rmdir, os.path.dirname(directory))


def _keep(path: str, directory: str, below: str) -> None:
    """Move ``path`` to a hidden directory of the root, where it is found by whoever looks for it."""
    trial, label = directory.split(os.sep)[-2:]
    place = os.path.join(os.path.dirname(os.path.dirname(directory)), below)
    os.makedirs(place, mode=0o700, exist_ok=True)
    _forgiving(lambda source: os.rename(source, os.path.join(place, f"{trial[:16]}-{label}")), path)


def _forgiving(call: Any, path: str) -> None:
    try:
        call(path)
    except (FileNotFoundError, NotADirectoryError):
        pass  # somebody else was faster
    except OSError as error:
        if error.errno != errno.ENOTEMPTY:
            raise
