"""A real server on a loopback port for as long as a test session lasts.

It is ``secantusd-py``: a separate process that speaks MongoDB's wire protocol as a one-node replica set, with
``configureFailPoint``. ``KLEIO_TEST_MONGOD`` names a real ``mongod`` to start in its place, and
``KLEIO_TEST_MONGODB_URI`` a server that runs already.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from harness.waiting import until

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

# A server must not outlive the tests, even if they are killed: on Linux the kernel sees to that.
_UNTIL_PARENT_DIES = """
import ctypes, os, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 15)
os.execv(sys.argv[1], sys.argv[1:])
"""


def database_of(address: str) -> str:
    """The database that a journal's address names."""
    return urlsplit(address).path.removeprefix("/")


def with_option(address: str, option: str) -> str:
    """The address with one more ``name=value``: that of a foreign server may have some already."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, option)))))


FOREIGN_SERVER = os.environ.get("KLEIO_TEST_MONGODB_URI")
MONGOD = os.environ.get("KLEIO_TEST_MONGOD")
"""Read once, because tests see no KLEIO_* variable of their caller."""


class MongoServer:
    """``uri`` has no database name; ``address(name)`` is what kleio's ``journal`` setting takes."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def address(self, database: str) -> str:
        parts = urlsplit(self.uri)
        return urlunsplit(parts._replace(path=f"/{database}"))

    def drop(self, database: str) -> None:
        """Remove a database; on a connection of its own, so that no driver thread outlives it in a forking test."""
        with self.client() as client:
            client.drop_database(database)

    def client(self) -> Any:
        from pymongo import MongoClient

        return MongoClient(self.uri, serverSelectionTimeoutMS=20_000)

    def close(self) -> None:
        """Nothing: somebody else's server goes on."""


class OwnServer(MongoServer):
    """A server of ours, in its own process, with its data in ``directory``."""

    LISTENS = r"listening on 127\.0\.0\.1:(\d+)"

    def __init__(self, directory: Path, environment: Mapping[str, str], *options: str) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._log = directory / "server.log"
        (directory / "data").mkdir(exist_ok=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _UNTIL_PARENT_DIES, *self._command(directory / "data"), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=directory,
                env=dict(environment),
            )
        port = until(self._port, f"the server to listen (see {self._log})")
        super().__init__(f"mongodb://127.0.0.1:{port}/")
        self._prepare(f"127.0.0.1:{port}")

    def _command(self, data: Path) -> list[str]:
        program = Path(sys.executable).parent / "secantusd-py"
        if not program.exists():
            raise FileNotFoundError(f"{program} is missing: install the test extra, or set KLEIO_TEST_MONGODB_URI")
        return [
            str(program), "--enable-test-commands", "--port", "0", "--storage-path", str(data), "--cache-size", "128M"
        ]  # fmt: skip

    def _prepare(self, host: str) -> None:
        with self.client() as client:
            client.admin.command("ping")

    @property
    def pid(self) -> int:
        return self._process.pid

    def _port(self) -> str | None:
        text = self._log.read_text()
        if self._process.poll() is not None:
            raise AssertionError(f"the MongoDB test server ended at once:\n{text}")
        found = re.search(self.LISTENS, text)
        return found and found[1]

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Mongod(OwnServer):
    """A real server, as a replica set of one."""

    LISTENS = r'"Waiting for connections","attr":\{"port":(\d+)'

    def _command(self, data: Path) -> list[str]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        return [
            MONGOD or "mongod", "--dbpath", str(data), "--bind_ip", "127.0.0.1", "--port", str(port), "--nounixsocket",
            "--replSet", "kleio", "--oplogSize", "64", "--wiredTigerCacheSizeGB", "0.25",
            "--setParameter", "enableTestCommands=1", "--setParameter", "diagnosticDataCollectionEnabled=false",
        ]  # fmt: skip

    _others: Sequence[Mapping[str, Any]] = ()

    def alone(self) -> Any:
        """A client of this server, whatever the set that it is in."""
        from pymongo import MongoClient

        return MongoClient(self.uri, directConnection=True)

    def _prepare(self, host: str) -> None:
        with self.alone() as client:
            members = [{"_id": 0, "host": host}, *self._others]
            client.admin.command("replSetInitiate", {"_id": "kleio", "members": members})
            until(lambda: client.admin.command("hello")["isWritablePrimary"], "the replica set to elect its member")


class LaggingSet:
    """A primary and one more server, which together are the majority; the other can be made to lag behind."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._other = _Member(directory / "other", environment)
        self._primary = _Primary(directory / "primary", environment, self._other)

    def address(self, database: str) -> str:
        return with_option(self._primary.address(database), "replicaSet=kleio")

    @contextmanager
    def lag(self) -> Iterator[None]:
        """Nothing reaches the other server until the end of the block: no write is confirmed by a majority."""
        with self._other.alone() as client:
            client.admin.command("configureFailPoint", "rsSyncApplyStop", mode="alwaysOn")
            try:
                yield
            finally:
                client.admin.command("configureFailPoint", "rsSyncApplyStop", mode="off")

    def close(self) -> None:
        for server in (self._primary, self._other):
            server.close()


class _Member(Mongod):
    """One that is in no replica set yet."""

    def _prepare(self, host: str) -> None:
        self.host = host


class _Primary(Mongod):
    """One that makes a replica set with another, in which it always leads."""

    def __init__(self, directory: Path, environment: Mapping[str, str], other: _Member) -> None:
        self._others = [{"_id": 1, "host": other.host, "priority": 0}]
        super().__init__(directory, environment)


def start_server(directory: Path, environment: Mapping[str, str]) -> MongoServer:
    """The server that the environment names, or one of our own."""
    if FOREIGN_SERVER:
        return MongoServer(FOREIGN_SERVER)
    return (Mongod if MONGOD else OwnServer)(directory, environment)
