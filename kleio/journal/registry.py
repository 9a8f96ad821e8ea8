"""Address → journal. Only the backend asked for is imported."""

from __future__ import annotations

import os

from kleio.connection.address import parse_address
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from kleio.clock import Clock
    from kleio.connection.address import Address
    from kleio.journal.contract import Journal

STAND_IN = "memory://nothing recorded at "


def open_journal(
    address: str,
    *,
    clock: Clock | None = None,
    create: bool = True,
    timeout: float | None = None,
    on_wait: Callable[[str], None] | None = None,
    on_made: Callable[[str], None] | None = None,
) -> Journal:
    """The journal at ``address``. With ``create=False`` one that does not exist yet is an error where that can be told.

    ``clock`` is what the journal's own time is taken from, where that is this machine's (MongoDB has the server's).
    ``timeout`` is how many seconds to wait for a lock (SQLite: 30) or for the first contact (MongoDB: 8).
    ``on_wait`` is called once with a word on the lock that is waited for, if that takes long, and ``on_made`` with the
    path of a file that was not there before (both SQLite).
    """
    where = parse_address(address)
    if where.scheme == "sqlite":
        from kleio.journal.sqlite.journal import SqliteJournal

        is_new = create and on_made is not None and is_unmade(where)
        journal = SqliteJournal(where.location, clock=clock, create=create, timeout=timeout, on_wait=on_wait)
        if is_new and on_made is not None:
            on_made(where.location)
        return journal
    if where.scheme == "memory":
        from kleio.journal.memory import MemoryJournal

        return MemoryJournal(where.location, clock)
    from kleio.journal.mongodb.journal import MongoJournal

    return MongoJournal(where, timeout=timeout)


def is_unmade(where: Address) -> bool:
    """Whether it is a file that nobody has written yet: there is none, or an empty one, as ``mktemp`` makes it."""
    if where.scheme != "sqlite":
        return False
    try:
        return not os.path.getsize(where.location) and os.path.isfile(where.location)
    except FileNotFoundError:
        return not os.path.lexists(where.location)
    except OSError:
        return False  # nobody can tell: opening it will say why


def stand_in(location: str) -> Journal:
    """An empty journal in place of the file at ``location``, which nobody has written yet."""
    return open_journal(f"{STAND_IN}{location}")


def unmade(journal: Journal) -> str | None:
    """In words where no journal is yet, if ``journal`` only stands in for one."""
    if not journal.address.startswith(STAND_IN):
        return None
    return f"there is no journal at {escaped(journal.address.removeprefix(STAND_IN))} yet"


def server(address: str) -> str | None:
    """The server that keeps this journal, fit to be printed; ``None`` for one that needs none."""
    scheme, _, rest = address.partition("://")
    if not scheme.startswith("mongodb"):
        return None
    return rest.partition("?")[0].rpartition("@")[2].partition("/")[0]
