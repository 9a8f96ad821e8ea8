from __future__ import annotations

import os

import pytest

from harness.attempt import World
from kleio.spool.closing import close_attempt
from kleio.spool.records.log import SpoolWriter
from kleio.spool.shipping import telling
from kleio.spool.shipping.telling import Stepping, latest_output, logged_so_far


def told_after(world: World, seconds: float, *epochs: int) -> dict:
    """The trial after the script logged these and a heartbeat was due."""
    keeper = world.keeper()
    for epoch in epochs:
        world.script.append("statistics", {"epoch": epoch, "loss": 1.0 / epoch})
    keeper.step()
    world.clock.advance(seconds)
    keeper.step()
    return world.trial


def test_a_heartbeat_tells_how_far_the_command_has_come(world: World) -> None:
    world.start()
    world.supervisor.append("metrics", {"cpu": 97.0, "memory": 1 << 20})
    trial = told_after(world, 16, 1, 2, 3)
    assert trial["progress"]["step"] == {"name": "epoch", "value": 3, "rate": None}
    assert trial["progress"]["metrics"] == {"cpu": 97.0, "memory": 1 << 20}
    assert trial["progress"]["output"] is None
    assert trial["summary"]["statistics"]["loss"]["min"] == 1 / 3


def test_the_pace_is_that_between_heartbeats(world: World) -> None:
    keeper = world.keeper()
    for epoch in (10, 40, 70):
        world.script.append("statistics", {"epoch": epoch})
        keeper.step()
        world.clock.advance(15)
    assert world.trial["progress"]["step"] == {"name": "epoch", "value": 70, "rate": 2.0}
    keeper.close()


def test_the_pace_is_that_of_logging_though_records_wait_to_be_shipped(world: World) -> None:
    keeper = world.keeper()
    for epoch in range(1, 62):
        world.script.append("statistics", {"epoch": epoch})
        world.clock.advance(1)
        keeper.step()
        told = world.trial["progress"]
        assert told is None or not told["step"] or told["step"]["rate"] in (None, pytest.approx(1.0))
    assert told["step"]["rate"] == pytest.approx(1.0)
    keeper.close()


def test_the_step_of_the_moment_is_that_of_shipped_and_waiting_records(world: World) -> None:
    stepping = Stepping(world.clock)
    other = SpoolWriter(world.directory, "other", world.clock)
    world.script.append("statistics", {"epoch": 1})
    shipper = world.shipper()
    shipper.ship()
    assert stepping.step(logged_so_far(world.directory)) == {"name": "epoch", "value": 1, "rate": None}
    world.clock.advance(4)
    other.append("statistics", {"epoch": 3})
    assert stepping.step(logged_so_far(world.directory)) == {"name": "epoch", "value": 3, "rate": 0.5}
    assert world.trial["summary"] == {}
    shipper.close()


def test_nothing_is_known_of_the_moment_where_nothing_or_too_much_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert logged_so_far(os.path.join(world.directory, "gone")) == []
    world.script.append("statistics", {"epoch": 1})
    monkeypatch.setattr(telling, "MOST_UNSHIPPED", 10)
    assert logged_so_far(world.directory) == []
    assert Stepping(world.clock).step([]) is None


def test_what_was_told_is_not_counted_again_at_the_end(world: World) -> None:
    world.start()
    world.journal.compare_and_set("ab" * 32, {}, {"summary": {"statistics": {"epoch": {"count": 2, "last": 2}}}})
    assert told_after(world, 16, 3, 4)["summary"]["statistics"]["epoch"]["count"] == 4
    assert told_after(world, 16)["summary"]["statistics"]["epoch"]["count"] == 4  # another keeper, the same attempt
    world.exit()
    shipper = world.shipper()
    shipper.ship(final=True)
    close_attempt(shipper, world.journal, world.clock)
    assert world.trial["summary"]["statistics"]["epoch"]["count"] == 4
    assert world.trial["progress"] is None


def test_the_latest_output_is_as_old_as_its_file(world: World) -> None:
    assert latest_output(world.directory) is None
    for stream, time in (("stdout", 100), ("stderr", 200)):
        path = os.path.join(world.directory, f"{stream}.index")
        with open(path, "wb") as file:
            file.write(b"x" if stream == "stdout" else b"")
        os.utime(path, (time, time))
    assert latest_output(world.directory) == 100
