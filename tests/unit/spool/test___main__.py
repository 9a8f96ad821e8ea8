"""The replacement shipper as a real process, on a real journal."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.attempt import TRIAL
from harness.waiting import until
from kleio.journal.registry import open_journal
from kleio.spool.attempt.directory import read_attempt, write_attempt
from kleio.spool.attempt.locks import SHIP_LOCK, hold_lock, supervisor_alive
from kleio.spool.records.segments import records_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from harness.attempt import World

COMMAND = [sys.executable, "-m", "kleio.spool"]


@pytest.fixture
def address(world: World, sqlite_address: str) -> str:
    """The world's trial in a journal that another process can open; its front is dead."""
    os.close(world.ship_lock)
    world.ship_lock = -1
    Path(sqlite_address.removeprefix("sqlite://")).parent.mkdir()
    journal = open_journal(sqlite_address)
    journal.insert_trial({**world.trial, "status": "new", "owner": None})
    expected = {"status": "new"}
    changes = {"status": "reserved", "owner": world.owner}
    document = journal.compare_and_set(TRIAL, expected, changes, event={"id": "e1", "status": "reserved"})
    assert document is not None
    assert document["fence"] == 1
    journal.close()
    attempt = dataclasses.replace(read_attempt(world.directory), journal=sqlite_address, flush_deadline=0.5)
    write_attempt(world.directory, attempt)
    return sqlite_address


def test_it_ships_until_the_end_and_closes(world: World, address: str) -> None:
    world.start()
    world.script.append("statistics", {"n": 1})
    shipper = subprocess.Popen([*COMMAND, world.directory])
    os.kill(shipper.pid, signal.SIGINT)  # it shares no terminal with anybody, and is not stopped by accident
    world.script.append("statistics", {"n": 2})
    world.exit()
    assert shipper.wait(60) in (0, 1, -signal.SIGINT)
    if shipper.returncode:  # the signal came before it could be ignored
        assert subprocess.run([*COMMAND, world.directory], check=False).returncode == 0
    journal = open_journal(address)
    document = journal.trial(TRIAL)
    assert document is not None
    assert document["status"] == "completed"
    logged = [body for segment in journal.segments(TRIAL, stream="statistics") for body in records_of(segment)]
    journal.close()
    assert logged == [{"n": 1}, {"n": 2}]
    assert not os.path.exists(world.directory)


def test_it_leaves_an_attempt_that_somebody_ships(world: World, address: str) -> None:
    lock = hold_lock(world.directory, SHIP_LOCK)
    assert subprocess.run([*COMMAND, world.directory], check=False).returncode == 0
    os.close(lock)
    assert supervisor_alive(world.directory)


def test_a_journal_that_stays_away_leaves_the_spool_to_the_next(world: World, address: str) -> None:
    Path(address.removeprefix("sqlite://")).unlink()
    world.start()
    world.exit()
    assert subprocess.run([*COMMAND, world.directory], check=False).returncode == 75
    assert os.path.exists(world.directory)


def test_a_directory_that_is_gone_is_done(tmp_path: Path) -> None:
    assert subprocess.run([*COMMAND, str(tmp_path / "gone")], check=False).returncode == 0


def test_it_goes_on_with_the_samples_of_the_machine(world: World, address: str) -> None:
    write_attempt(world.directory, dataclasses.replace(read_attempt(world.directory), samples=0.05))
    world.start()
    command = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    shipper = subprocess.Popen([*COMMAND, world.directory])
    record = Path(world.directory, "successor.ksp")
    until(lambda: record.exists() and record.read_bytes().count(b'"metrics"') > 1, "two samples")
    command.communicate(b"\n")
    world.exit()
    assert shipper.wait(60) == 0
    journal = open_journal(address)
    samples = [body for segment in journal.segments(TRIAL, stream="metrics") for body in records_of(segment)]
    journal.close()
    assert len(samples) > 1
    assert samples[0]["processes"] >= 1
    assert samples[0]["memory"] > 1 << 20
