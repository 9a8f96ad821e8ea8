"""The journal is away for all of a run, for its middle, or at its end: afterwards it holds exactly the records."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from children.acknowledging import content
from harness.evidence import acknowledged, check_everything_kept
from harness.proxy import Proxy
from harness.waiting import until

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.command import Background, Kleio
    from harness.mongodb import MongoServer

SCRIPT = Path(__file__).parents[1] / "children" / "acknowledging.py"
MANY = 300
"""Records that a script logs while the journal is away."""
IMPATIENT = "socketTimeoutMS=1500&connectTimeoutMS=1500&serverSelectionTimeoutMS=1500"


class Run:
    """The script under kleio, which logs until it is told to stop."""

    def __init__(self, kleio: Kleio, place: Path, *options: str) -> None:
        self.kleio, self.place = kleio, place
        place.mkdir()
        argv = (sys.executable, str(SCRIPT), str(place), "1")
        self.front: Background = kleio.background(*(("run", *options, "--") if options else ()), *argv)
        self.trial = until(lambda: (place / "started").exists() and (place / "started").read_text(), "it").split()[0]
        self.log_more()

    def log_more(self) -> None:
        """Wait until so many records more are acknowledged: a script that had to wait for the journal would not."""
        enough = self._count() + MANY
        until(lambda: self._count() > enough, "records to be acknowledged")

    def end(self) -> None:
        """Let the script end; its exit code is kleio's."""
        (self.place / "stop").touch()
        assert self.front.wait().code == 0

    def check(self, address: str, trial: str = "") -> None:
        """Everything is there."""
        self.kleio.until_settled()
        assert self.kleio.spools() == []
        check_everything_kept(address, trial or self.trial, acknowledged(self.place), content)

    def _count(self) -> int:
        return sum(map(len, acknowledged(self.place).values()))


@pytest.fixture
def network(kleio: Kleio, mongodb_server: MongoServer) -> Iterator[Proxy]:
    """What lies between kleio and its MongoDB server; nobody waits long for a reply."""
    parts = urlsplit(kleio.environment["KLEIO_JOURNAL"])
    assert parts.port
    with Proxy(parts.port) as proxy:
        query = f"{parts.query}&{IMPATIENT}" if parts.query else f"{IMPATIENT}&directConnection=true"
        kleio.environment["KLEIO_JOURNAL"] = f"mongodb://127.0.0.1:{proxy.port}{parts.path}?{query}"
        yield proxy


def break_network(network: Proxy, how: str) -> None:
    if how == "refused":
        network.refuse()
    elif how == "silent":
        network.swallow()
    elif how == "slow":
        network.slow(0.05)
    else:
        network.cut_after(b"insert", times=3)


@pytest.mark.mongo
@pytest.mark.parametrize("journal_address", ["mongodb"], indirect=True)
@pytest.mark.parametrize("how", ["refused", "silent", "slow", "cut"])
def test_a_journal_away_in_the_middle_of_a_run(kleio, network, journal_address, tmp_path, how):
    run = Run(kleio, tmp_path / "run")
    break_network(network, how)
    run.log_more()
    if how == "cut":
        until(lambda: network.cut, "a reply to be lost")
    network.restore()
    run.log_more()
    run.end()
    run.check(journal_address)
    assert kleio.status(run.trial) == "completed"


@pytest.mark.mongo
@pytest.mark.parametrize("journal_address", ["mongodb"], indirect=True)
@pytest.mark.parametrize("how", ["refused", "silent"])
def test_a_journal_away_at_the_end_of_a_run(kleio, network, journal_address, tmp_path, how):
    kleio.environment["KLEIO_FLUSH_DEADLINE"] = "1"
    run = Run(kleio, tmp_path / "run")
    break_network(network, how)
    run.log_more()
    run.end()
    assert len(kleio.spools()) == 1
    network.restore()
    assert kleio("ls").code == 0
    run.check(journal_address)
    assert kleio.status(run.trial) == "completed"


@pytest.mark.mongo
@pytest.mark.parametrize("journal_address", ["mongodb"], indirect=True)
@pytest.mark.parametrize("how", ["refused", "silent"])
def test_a_journal_away_for_a_whole_run(kleio, network, journal_address, tmp_path, how):
    break_network(network, how)
    run = Run(kleio, tmp_path / "run", "--offline")
    run.end()
    kleio.until_settled()
    assert len(kleio.spools()) == 1
    network.restore()
    assert kleio("ls").code == 0
    (trial,) = kleio.ids()
    run.check(journal_address, trial)
    assert kleio.status(trial) == "completed"


@pytest.mark.mongo
@pytest.mark.parametrize("journal_address", ["mongodb"], indirect=True)
@pytest.mark.parametrize(
    "failure",
    [{"errorCode": 91}, {"errorCode": 10107}, {"closeConnection": True}, {"writeConcernError": {"code": 91}}],
    ids=["shutdown", "no-primary", "connection-lost", "not-by-a-majority"],
)
def test_commands_that_the_server_fails_are_repeated_without_doubling(
    kleio, mongodb_server, journal_address, tmp_path, failure
):
    run = Run(kleio, tmp_path / "run")
    with mongodb_server.client() as client:
        data = {"failCommands": ["insert", "update", "findAndModify"], **failure}
        client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": 2}, "data": data})
        try:
            run.log_more()
            run.end()
        finally:
            client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
    assert kleio("ls").code == 0
    run.check(journal_address)


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
def test_a_file_locked_by_somebody_else_in_the_middle_of_a_run(kleio, journal_address, tmp_path):
    run = Run(kleio, tmp_path / "run")
    other = sqlite3.connect(journal_address.removeprefix("sqlite://"), isolation_level=None, timeout=30)
    other.execute("BEGIN EXCLUSIVE")
    run.log_more()
    other.execute("ROLLBACK")
    other.close()
    run.end()
    run.check(journal_address)
    assert kleio.status(run.trial) == "completed"
