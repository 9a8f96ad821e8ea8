from __future__ import annotations

from pathlib import Path

import pytest

from harness.attempt import World
from kleio.spool.shipping.gathering import LONGEST, MUCH, Gathering


@pytest.mark.parametrize(("age", "expected"), [(0.0, 0.0), (100.0, 1.0), (400.0, 4.0), (500.0, 5.0), (1e6, LONGEST)])
def test_patience_is_a_hundredth_of_the_age_and_seconds_at_most(world: World, age: float, expected: float) -> None:
    gathering = Gathering(world.directory, 50.0)
    assert gathering.is_over(0, 50.0)
    gathering.begin(50.0 + age)
    assert gathering.is_over(10, 50.0 + age + expected)
    assert not gathering.is_over(10, 50.0 + age + expected - 0.01)
    assert gathering.is_over(MUCH, 50.0 + age + expected - 0.01)


def test_artifacts_are_not_gathered(world: World) -> None:
    gathering = Gathering(world.directory, 0.0)
    gathering.begin(1000.0)
    assert not gathering.is_over(10, 1001.0)
    Path(world.directory, "blobs", "a" * 64).touch()
    assert gathering.is_over(10, 1001.0)


def test_a_slow_script_leaves_few_segments_and_loses_nothing(world: World) -> None:
    world.start()
    keeper = world.keeper()
    keeper.step()
    for n in range(2000):
        world.script.append("statistics", {"n": n})
        world.clock.advance(1.0)
        keeper.step()
        assert n - world.journal.last_sequence(world.trial["_id"], 1, "statistics", world.script.name) <= LONGEST
    assert len(world.segments("statistics")) < 4
    world.exit()
    assert keeper.finish(1)
    from kleio.analysis.series import read_statistics

    assert read_statistics(world.journal, world.trial["_id"]).n == list(range(2000))
