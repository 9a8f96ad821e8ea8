"""The connection of one process to the journal's file: opened once, guarded against forks, errors in kleio's words."""

from __future__ import annotations

import os
import sqlite3
import time

from kleio.connection.sqlite_errors import is_busy, translated
from kleio.errors import JournalError, JournalReadOnly
from kleio.journal.sqlite.file import choose_journal_mode, connect
from kleio.journal.sqlite.schema import prepare, too_new
from kleio.trial.quoting import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Any, TypeVar

    Result = TypeVar("Result")


SLICE = 0.5
"""Seconds for which SQLite itself waits for a lock at a time: only between two such waits Python hears of a Ctrl-C."""
BLINK = 0.005
"""Seconds between two such waits: of some locks SQLite knows at once that it would wait in vain."""
SILENT = 2.0
"""Seconds after which who waits for a lock is told, if it wants to be."""


class Session:
    """Reads outside of transactions; writes inside ``with session:``, which is one ``BEGIN IMMEDIATE … COMMIT``."""

    def __init__(
        self, path: str, *, create: bool, timeout: float, on_wait: Callable[[str], None] | None = None
    ) -> None:
        """``on_wait`` is called once with what is waited for, if that takes long."""
        self.path = path
        self._create, self.writable = create, False
        self._on_wait = on_wait
        self._timeout, self._slice = timeout, min(timeout, SLICE)
        self._pid = os.getpid()
        self._connection: sqlite3.Connection | None = None
        self._connection, self.writable = self._patiently(lambda: connect(path, create=create, timeout=self._slice))
        self._file = _identity(path)
        try:
            self._patiently(self._prepare)
            self._wait_at_once(self._slice)
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        connection, may_write = self._open, self.writable
        if may_write:
            choose_journal_mode(connection, self.path, self._slice)
        self.writable = prepare(connection, self.path, writable=may_write)
        self._newer = may_write and not self.writable

    @property
    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise JournalError(f"the journal {self.path} is closed")
        if self._pid != os.getpid():
            raise RuntimeError("a journal is never carried over a fork: open it again")
        return self._connection

    def _guarded(self, action: Callable[[], Result]) -> Result:
        try:
            return action()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise self._translated(error) from error

    def _translated(self, error: sqlite3.Error | UnicodeDecodeError) -> JournalError:
        return translated(error, self.path, self._timeout, for_writing=self._create or self.writable)

    def _patiently(self, action: Callable[[], Result]) -> Result:
        """The same for what can be done again if a lock was in its way."""
        began = time.monotonic()
        while True:
            try:
                return action()
            except (sqlite3.Error, UnicodeDecodeError) as error:
                waited = time.monotonic() - began
                if not is_busy(error) or waited >= self._timeout:
                    raise self._translated(error) from error
            if self._on_wait is not None and waited >= SILENT:
                tell, self._on_wait = self._on_wait, None
                tell(
                    f"waiting for the journal {self.path}, which another process keeps locked "
                    f"(see which: `fuser -v {quoted([self.path])}`)"
                )
            time.sleep(BLINK)

    def _wait_at_once(self, seconds: float) -> None:
        """For how long SQLite itself waits: inside of a transaction, whose statements are not repeated, for all of the
        time that there is."""
        self._open.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """All rows."""
        connection = self._open
        return self._patiently(lambda: connection.execute(sql, parameters).fetchall())

    def read_page(self, sql: str, parameters: Sequence[Any], size: int) -> list[Any]:
        """The first rows, until their last column adds up to ``size`` bytes: at least one, if there is one."""
        connection = self._open

        def page() -> list[Any]:
            rows: list[Any] = []
            left = size
            cursor = connection.execute(sql, parameters)
            for row in cursor:
                rows.append(row)
                left -= len(row[-1])
                if left <= 0:
                    break
            cursor.close()  # lets go of the read lock
            return rows

        return self._patiently(page)

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """A statement of the transaction; returns how many rows it changed."""
        connection = self._open
        return self._guarded(lambda: connection.execute(sql, parameters).rowcount)

    def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """A statement of the transaction, once for each row."""
        connection = self._open
        if rows:
            self._guarded(lambda: connection.executemany(sql, rows))

    def define(self, name: str, arguments: int, function: Callable[..., Any]) -> None:
        """Let statements call a function of ours."""
        self._open.create_function(name, arguments, function)

    def __enter__(self) -> None:
        connection = self._open
        if self._newer:
            ((schema,),) = self.read("SELECT schema FROM meta")
            raise too_new(self.path, schema)
        if not self.writable:
            raise JournalReadOnly(
                f"the journal {self.path} cannot be written", hint="check the permissions of the file and its directory"
            )
        if self._file != _identity(self.path):
            raise JournalReadOnly(f"the journal {self.path} was deleted or replaced")
        self._patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
        try:
            self._wait_at_once(self._timeout)
        except BaseException:  # a signal: nobody else would end the transaction
            self._guarded(lambda: connection.execute("ROLLBACK"))
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection = self._open
        self._wait_at_once(self._slice)
        try:
            if kind is None:
                self._patiently(lambda: connection.execute("COMMIT"))
        finally:
            if connection.in_transaction:
                self._guarded(lambda: connection.execute("ROLLBACK"))

    def close(self) -> None:
        """Safe to repeat. In a forked child nothing is closed: the connection is the parent's."""
        if self._connection is not None and self._pid == os.getpid():
            self._connection.close()
        self._connection = None


def _identity(path: str) -> tuple[int, int] | None:
    """Which file lies there: SQLite writes on into one that has no name any more."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
