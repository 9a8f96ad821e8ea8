"""Attempts that were set aside, because their journals did not hold them when they were to be told.

The journal of then may have been another one in the place of the true one: a disk was away, or the file was deleted and
made anew. So nothing is deleted here that nobody asked for, and each is taken up again when its journal holds it, or
when somebody says that the journal of now is the right one: then it is entered there as if it had run offline.
"""

from __future__ import annotations

import os

from kleio.dataclass import replace
from kleio.errors import KleioError
from kleio.spool.adoption import as_if_offline
from kleio.spool.attempt.directory import UNKNOWN_TRIALS, read_attempt, record_files, spool_roots, write_attempt
from kleio.spool.attempt.removal import remove, take_over
from kleio.spool.claim import is_held

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.clock import Clock
    from kleio.spool.recover import Opening


def attempts_aside(data: str) -> list[str]:
    """Their directories."""
    roots = dict.fromkeys(spool_roots(data, os.environ))
    return [entry for root in roots for entry in _entries(os.path.join(root, UNKNOWN_TRIALS))]


def take_up(directory: str, open_journal: Opening) -> bool:
    """Make one a leftover again if its journal holds it now. Whether it does."""
    try:
        if not _is_held(directory, open_journal):
            return False
        _put_back(directory)
    except (KleioError, OSError):
        return False  # it stays where it is, and is tried again by whoever asks next
    return True


def bring_in(directory: str, clock: Clock) -> str:
    """Make one a leftover that is entered into its journal as if it had run offline. Why it stays; else empty."""
    try:
        _begin_anew(directory, clock)
        _put_back(directory)
    except (KleioError, OSError) as error:
        return _stays(directory, error)
    return ""


def redirect(directory: str, address: str, clock: Clock) -> str:
    """Have a leftover, which waits for one journal, entered into that at ``address`` as if it had run offline. Why it
    stays; else empty."""
    try:
        lock = take_over(directory)
        try:
            _begin_anew(directory, clock, address)
        finally:
            os.close(lock)
    except (KleioError, OSError) as error:
        return _stays(directory, error)
    return ""


def _begin_anew(directory: str, clock: Clock, address: str | None = None) -> None:
    attempt = as_if_offline(read_attempt(directory), clock)
    for writer in record_files(directory):  # how far it was shipped then is not how far it is now
        _forget(os.path.join(directory, f"{writer}.ack"))
    write_attempt(directory, replace(attempt, journal=address or attempt.journal))


def drop(directory: str, open_journal: Opening, *, dry_run: bool = False) -> str:
    """Delete one for good, or only look whether that would be done. Returns why it stays; empty if it does not.

    Its journal must answer that it does not hold it.
    """
    try:
        if _is_held(directory, open_journal):
            return f"{directory} stays: its journal holds it now, and `kleio ship` sends it"
        if not dry_run:
            remove(directory)
    except (KleioError, OSError) as error:
        return _stays(directory, error)
    return ""


def _stays(directory: str, error: KleioError | OSError) -> str:
    return f"{directory} stays: {error.message if isinstance(error, KleioError) else error.strerror or error}"


def _is_held(directory: str, open_journal: Opening) -> bool:
    attempt = read_attempt(directory)
    return is_held(open_journal(attempt.journal, create=False), attempt)


def _put_back(directory: str) -> None:
    """Move it to where leftovers are found."""
    root, label = os.path.dirname(os.path.dirname(directory)), os.path.basename(directory).split("-", 1)[1]
    place = os.path.join(root, read_attempt(directory).trial)
    os.makedirs(place, mode=0o700, exist_ok=True)
    os.rename(directory, os.path.join(place, label))


def _forget(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def _entries(place: str) -> list[str]:
    try:
        return [os.path.join(place, name) for name in sorted(os.listdir(place))]
    except OSError:
        return []
