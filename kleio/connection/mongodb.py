"""The connection of one process to a MongoDB database, shared by its journal and its blobs.

Every write waits for the journals of a majority of servers, and every read sees only what a majority has: what was
acknowledged cannot be rolled back. The driver repeats a write that met a closed connection or a new primary, once and
with the same number, so the server carries it out at most once. The driver's errors end here: what is raised is
kleio's, and shows the address without its password.
"""

from __future__ import annotations

import os
import re
import threading
import warnings

import pymongo
from bson.codec_options import CodecOptions, DatetimeConversion, TypeDecoder, TypeRegistry
from bson.int64 import Int64
from pymongo import errors
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from kleio.errors import JournalError, JournalReadOnly, JournalUnreachable, KleioError, SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Any

    from pymongo.collection import Collection
    from pymongo.database import Database

    from kleio.connection.address import Address

FIRST_CONTACT = 8.0
"""Seconds after which a server that does not answer the first question is reported. Later, an election is waited for
longer (``serverSelectionTimeoutMS``)."""

DOCUMENT_BYTES = (16 << 20) - (64 << 10)
"""The largest document that is sent; the server's own limit is 16 MiB."""

_DEFAULTS = {
    "appName": "kleio",
    "connectTimeoutMS": 5_000,
    "serverSelectionTimeoutMS": 20_000,
    "socketTimeoutMS": 20_000,
    "heartbeatFrequencyMS": 2_000,
}
"""An option given in the address takes precedence over these."""


class _Integers(TypeDecoder):
    """Python's integers in place of the driver's own. It decides by itself which ones to write in 64 bits."""

    bson_type = Int64

    def transform_bson(self, value: Int64) -> int:
        return int(value)


OPTIONS: CodecOptions[Any] = CodecOptions(
    datetime_conversion=DatetimeConversion.DATETIME_MS, type_registry=TypeRegistry([_Integers()])
)
"""How documents are read: moments as milliseconds since the epoch, which no calendar limits."""
CONFIRMED_WITHIN = 10.0
"""Seconds that a majority of the servers has for confirming a write."""

_WRITES = WriteConcern(w="majority", j=True, wtimeout=int(CONFIRMED_WITHIN * 1000))
_READS = ReadConcern("majority")

_BAD_LOGIN = frozenset({11, 18, 8000})
_FORBIDDEN = 13
_READING = re.compile(r" \{ (?:find|aggregate|count|distinct|getMore)\b")
"""How the server repeats a command that only reads."""
_NO_SPACE = 14031
_TOO_MUCH_TO_SORT = frozenset({96, 292})
"""Codes of servers that would need more memory than they may take: 32 MB before MongoDB 4.4, then 100 MB."""
_PASSING = frozenset({6, 7, 50, 64, 89, 91, 189, 202, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436})
"""Codes of servers that are stepping down, shutting down, recovering or too slow: try again later."""


class Connection:
    """A client of the driver, its database with the concerns above, and the guard that translates its errors."""

    def __init__(self, address: Address, timeout: float | None) -> None:
        self.printable = address.printable
        self.first_contact = FIRST_CONTACT if timeout is None else timeout
        self.users = 0
        self._pid = os.getpid()
        given = {option.partition("=")[0].lower() for option in address.uri.partition("?")[2].split("&")}
        options: dict[str, Any] = {name: value for name, value in _DEFAULTS.items() if name.lower() not in given}
        self.client = _client(address, options)
        self._database = self.client.get_database(
            address.location, codec_options=OPTIONS, write_concern=_WRITES, read_concern=_READS
        )

    @property
    def database(self) -> Database[Any]:
        if self._pid != os.getpid():
            raise RuntimeError("a journal is never carried over a fork: open it again")
        return self._database

    def __enter__(self) -> Database[Any]:
        """Inside ``with connection as database:`` the driver's errors become kleio's."""
        return self.database

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, errors.PyMongoError):
            raise translated(error, self.printable) from error

    def meet(self, collection: str, key: str) -> dict[str, Any] | None:
        """Read one document, in the time of a first contact."""
        with self as database, pymongo.timeout(self.first_contact):
            found: dict[str, Any] | None = database[collection].find_one({"_id": key})
        return found


def _client(address: Address, options: Mapping[str, Any]) -> pymongo.MongoClient[Any]:
    """The driver only warns of options that it does not understand; here they are errors."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            return pymongo.MongoClient(
                address.uri, retryWrites=True, retryReads=True, readPreference="primary", **options
            )
    except (UserWarning, ValueError) as problem:  # a port that is no number is a ValueError
        raise _unusable(address.printable, str(problem))
    except errors.PyMongoError as error:
        raise translated(error, address.printable)


def greeting(database: Database[Any]) -> tuple[float, str | None]:
    """The server's clock in seconds since the epoch, and the name of its replica set."""
    hello = database.command("hello", codec_options=OPTIONS)
    return int(hello["localTime"]) / 1000, hello.get("setName")


def pages_in_order(
    collection: Collection[Any],
    filters: Mapping[str, Any],
    wanted: Mapping[str, int] | None,
    order: Sequence[tuple[str, int]],
    limit: int,
    page: int,
) -> Iterator[bytes]:
    """Documents as the server sends them, a page of BSON at a time, ``limit`` at most (0: all).

    Where no index gives the order it sorts in memory, and refuses if there is too much: it may use its disk then. Not
    from the beginning, for some servers for hire refuse that.
    """
    begun = False
    try:
        with collection.find_raw_batches(filters, wanted, sort=order, limit=limit, batch_size=page) as cursor:
            for found in cursor:
                begun = True
                yield found
        return
    except errors.OperationFailure as error:
        if begun or error.code not in _TOO_MUCH_TO_SORT:
            raise
    stages: list[dict[str, Any]] = [{"$match": filters}, {"$sort": dict(order)}]
    if limit:
        stages.append({"$limit": limit})
    if wanted is not None:
        stages.append({"$project": wanted or {"_id": 1}})
    with collection.aggregate_raw_batches(stages, allowDiskUse=True, batchSize=page) as cursor:
        yield from cursor


_OPEN: dict[tuple[int, str], Connection] = {}
_LOCK = threading.Lock()
"""Threads may open the same journal at once. It is held for a moment only."""


def _unlock_in_child() -> None:
    """The thread that held it, if any did, is not in a forked child."""
    global _LOCK
    _LOCK = threading.Lock()


os.register_at_fork(after_in_child=_unlock_in_child)


def acquire(address: Address, timeout: float | None = None) -> Connection:
    """The connection of this process to the address; new if there is none. Each is to be given back."""
    key = (os.getpid(), address.uri)
    connection = _taken(key)
    if connection is None:
        made = Connection(address, timeout)  # which may have to wait for the DNS
        connection = _taken(key, made) or made
        if connection is not made:
            made.client.close()
    return connection


def _taken(key: tuple[int, str], made: Connection | None = None) -> Connection | None:
    """The connection that is there, or the one that was ``made`` for want of it, with one more user."""
    with _LOCK:
        connection = _OPEN.get(key, made)
        if connection is not None:
            _OPEN[key] = connection
            connection.users += 1
        return connection


def release(connection: Connection) -> None:
    """Give it back: the last one closes it. A forked child closes nothing: the sockets are its parent's."""
    with _LOCK:
        connection.users -= 1
        key = next((key for key, value in _OPEN.items() if value is connection), None)
        if connection.users > 0 or key is None or key[0] != os.getpid():
            return
        del _OPEN[key]
    connection.client.close()


def translated(error: errors.PyMongoError, address: str) -> KleioError:
    """The error to raise in place of the driver's."""
    why = str(error).partition(", Timeout:")[0].partition(" (configured timeouts")[0].partition(", full error:")[0]
    unconfirmed = isinstance(error, errors.WriteConcernError) or (
        isinstance(error, errors.BulkWriteError) and error.details and error.details.get("writeConcernErrors")
    )
    if unconfirmed:
        return JournalUnreachable(
            f"the journal {address} did not confirm a write on a majority of its servers: {why}",
            hint="it may be done nevertheless: look before you repeat it; what a trial logs is sent again by itself",
        )
    if isinstance(error, errors.OperationFailure):
        return _refused(error, address, why)
    if isinstance(error, (errors.ConnectionFailure, errors.ExecutionTimeout)):
        return JournalUnreachable(
            f"the journal {address} cannot be reached: {why}",
            hint="`kleio db check` tries the connection; `kleio config` shows where the address comes from",
        )
    if isinstance(error, errors.ConfigurationError):  # InvalidURI and InvalidName among them
        return _unusable(address, why)
    return JournalError(f"the journal {address} failed: {why}", hint="`kleio db check` examines it")


def _refused(error: errors.OperationFailure, address: str, why: str) -> KleioError:
    if error.code in _BAD_LOGIN:
        hint = "users are often kept in the database `admin`: add ?authSource=admin to the address"
        if "authsource=" in address.lower():
            hint = "`authSource` is the database that knows the user; `kleio config` tells where the address comes from"
        return JournalError(f"the journal {address} refused the user or the password", hint=hint)
    if error.code == _FORBIDDEN:
        what, _, command = why.partition(" to execute command")
        role = "read" if _READING.match(command) else "readWrite"
        hint = f"ask for the role {role} on this database"
        if "requires authentication" in what:
            hint = "name a user: mongodb://USER:PASSWORD@HOST/NAME"
        return JournalReadOnly(f"the journal {address} does not permit this to its user: {what}", hint=hint)
    if error.code == _NO_SPACE:
        return JournalError(f"no space is left for the journal {address}: {why}", hint="free some space on its server")
    if error.code in _PASSING or error.has_error_label("RetryableWriteError"):
        return JournalUnreachable(f"the journal {address} cannot be used now: {why}", hint="try again in a moment")
    return JournalError(f"the journal {address} failed: {why}", hint="`kleio db check` examines it")


def _unusable(address: str, why: str) -> SettingsError:
    if "://" in why or "@" in why:  # it repeats the address, password included
        why = "the driver does not understand it"
    if why.startswith("Read preference"):
        why = "kleio reads from the primary; leave out readPreference and all of its kind"
    return SettingsError(
        f"the address {address} cannot be used: {why}", hint="`kleio config` shows where it comes from"
    )
