"""Opening the journal's file: on a local disk, private, and in a mode that keeps what was acknowledged.

The journal mode depends on the SQLite that Python is linked with. Versions before 3.51.3 (3.50.7 and 3.44.6 have
the fix too) can lose commits in WAL mode when two connections checkpoint at once
(https://sqlite.org/wal.html#walresetbug); for those it is a rollback journal that is truncated. With
``synchronous=FULL`` both survived every power cut that we made; the default (DELETE) did not.
"""

from __future__ import annotations

import os
import sqlite3

from kleio.connection.sqlite_errors import is_busy
from kleio.errors import JournalError, JournalReadOnly
from kleio.trial.quoting import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

MOUNTS = "/proc/self/mountinfo"
# fmt: off
NETWORK_FILE_SYSTEMS = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "lustre", "gpfs", "beegfs", "ceph", "afs", "panfs", "orangefs",
    "pvfs2", "coda", "davfs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.davfs", "fuse.juicefs",
})
# fmt: on


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite has the fix of the WAL-reset bug."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def connect(path: str, *, create: bool, timeout: float) -> tuple[sqlite3.Connection, bool]:
    """A connection in autocommit mode, and whether the file may be written."""
    refuse_network_file_system(path)
    if os.path.isdir(path):
        raise JournalError(f"the journal {path} is a directory", hint="name a file: KLEIO_JOURNAL=sqlite:///PATH")
    if create:
        _create(path)
    else:
        _refuse_missing(path)
    writable = os.access(path, os.W_OK)
    name = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    connection = sqlite3.connect(
        f"file:{name}?mode={'rw' if writable else 'ro'}",
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
        uri=True,
    )
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA trusted_schema = OFF")
    except BaseException:
        connection.close()
        raise
    return connection, writable


def _refuse_missing(path: str) -> None:
    try:
        os.stat(path)
    except PermissionError:
        where = quoted([os.path.dirname(path)])
        raise JournalError(f"the journal {path} cannot be read: permission denied", hint=f"see who may: ls -ld {where}")
    except OSError:
        raise JournalError(
            f"there is no journal at {path}",
            hint="the first `kleio COMMAND` creates it; `kleio config` shows the address",
        )


def choose_journal_mode(connection: sqlite3.Connection, path: str, timeout: float) -> None:
    """WAL for a new file where that is safe, else TRUNCATE.

    WAL is a property of the file. One that an older SQLite took out of WAL is left as it is, so that two versions on
    one machine do not fight over it; one that others have open keeps its mode until they leave.
    """
    safe = wal_is_safe(sqlite3.sqlite_version_info)
    if safe and not os.path.getsize(path):
        _switch(connection, "WAL", timeout)
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        connection.execute("PRAGMA journal_mode = TRUNCATE")
    elif not safe:
        _switch(connection, "TRUNCATE", timeout)


def _switch(connection: sqlite3.Connection, mode: str, timeout: float) -> None:
    """To or from WAL, which needs the file to oneself: not waited for."""
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        connection.execute(f"PRAGMA journal_mode = {mode}")
    except sqlite3.OperationalError as error:
        if not is_busy(error):
            raise
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(timeout * 1000)}")


def _create(path: str) -> None:
    """An empty file that only its owner can read. Never opens one that exists: closing it would drop its locks."""
    if os.path.exists(path):
        return
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        if not os.path.exists(path):
            raise JournalReadOnly(f"the journal {path} cannot be created: its directory is a file")
    except OSError as error:
        raise JournalReadOnly(
            f"the journal {path} cannot be created: {error.strerror}",
            hint="name another place with KLEIO_JOURNAL=sqlite:///PATH",
        )


def refuse_network_file_system(path: str, mounts: str = MOUNTS) -> None:
    """SQLite's locks do not hold between hosts."""
    kind = file_system(path, mounts)
    if kind in NETWORK_FILE_SYSTEMS:
        raise JournalError(
            f"{path} is on a network file system ({kind}), where SQLite may lose or damage data",
            hint="set KLEIO_JOURNAL to sqlite:///PATH on a local disk, or to mongodb://HOST/NAME, which can be shared",
        )


def file_system(path: str, mounts: str = MOUNTS) -> str:
    """The type of the file system that holds ``path`` (or will hold it), ``""`` if that cannot be told."""
    try:
        with open(mounts, encoding="utf-8", errors="surrogateescape") as lines:
            return _mounted_at(os.path.realpath(path), lines)
    except OSError:
        return ""


def _mounted_at(path: str, lines: Iterable[str]) -> str:
    kind, length = "", -1
    for line in lines:
        # 36 35 98:0 /root /mount/point rw,noatime shared:1 - ext4 /dev/sda1 rw      (proc_pid_mountinfo(5))
        before, _, after = line.partition(" - ")
        point = before.split(" ")[4].replace("\\040", " ").replace("\\134", "\\").rstrip("/")
        if len(point) >= length and (path == point or path.startswith(point + "/")):
            kind, length = after.split(" ", 1)[0], len(point)
    return kind
