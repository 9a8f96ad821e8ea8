from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from harness.attempt import EXIT
from harness.recorded import Recorder
from kleio.clock import FakeClock
from kleio.journal.memory import MemoryJournal
from kleio.spool.attempt.liveness import Observer, held_by, watch
from kleio.spool.attempt.locks import RUN_LOCK, SHIP_LOCK, hold_lock
from kleio.spool.records.log import SpoolWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HERE = "engine"
BOOT = "boot-1"


@pytest.fixture
def clock() -> FakeClock:
    """The journal's own clock."""
    return FakeClock()


@pytest.fixture
def recorder(tmp_path: Path, clock: FakeClock) -> Recorder:
    return Recorder.on(MemoryJournal(str(tmp_path), clock))


def seen(recorder: Recorder, holder: dict[str, Any]) -> tuple[str, str]:
    trial = recorder.running("sleep", holder={"host": HERE, "boot_id": BOOT, "lease": 120.0, **holder})
    document = recorder.journal.trial(trial)
    assert document is not None
    return Observer(recorder.journal, HERE, BOOT).current(document)[1:]


def test_while_a_lock_of_its_spool_is_held_the_launcher_lives(recorder: Recorder, tmp_path: Path) -> None:
    lock = hold_lock(str(tmp_path))
    assert seen(recorder, {"spool": str(tmp_path)}) == ("running", "")
    os.close(lock)


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ((RUN_LOCK, SHIP_LOCK), "died, and its supervisor, process PID, takes care of it"),
        ((SHIP_LOCK,), "died, and what it left is taken care of"),
    ],
)
def test_of_a_launcher_that_was_killed_the_supervisor_is_named(
    recorder: Recorder, tmp_path: Path, held: tuple[str, ...], told: str
) -> None:
    host = os.uname().nodename
    told = told.replace("PID", str(os.getpid()))
    locks = [hold_lock(str(tmp_path), name) for name in held]
    with subprocess.Popen(["sleep", "60"]) as command:
        supervisor = SpoolWriter(str(tmp_path), "supervisor")
        supervisor.append("status", {"type": "start", "pid": command.pid})
        holder = {"host": host, "boot_id": BOOT, "spool": str(tmp_path), "pid": 1 << 30}
        document = recorder.journal.trial(recorder.running("sleep", holder=holder))
        assert document is not None
        assert Observer(recorder.journal, host, BOOT).judge(document) == (False, f"its launcher on {host} {told}")
        assert held_by(document) == f"{host} (its launcher {told})"
        for who in ({"pid": os.getpid()}, {"host": "other"}):
            lives = {**document, "holder": {**holder, **who}}
            assert held_by(lives) == f"{who.get('host', host)}, process {who.get('pid', 1 << 30)}"
        command.kill()
    supervisor.close()
    for lock in locks:
        os.close(lock)


@pytest.mark.parametrize("spool", ["", "gone"])
def test_without_a_lock_the_launcher_is_gone_at_once(recorder: Recorder, tmp_path: Path, spool: str) -> None:
    assert seen(recorder, {"spool": str(tmp_path / spool)}) == ("failover", "its launcher on engine is gone")


@pytest.mark.parametrize(
    ("boot", "evidence"), [(BOOT, "its launcher on engine is gone"), ("boot-0", "engine was rebooted")]
)
def test_an_end_that_waits_to_be_sent_is_told(recorder: Recorder, tmp_path: Path, boot: str, evidence: str) -> None:
    supervisor = SpoolWriter(str(tmp_path), "supervisor")
    supervisor.append("status", EXIT)
    supervisor.close()
    told = f"{evidence}; its end waits to be sent: completed, exit 0"
    assert seen(recorder, {"spool": str(tmp_path), "boot_id": boot}) == ("failover", told)


def test_after_a_reboot_nobody_lives(recorder: Recorder, tmp_path: Path) -> None:
    lock = hold_lock(str(tmp_path))
    assert seen(recorder, {"spool": str(tmp_path), "boot_id": "boot-0"}) == ("failover", "engine was rebooted")
    os.close(lock)


def test_before_there_is_a_spool_the_process_itself_is_asked_for(recorder: Recorder) -> None:
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    mine = {"spool": None, "pid": os.getpid(), "start_ticks": ticks}
    assert seen(recorder, mine) == ("running", "")
    assert seen(recorder, {**mine, "start_ticks": ticks + 1}) == ("failover", "its launcher on engine is gone")
    assert seen(recorder, {**mine, "pid": 1 << 30}) == ("failover", "its launcher on engine is gone")


def test_elsewhere_ten_leases_of_silence_by_the_journals_clock_are_death(recorder: Recorder, clock: FakeClock) -> None:
    trial = recorder.running("sleep", holder={"host": "other", "boot_id": "x", "lease": 120.0, "spool": "/nowhere"})
    document = recorder.journal.trial(trial)
    assert document is not None
    clock.advance(1200)
    assert Observer(recorder.journal, HERE, BOOT).current(document)[1:] == ("running", "")
    clock.advance(1)
    assert Observer(recorder.journal, HERE, BOOT).current(document)[1:] == ("failover", "no heartbeat for 1201 s")


def test_a_heartbeat_from_the_future_is_no_death(recorder: Recorder, clock: FakeClock) -> None:
    trial = recorder.running("sleep", holder={"host": "other", "lease": 120.0})
    document = recorder.journal.trial(trial)
    assert document is not None
    clock.jump(-86_401)
    assert Observer(recorder.journal, HERE, BOOT).current(document)[1] == "running"


def test_one_that_ended_while_we_looked_is_not_failover(recorder: Recorder, tmp_path: Path) -> None:
    trial = recorder.running("true", holder={"host": HERE, "boot_id": BOOT, "spool": str(tmp_path)})
    before = recorder.journal.trial(trial)
    assert before is not None
    recorder.end(trial)
    document, status, evidence = Observer(recorder.journal, HERE, BOOT).current(before)
    assert (status, evidence) == ("completed", "")
    assert document["status"] == "completed"


@pytest.mark.parametrize("word", ["completed", "broken", "suspended"])
def test_what_nobody_holds_is_what_it_says(recorder: Recorder, word: str) -> None:
    document = recorder.journal.trial(recorder.ended("true", word=word))
    assert document is not None
    assert Observer(recorder.journal).current(document) == (document, word, "")


def elsewhere(recorder: Recorder, lease: float = 120.0) -> dict[str, Any]:
    document = recorder.journal.trial(recorder.running("sleep", holder={"host": "other", "lease": lease}))
    assert document is not None
    return document


@pytest.mark.parametrize("jump", [-2 * 86400, 2 * 86400])
def test_no_jump_of_the_journals_clock_makes_a_watched_launcher_dead(
    recorder: Recorder, clock: FakeClock, jump: float
) -> None:
    document = elsewhere(recorder)
    observer = FakeClock()
    beats = 0

    def wait(seconds: float) -> None:
        nonlocal beats
        observer.advance(seconds)
        clock.advance(seconds)
        if observer.monotonic() - 1000 >= 15 and not beats:
            beats += 1
            recorder.journal.compare_and_set(document["_id"], {}, {})

    clock.jump(jump)
    observer.jump(-jump)
    assert Observer(recorder.journal, HERE, BOOT).judge(document)[0] is None
    assert watch(recorder.journal, [document], observer, wait) == {}
    assert beats == 1
    assert observer.monotonic() - 1000 <= 20  # a living one is let go at once


def test_a_lease_of_silence_while_watched_is_death(recorder: Recorder) -> None:
    short, long = elsewhere(recorder, 60.0), elsewhere(recorder, 120.0)
    observer = FakeClock()
    assert watch(recorder.journal, [short, long], observer, observer.advance) == {
        short["_id"]: "no heartbeat for 60 s while it was watched",
        long["_id"]: "no heartbeat for 120 s while it was watched",
    }
    assert observer.monotonic() == 1120


def test_leases_can_be_stretched(recorder: Recorder) -> None:
    document = elsewhere(recorder)
    observer = FakeClock()
    assert len(watch(recorder.journal, [document], observer, observer.advance, leases=0.1)) == 1
    assert observer.monotonic() == 1012


def test_who_was_paused_while_watching_does_not_take_its_own_pause_for_death(recorder: Recorder) -> None:
    document = elsewhere(recorder)
    observer = FakeClock()

    def wait(_: float) -> None:
        observer.advance(86400)
        recorder.journal.compare_and_set(document["_id"], {}, {})

    assert watch(recorder.journal, [document], observer, wait) == {}


def test_a_trial_that_was_deleted_is_not_dead(recorder: Recorder) -> None:
    document = elsewhere(recorder)
    observer = FakeClock()
    recorder.journal.delete_trial(document["_id"])
    assert watch(recorder.journal, [document], observer, observer.advance) == {}
