"""How a launcher and the scripts below it find one spool: four environment variables, and nothing else.

::

    KLEIO_TRIAL_ID   64 hexadecimal digits
    KLEIO_ATTEMPT    decimal number of the attempt
    KLEIO_SPOOL      absolute path of the attempt's spool directory
    KLEIO_PROTOCOL   1

The address of the journal, which may hold a password, is not among them: it lies in the 0600 file ``attempt.json``
of that directory. A reader trusts the directory only if it is a real directory (no symbolic link) of its own user
that nobody else may write. Standard library only, no imports that cost: the user's script pays for them.
"""

from __future__ import annotations

import errno
import os
import stat

from kleio.spool.complaint import complain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PROTOCOL = 1

TRIAL_ID = "KLEIO_TRIAL_ID"
ATTEMPT = "KLEIO_ATTEMPT"
SPOOL = "KLEIO_SPOOL"
PROTOCOL_VARIABLE = "KLEIO_PROTOCOL"
_PASSING = (errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC)
"""Errors that say nothing about the directory."""


def child_environment(environ: Mapping[str, str], trial: str, attempt: int, spool: str) -> dict[str, str]:
    """The environment of a command: ``environ`` and the four variables."""
    own = {TRIAL_ID: trial, ATTEMPT: str(attempt), SPOOL: spool, PROTOCOL_VARIABLE: str(PROTOCOL)}
    return {**environ, **own}


class Handshake:
    """Which attempt this process belongs to."""

    __slots__ = ("attempt", "spool", "trial")

    def __init__(self, trial: str, attempt: int, spool: str) -> None:
        self.trial, self.attempt, self.spool = trial, attempt, spool

    @staticmethod
    def from_environ(environ: Mapping[str, str]) -> Handshake | None:
        """The attempt that ``environ`` names; ``None`` when kleio did not start this process.

        ``None`` with one warning when it names one that cannot be trusted or is not there any more.
        """
        if TRIAL_ID not in environ:
            return None
        trial, attempt = environ[TRIAL_ID], environ.get(ATTEMPT, "")
        protocol, spool = environ.get(PROTOCOL_VARIABLE, ""), environ.get(SPOOL, "")
        if protocol != str(PROTOCOL):
            reason = f"protocol {protocol!r} is not known to this version"
        elif len(trial) != 64 or not set(trial) <= set("0123456789abcdef"):
            reason = f"{TRIAL_ID} is not the id of a trial"
        elif not (attempt.isascii() and attempt.isdigit()):
            reason = f"{ATTEMPT} is not a number"
        else:
            reason = refusal(spool)
        if reason:
            complain("handshake", f"this process is not recorded: {reason}")
            return None
        return Handshake(trial, int(attempt), spool)


def refusal(directory: str) -> str:
    """Why ``directory`` is no place for private records; empty when it is one."""
    if not os.path.isabs(directory):
        return f"{SPOOL} is not an absolute path"
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in _PASSING:
            return ""  # the writer meets it again, tries again, and counts what it could not keep
        return f"spool {directory}: {error.strerror}"
    try:
        status = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if status.st_uid != os.geteuid():
        return f"spool {directory} belongs to another user"
    if stat.S_IMODE(status.st_mode) & 0o022:
        return f"spool {directory} can be written by other users"
    return ""
