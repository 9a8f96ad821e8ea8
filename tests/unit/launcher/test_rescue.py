"""A launch meets a trial that somebody holds."""

from __future__ import annotations

import pytest

from harness.attempt import TRIAL, World
from harness.recorded import Recorder
from kleio.launcher.rescue import rescue
from kleio.launcher.reserve import reserve
from kleio.settings import Settings
from kleio.spool.attempt.liveness import Observer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def test_one_that_lives_is_left_alone(world: World, settings: Settings) -> None:
    assert rescue(world.journal, world.trial, settings, world.clock) == world.trial
    assert world.trial["status"] == "reserved"


def test_one_that_completed_before_its_launcher_died_is_completed(world: World, settings: Settings) -> None:
    world.start()
    world.exit()
    world.launcher_dies()
    assert rescue(world.journal, world.trial, settings, world.clock)["status"] == "completed"


@pytest.mark.parametrize(("silent", "watched"), [(60.0, 0.0), (121.0, 120.0), (2 * 86400.0, 120.0)])
def test_one_elsewhere_is_watched_only_after_a_lease_of_silence(
    world: World, recorder: Recorder, settings: Settings, silent: float, watched: float
) -> None:
    trial = recorder.running("sleep", holder={"host": "other", "lease": 120.0})
    said: list[str] = []
    world.clock.advance(silent)
    before = world.clock.monotonic()
    document = world.journal.trial(trial)
    assert document is not None
    found = rescue(world.journal, document, settings, world.clock, world.clock.advance, said.append)
    assert world.clock.monotonic() - before == watched
    assert found["status"] == ("failover" if watched else "running")
    assert len(said) == bool(watched)


DAYS = [-2 * 86400.0, 2 * 86400.0]


@pytest.mark.parametrize("jump", DAYS)
def test_no_jump_of_the_journals_clock_takes_a_trial_from_a_living_launcher(
    world: World, recorder: Recorder, settings: Settings, jump: float
) -> None:
    trial = recorder.running("sleep", holder={"host": "other", "lease": 120.0})
    world.clock.jump(jump)
    beats = 0

    def wait(seconds: float) -> None:
        nonlocal beats
        world.clock.advance(seconds)
        beats += 1
        world.journal.compare_and_set(trial, {}, {})

    document = world.journal.trial(trial)
    assert document is not None
    assert rescue(world.journal, document, settings, world.clock, wait)["status"] == "running"
    assert beats == 1, "it was watched until its next heartbeat"
    document = world.journal.trial(trial)
    assert document is not None
    assert Observer(world.journal).current(document)[1:] == ("running", ""), "which bears the new time"


@pytest.mark.parametrize("jump", [0.0, *DAYS])
def test_a_launcher_that_died_elsewhere_is_found_within_two_leases_whatever_the_clocks_do(
    world: World, recorder: Recorder, settings: Settings, jump: float
) -> None:
    """Somebody tries again every ten seconds; the time of the journal's clock is nobody's concern."""
    trial = recorder.running("sleep", holder={"host": "other", "lease": 120.0})
    died = world.clock.monotonic()
    world.clock.jump(jump)
    while True:
        document = world.journal.trial(trial)
        assert document is not None
        if rescue(world.journal, document, settings, world.clock, world.clock.advance)["status"] == "failover":
            break
        world.clock.advance(10)
    assert world.clock.monotonic() - died <= 2 * 120.0


@pytest.mark.parametrize("jump", DAYS)
def test_a_launcher_that_was_stopped_for_days_never_writes_over_its_successor(
    world: World, settings: Settings, jump: float
) -> None:
    """Stopped beyond its lease, watched and given up by another machine, which takes the trial; then it goes on."""
    told: list[Any] = []
    keeper = world.keeper(on_superseded=told.append)
    world.start()
    keeper.step()
    elsewhere = {"host": "far away", "lease": 120.0}
    world.journal.compare_and_set(TRIAL, {}, {"holder": elsewhere})  # so that nobody here looks at locks
    world.clock.advance(130)
    world.clock.jump(jump)
    assert rescue(world.journal, world.trial, settings, world.clock, world.clock.advance)["status"] == "failover"
    successor = reserve(
        world.journal, TRIAL, world.clock, held_by=elsewhere, changes={}, note={}, fence=world.trial["fence"]
    )
    world.clock.jump(-jump)
    world.script.append("statistics", {"late": True})
    world.clock.advance(20)
    keeper.step()
    world.exit()
    assert keeper.finish(5)
    assert [document["fence"] for document in told] == [2]
    assert world.trial == successor
    assert {segment.attempt for segment in world.segments("statistics")} == {1}, "its records are its own attempt's"
    keeper.close()
