"""Finds the spools of launchers that died, ships them and closes their attempts.

Every kleio command that opens a journal does this first; it costs one look at a directory when there is nothing. A
leftover is a directory whose locks nobody holds: the kernel lets go of them at any death, so no clock and no process
id is asked. Two that recover at once do not meet, for each directory is locked while it is shipped.
"""

from __future__ import annotations

import os

from kleio.connection.address import as_in_use
from kleio.dataclass import dataclass, field
from kleio.errors import JournalError, KleioError, SpoolError
from kleio.spool.adoption import adopt
from kleio.spool.attempt.directory import ATTEMPT_FILE, read_attempt, record_files
from kleio.spool.attempt.locks import supervisor_alive
from kleio.spool.attempt.members import members_alive
from kleio.spool.attempt.removal import remove_attempt, sweep, take_over
from kleio.spool.claim import is_held
from kleio.spool.closing import close_attempt, discard, orphans
from kleio.spool.shipping.shipper import Shipper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Protocol

    from kleio.artifacts.contract import BlobStore
    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.spool.attempt.directory import AttemptFile
    from kleio.spool.shipping.shipper import Shipped

    class Opening(Protocol):
        """Opens the journal at an address; without ``create`` it raises ``JournalError`` where there is none."""

        def __call__(self, address: str, *, create: bool) -> Journal: ...


YOUNG = 60.0
"""Seconds for which a directory without ``attempt.json`` may be one that is just being made."""


@dataclass(frozen=True)
class Recovered:
    """What became of one leftover: the trial's status (or ``superseded``, ``unknown``), or what the problem is."""

    directory: str
    trial: str = ""
    attempt: int = 0
    status: str | None = None
    problem: str = ""
    records: int = field(default=0, compare=False)
    bytes: int = field(default=0, compare=False)
    """What was sent: records, and bytes of records and output."""


def recover(
    directories: Iterable[str],
    open_journal: Opening,
    open_blobs: Callable[[str], BlobStore],
    clock: Clock,
    *,
    address: str | None = None,
    deadline: float | None = None,
    pulse: Callable[[], None] = lambda: None,
) -> list[Recovered]:
    """Ship and close leftovers: those of the journal at ``address``, with the password that stands there, or all, begun
    within ``deadline`` seconds.

    ``open_journal`` may return the caller's own journal; nothing is closed here. It is asked to create one only for
    what ran offline: a journal that held a trial and is not there is one whose disk is away, and an empty one in its
    place would know nothing of the trial. A journal that cannot be reached is tried once. ``pulse`` is called now and
    then while much is sent, for a caller who has a lease to keep.
    """
    until = None if deadline is None else clock.monotonic() + deadline
    unreachable: dict[tuple[str, bool], str] = {}
    done = []
    for directory in directories:
        if until is not None and clock.monotonic() >= until:
            break
        one = _recover_one(directory, open_journal, open_blobs, clock, address, unreachable, pulse)
        if one is not None:
            done.append(one)
    return done


def _recover_one(
    directory: str,
    open_journal: Opening,
    open_blobs: Callable[[str], BlobStore],
    clock: Clock,
    address: str | None,
    unreachable: dict[tuple[str, bool], str],
    pulse: Callable[[], None],
) -> Recovered | None:
    try:
        attempt = read_attempt(directory)
    except SpoolError as error:
        return _without_attempt(directory, clock, error)
    where = attempt.journal if address is None else as_in_use(attempt.journal, address)
    if address not in (None, where):
        return None
    create = attempt.offline is not None
    if (where, create) in unreachable:
        return Recovered(directory, attempt.trial, attempt.attempt, problem=unreachable[where, create])
    sent: list[Shipped] = []

    def tell(known: AttemptFile, shipped: Shipped) -> None:
        nonlocal attempt
        attempt = known  # what ran offline has its place now
        sent.append(shipped)

    try:
        journal = open_journal(where, create=create)
        word = recover_attempt(directory, journal, lambda: open_blobs(where), clock, tell, pulse)
    except KleioError as error:
        if isinstance(error, JournalError):
            unreachable[where, create] = error.message
        return Recovered(directory, attempt.trial, attempt.attempt, problem=error.message)
    except OSError as error:
        return Recovered(directory, attempt.trial, attempt.attempt, problem=_cause(error, directory))
    if word is None:
        return None
    records, size = sum(each.records for each in sent), sum(each.bytes for each in sent)
    return Recovered(directory, attempt.trial, attempt.attempt, word, records=records, bytes=size)


def recover_attempt(
    directory: str,
    journal: Journal,
    open_blobs: Callable[[], BlobStore],
    clock: Clock,
    tell: Callable[[AttemptFile, Shipped], None] = lambda attempt, shipped: None,
    pulse: Callable[[], None] = lambda: None,
) -> str | None:
    """Ship and close one attempt whose launcher is dead. Its trial's status, ``superseded`` or ``unknown``.

    ``tell`` learns what was sent, and as which attempt; ``pulse`` is called now and then meanwhile.

    ``None`` if somebody cares for it after all, it is gone, or something of it still runs: then it is shipped as far
    as it is, and not over, for a trial must not be run again beside its own orphans. Raises ``JournalError`` and
    ``SpoolError``.
    """
    try:
        lock = take_over(directory)
    except (BlockingIOError, FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        hint = "kleio must be able to write it; then send it with: kleio ship"
        raise SpoolError(f"what was recorded cannot be sent: {_cause(error, directory)}", hint=hint) from error
    shipper = None
    try:
        if supervisor_alive(directory):
            return None
        adopt(directory, read_attempt(directory), journal, clock)
        shipper = Shipper(directory, journal, open_blobs, pulse=pulse)
        still_runs = bool(orphans(directory)) or members_alive(directory)
        if is_held(journal, shipper.attempt):
            tell(shipper.attempt, shipper.ship(final=not still_runs))
        if still_runs:
            return None
        word = close_attempt(shipper, journal, clock)
        if word is not None:
            discard(directory, word)
        return word
    finally:
        if shipper is not None:
            shipper.close()
        os.close(lock)


def _cause(error: OSError, directory: str) -> str:
    return f"{error.filename or directory}: {error.strerror or error}"


def _without_attempt(directory: str, clock: Clock, error: SpoolError) -> Recovered | None:
    """A launcher that died before it had reserved anything left an empty directory, one that died as it removed it the
    lock; anything else is kept."""
    try:
        age = clock.wall() - os.stat(directory).st_mtime
        empty = not record_files(directory) and not os.path.exists(os.path.join(directory, ATTEMPT_FILE))
    except FileNotFoundError:
        return None
    except OSError as failure:
        return Recovered(directory, problem=_cause(failure, directory))
    if not empty:
        return Recovered(directory, problem=error.message)
    if age > YOUNG:
        remove_attempt(directory)
    else:
        sweep(directory)
    return None
