"""Who is dead, who is not, and what becomes of the dead."""

from __future__ import annotations

import subprocess
import sys

import pytest

from harness.attempt import TRIAL, World
from harness.recorded import Recorder
from kleio.errors import JournalReadOnly
from kleio.journal.memory import MemoryJournal
from kleio.launcher.care.cure import cure, examine, foretold
from kleio.settings import Settings
from kleio.spool.handshake import SPOOL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.launcher.care.cure import Cured


def cured(world: World, settings: Settings, dry_run: bool = False, leases: float = 1.0) -> list[Cured]:
    patients = examine(world.journal, world.clock, leases=leases, wait=world.clock.advance)
    return [foretold(one) if dry_run else cure(world.journal, one, settings, world.clock) for one in patients]


def test_a_living_launcher_is_left_alone(world: World, settings: Settings) -> None:
    before = world.trial
    (found,) = cured(world, settings, leases=0)
    assert (found.before, found.after) == ("reserved", "reserved")
    assert found.evidence.endswith(" lives")
    assert world.trial == before


@pytest.mark.parametrize("word", ["completed", "broken", "suspended"])
def test_what_the_spool_tells_is_written_before_anything_else(world: World, settings: Settings, word: str) -> None:
    world.start()
    world.script.append("statistics", {"n": 1})
    world.exit(status=word)
    world.launcher_dies()
    assert [one.after for one in cured(world, settings, dry_run=True)] == [word]
    assert world.trial["status"] == "reserved"
    assert [one.after for one in cured(world, settings)] == [word]
    assert world.trial["status"] == word
    assert len(world.segments("statistics")) == 1
    assert cured(world, settings) == []


def test_an_end_that_the_journal_cannot_be_told_waits_and_nothing_is_to_be_killed(
    world: World, settings: Settings
) -> None:
    class ReadOnly(MemoryJournal):
        def append(self, segments: Any) -> Any:
            raise JournalReadOnly("the journal cannot be written")

    world.start()
    world.exit()
    world.launcher_dies()
    (patient,) = examine(world.journal, world.clock)
    found = cure(ReadOnly(world.name), patient, settings, world.clock)
    assert (found.after, found.problem) == ("reserved", "the journal cannot be written")
    assert found.evidence.endswith(" is gone; its end waits to be sent: completed, exit 0")
    assert found.mend.endswith("the next `kleio COMMAND` sends it once the journal can be written")
    assert [one.after for one in cured(world, settings)] == ["completed"]


def test_without_an_end_it_is_failover_and_curing_again_changes_nothing(world: World, settings: Settings) -> None:
    world.start()
    world.launcher_dies()
    patients = examine(world.journal, world.clock)
    assert [foretold(one).after for one in patients] == ["failover"]
    assert [cure(world.journal, one, settings, world.clock).after for one in patients] == ["failover"]
    trial = world.trial
    assert [cure(world.journal, one, settings, world.clock).evidence for one in patients] == ["it moved on by itself"]
    assert world.trial == trial


def test_beside_its_orphans_a_trial_stays_as_it_is(world: World, settings: Settings) -> None:
    world.start()
    world.launcher_dies()
    orphan = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        env={SPOOL: world.directory},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert orphan.stdout is not None
    orphan.stdout.readline()
    try:
        for dry_run in (True, False):
            (found,) = cured(world, settings, dry_run)
            assert found.after == "reserved"
            assert f"still run: {orphan.pid}" in found.problem
        assert world.trial["status"] == "reserved"
    finally:
        orphan.communicate(b"\n")
    assert [one.after for one in cured(world, settings)] == ["failover"]


@pytest.mark.parametrize("jump", [-2 * 86400, 2 * 86400])
def test_no_jump_of_a_clock_cures_a_living_one(
    world: World, recorder: Recorder, settings: Settings, jump: float
) -> None:
    """The journal's clock is this machine's with SQLite: both jump."""
    trial = recorder.running("sleep", holder={"host": "other", "lease": 120.0})
    world.clock.jump(jump)
    waited = 0.0

    def wait(seconds: float) -> None:
        nonlocal waited
        waited += seconds
        world.clock.advance(seconds)
        if waited == 15:
            world.journal.compare_and_set(trial, {}, {})

    patients = examine(world.journal, world.clock, wait=wait)
    found = {one.trial: one for one in (cure(world.journal, each, settings, world.clock) for each in patients)}
    assert found[trial].after == "running"
    assert found[TRIAL].after == "reserved"


def test_dead_for_longer_than_a_day_is_dead(world: World, recorder: Recorder, settings: Settings) -> None:
    trial = recorder.running("sleep", holder={"host": "other", "lease": 120.0})
    world.clock.advance(25 * 3600)
    began = world.clock.monotonic()
    found = {one.trial: one for one in cured(world, settings)}
    assert found[trial].after == "failover"
    assert world.clock.monotonic() - began == 120
    document = world.journal.trial(trial)
    assert document is not None
    assert document["event"]["why"] == "no heartbeat for 120 s while it was watched"


def test_one_that_came_back_while_it_was_judged_keeps_its_trial(
    world: World, recorder: Recorder, settings: Settings
) -> None:
    trial = recorder.running("sleep", holder={"host": "other", "lease": 120.0})
    patients = examine(world.journal, world.clock, wait=world.clock.advance)
    world.journal.compare_and_set(trial, {}, {})
    found = {one.trial: one for one in (cure(world.journal, each, settings, world.clock) for each in patients)}
    assert found[trial].after == "running"


def test_only_trials_with_the_tags_are_looked_at(world: World, recorder: Recorder) -> None:
    trial = recorder.running("sleep", holder={"host": "other"}, tags=["a", "b"])
    recorder.running("sleep", holder={"host": "other"}, tags=["a"])
    found = examine(world.journal, world.clock, tags=["a", "b"], wait=world.clock.advance)
    assert [one.document["_id"] for one in found] == [trial]
