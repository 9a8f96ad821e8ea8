"""A launch meets a trial that somebody holds."""

from __future__ import annotations

import pytest

from harness.attempt import World
from harness.recorded import Recorder
from kleio.launcher.rescue import rescue
from kleio.settings import Settings


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
