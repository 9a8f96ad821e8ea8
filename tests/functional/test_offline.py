"""A journal that cannot be reached: refused in time, or run without it and told later."""

from __future__ import annotations

import signal
import socket
import sqlite3
import time
from contextlib import closing
from urllib.parse import urlsplit, urlunsplit

import pytest

from harness.proxy import Proxy
from harness.waiting import until

LINE = ("python", "train.py", "--epochs", "2")
OUTPUT = b"epoch 1 lr 1\nepoch 2 lr 1\n"


@pytest.fixture
def away(kleio, mongodb_address):
    """(address of a server that is away, what brings it back)"""
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    parts = urlsplit(mongodb_address)
    address = urlunsplit(parts._replace(netloc=f"127.0.0.1:{port}", query="directConnection=true"))
    kleio.environment["KLEIO_JOURNAL"] = address
    return lambda: Proxy(parts.port, port)


@pytest.fixture
def journal_address(sqlite_address):
    """Each test here chooses its own."""
    return sqlite_address


def test_unreachable_journal_is_refused_before_anything_runs(kleio, repo):
    """S43"""
    address = {"KLEIO_JOURNAL": "mongodb://me:DBPASSWORD@127.0.0.1:1/lab"}
    begin = time.monotonic()
    said = kleio("python", "hold.py", env=address).refused(75)
    assert time.monotonic() - begin < 15
    assert "127.0.0.1:1/lab" in said
    assert "DBPASSWORD" not in said
    assert "--offline" in said
    assert not (repo / "ran.log").exists()
    assert kleio("--help", env=address).code == 0


def test_offline_run_is_told_when_the_journal_is_back(kleio, away):
    done = kleio("--offline", *LINE)
    assert (done.code, done.out) == (0, OUTPUT), done.words
    assert "offline" in done.words
    assert len(kleio.spools()) == 1
    with away():
        (trial,) = kleio.ids()
        assert trial.startswith(done.trial)
        assert kleio.status(trial) == "completed"
        assert kleio("cat", trial).out == OUTPUT
        assert "is completed" in kleio(*LINE).refused()
    assert kleio.spools() == []


def test_what_waits_for_a_journal_that_is_gone_for_good_is_entered_into_the_one_in_use(kleio, away, sqlite_address):
    gone = kleio.environment["KLEIO_JOURNAL"]
    secret = gone.replace("mongodb://", "mongodb://me:secret@")
    for number, address in enumerate((gone, secret), start=1):
        done = kleio("--offline", *LINE, "--lr", str(number), env={"KLEIO_JOURNAL": address})
        assert done.code == 0, done.words
    kleio.environment["KLEIO_JOURNAL"] = sqlite_address
    said = " ".join(kleio("ship").refused(75).split())
    assert "secret" not in said
    assert "enter it into the journal in use with: kleio ship --instead-of ADDRESS" in said
    assert "nothing waits for" in kleio("ship", "--instead-of", f"{gone}x").refused(2)
    assert "is the journal in use" in kleio("ship", "--instead-of", sqlite_address).refused(2)
    kleio("ship", "--instead-of", gone, env={"KLEIO_JOURNAL": secret}).refused(
        75
    )  # it does not answer: nothing changes
    brought = kleio("ship", "--instead-of", gone)
    brought.refused(75)  # the other still waits
    assert f"made a new journal at {sqlite_address.removeprefix('sqlite://')}" in " ".join(brought.words.split())
    assert len(kleio.ids()) == 1
    assert kleio("ship", "--instead-of", secret.replace(":secret", "")).code == 0  # as it is printed
    assert {kleio.info(trial)["configuration"]["lr"] for trial in kleio.ids()} == {1, 2}
    assert kleio.spools() == []
    assert kleio("fsck", "--all").code == 0


RESUMING = """\
import sys
from kleio.client.logger import kleio_logger
print(kleio_logger.load_config(), flush=True)
kleio_logger.log_artifact("model", b"weights", epoch=1)
print(kleio_logger.load_statistic("epoch"), [(file.read(), of) for file, of in kleio_logger.load_artifacts("model")])
"""


def test_a_script_that_resumes_runs_offline(kleio, repo, away):
    (repo / "resuming.py").write_text(RESUMING)
    done = kleio("--offline", "python", "resuming.py", "--lr", "0.1")
    assert done.code == 0, done.words
    config = {"_pos_0": "python", "_pos_1": "resuming.py", "lr": 0.1}
    assert done.out.decode() == f"{config}\n[] [(b'weights', {{'epoch': 1}})]\n"
    assert done.words.count("what earlier attempts of this trial recorded is not known") == 1


def test_a_script_that_asks_for_its_configuration_needs_no_journal(kleio, repo, journal_address):
    (repo / "config.py").write_text(
        "import os, sys\nos.rename(sys.argv[1], sys.argv[1] + '.away')\n"
        "from kleio.client.logger import kleio_logger\nprint(kleio_logger.load_config()['lr'], flush=True)\n"
        "os.rename(sys.argv[1] + '.away', sys.argv[1])\n"
    )
    done = kleio("python", "config.py", journal_address.removeprefix("sqlite://"), "--lr", "0.1")
    assert (done.code, done.out) == (0, b"0.1\n"), done.words


def test_offline_run_of_a_trial_that_was_run_meanwhile_is_a_trial_of_its_own(kleio, away):
    offline = kleio("--offline", *LINE)
    with away():
        online = kleio("--data", str(kleio.logs), *LINE)
        assert online.code == 0, online.words
        trials = kleio.ids()
        assert len(trials) == 2
        assert sum(trial.startswith(offline.trial) for trial in trials) == 1
        assert [kleio("cat", trial).out for trial in trials] == [OUTPUT, OUTPUT]


def test_offline_flag_changes_nothing_when_the_journal_is_there(kleio):
    done = kleio("--offline", *LINE)
    assert "(offline)" not in done.words
    assert "running offline" not in done.words
    assert kleio.status(done.trial) == "completed"


def test_offline_run_waits_for_no_lock(kleio, journal_address):
    path = journal_address.removeprefix("sqlite://")
    assert kleio("python", "train.py", "--epochs", "1").code == 0
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        done = kleio("--offline", *LINE)
        assert (done.code, done.out) == (0, OUTPUT), done.words
        assert "locked by another process for 2 s; running offline" in done.words
    assert "completed" in kleio("ship").out.decode()
    assert kleio.status(done.trial) == "completed"


def test_offline_run_of_a_journal_that_cannot_be_written(kleio, tmp_path):
    (tmp_path / "file").touch()
    done = kleio("--offline", *LINE, env={"KLEIO_JOURNAL": f"sqlite://{tmp_path}/file/journal.sqlite"})
    assert (done.code, done.out) == (0, OUTPUT), done.words
    assert "cannot be created: its directory is a file; running offline" in done.words


def test_offline_run_of_a_journal_without_space(kleio, journal_address, tmp_path):
    """The file can be read, but takes no more: what is found out only after the code was looked at."""
    assert kleio("python", "train.py", "--epochs", "1").code == 0
    full = {"PYTHONPATH": str(tmp_path / "full")}
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "sitecustomize.py").write_text(FULL)
    done = kleio("--offline", *LINE, env=full)
    assert (done.code, done.out) == (0, OUTPUT), done.words
    assert (
        f"no space is left for the journal {journal_address.removeprefix('sqlite://')}; running offline" in done.words
    )
    assert "completed" in kleio("ship").out.decode()


FULL = """\
import sqlite3

class Full(sqlite3.Connection):
    def execute(self, sql, *arguments):
        if sql == "BEGIN IMMEDIATE":
            raise sqlite3.OperationalError("database or disk is full")
        return super().execute(sql, *arguments)

connect = sqlite3.connect
sqlite3.connect = lambda *arguments, **named: connect(*arguments, factory=Full, **named)
"""

AWAY = """\
import os, time
from kleio.client.logger import kleio_logger
kleio_logger.log_statistic(step=1, loss=.5)
open('pid.txt', 'w').write(str(os.getpid()))
while True:
    time.sleep(.05)
"""


def test_what_a_disk_that_was_away_did_not_hold_is_sent_when_it_is_back(kleio, repo, tmp_path):
    """Nothing is written to an empty journal in the place of the true one, and nothing that was kept is forgotten."""
    disk, away = tmp_path / "disk", tmp_path / "away"
    kleio.environment["KLEIO_JOURNAL"] = f"sqlite://{disk}/journal.sqlite"
    assert kleio("python", "train.py", "--epochs", "1").code == 0
    (repo / "away.py").write_text(AWAY)
    started = kleio.background("python", "away.py")
    started.until_file()
    until(lambda: kleio.status(started.trial) == "running", "the trial to be running")
    disk.rename(away)
    started.signal(signal.SIGKILL, group=True)
    started.wait()
    until(lambda: not kleio.leftovers(), "all of it to end")

    assert "there is no journal at" in kleio("ls").words
    waits = kleio("ship")
    assert (waits.code, "there is no journal at" in waits.out.decode()) == (75, True)
    assert not disk.exists()

    assert kleio("python", "train.py", "--epochs", "2").code == 0  # which begins a journal there
    for said in (kleio("ship"), kleio("doctor")):
        assert "set aside" in said.words + said.out.decode()
    disk.rename(tmp_path / "wrong")
    away.rename(disk)
    assert "; failover" in kleio("ship").out.decode()
    assert kleio.status(started.trial) == "failover"
    assert kleio.info(started.trial)["statistics"]["loss"]["count"] == 1
    assert "nothing waits" in kleio("ship").words
