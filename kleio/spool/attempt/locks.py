"""Who cares for an attempt: two locks of its spool directory, which the kernel lets go of at any death.

The supervisor holds ``run.lock`` for its life, whoever ships the directory holds ``ship.lock``. So nobody asks a clock
or a process id whether a launcher lives.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select

RUN_LOCK = "run.lock"
SHIP_LOCK = "ship.lock"
OWNERS_TRIES = 500
"""For 5 seconds: those who only look are never that slow, not all of them."""


def hold_lock(directory: str, name: str = RUN_LOCK, *, tries: int = 1) -> int:
    """Take a lock of the directory and keep it until the returned descriptor is closed, at the latest at death.

    ``BlockingIOError`` if somebody has it. Who looks whether it is held has it for a moment: whoever knows that it
    can be nobody else's tries ``OWNERS_TRIES`` times.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    path = os.path.join(directory, name)
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        os.unlink(path)  # a symbolic link that somebody put there is no lock
        descriptor = os.open(path, flags, 0o600)
    try:
        for left in range(tries - 1, -1, -1):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not left:
                    raise
                select.select([], [], [], 0.01)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def is_locked(directory: str, name: str) -> bool:
    """Whether a living process holds this lock. Looking does not disturb others who look.

    What is no file (somebody put a symbolic link in its place, or a file in that of the directory) nobody holds.
    """
    try:
        descriptor = os.open(os.path.join(directory, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENOTDIR):
            return False
        raise
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def supervisor_alive(directory: str) -> bool:
    """Whether the command may still be running."""
    return is_locked(directory, RUN_LOCK)


def launcher_alive(directory: str) -> bool:
    """Whether anybody cares for the attempt: its supervisor, its front or whoever ships it."""
    return is_locked(directory, RUN_LOCK) or is_locked(directory, SHIP_LOCK)
