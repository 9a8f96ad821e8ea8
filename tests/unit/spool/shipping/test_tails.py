from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from harness.attempt import Moody, log, logged
from kleio.errors import JournalUnreachable
from kleio.spool.records.reader import Record, read_records
from kleio.spool.shipping import tails

TYPE_CHECKING = False
if TYPE_CHECKING:
    from harness.attempt import World


@pytest.fixture
def moody(world: World) -> Moody:
    world.journal = Moody(world.name)
    return world.journal


def test_what_comes_little_by_little_becomes_few_segments(world: World) -> None:
    shipper = world.shipper()
    for n in range(300):
        log(world, 1, first=n)
        shipper.ship()
    assert len(world.segments("statistics")) == 1
    assert logged(world) == [{"n": n} for n in range(300)]
    assert shipper.summary()["statistics"]["n"]["count"] == 300


def test_a_segment_that_is_full_takes_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails, "FULL", 1000)
    shipper = world.shipper()
    for n in range(100):
        log(world, 1, first=n)
        shipper.ship()
    assert 6 <= len(world.segments("statistics")) <= 12
    assert logged(world) == [{"n": n} for n in range(100)]


def test_other_streams_have_a_segment_for_each_pass(world: World) -> None:
    shipper = world.shipper()
    for n in range(3):
        world.script.append("artifacts", {"name": f"a{n}"})
        shipper.ship()
    assert len(world.segments("artifacts")) == 3


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(25))
def test_whatever_fails_each_record_is_there_once_and_in_order(world: World, moody: Moody, seed: int) -> None:
    chance = random.Random(seed)
    shipper, count = world.shipper(), 0
    for _ in range(40):
        more = chance.randrange(4)
        log(world, more, first=count)
        count += more
        if chance.random() < 0.2:
            world.script.append("resume", {"n": count})
        if chance.random() < 0.2:
            shipper = world.shipper()
        moody.lose_replies = chance.random() < 0.5
        moody.down_after = moody.calls + chance.randrange(2) if chance.random() < 0.4 else 1 << 30
        try:
            shipper.ship()
        except JournalUnreachable:
            pass
    moody.down_after = 1 << 30
    shipper.ship(final=True)
    assert logged(world) == [{"n": n} for n in range(count)]


def test_a_record_that_the_journal_refuses_goes_alone(world: World, moody: Moody) -> None:
    shipper = world.shipper()
    log(world, 3)
    shipper.ship()
    moody.poison = "bad"
    world.script.append("statistics", {"n": "bad"})
    log(world, 2, first=4)
    assert shipper.ship().quarantined == 1
    log(world, 1, first=6)
    shipper.ship()
    assert [body["n"] for body in logged(world)] == [0, 1, 2, 4, 5, 6]


@pytest.mark.parametrize("damage", ["changed", "cut off"])
def test_records_that_can_not_be_read_again_stay_as_they_were_sent(world: World, damage: str) -> None:
    shipper = world.shipper()
    log(world, 5)
    shipper.ship()
    path = Path(world.directory, f"{world.script.name}.ksp")
    (third,) = [one for one in read_records(str(path)) if isinstance(one, Record) and one.sequence == 2]
    if damage == "changed":
        content = path.read_bytes()
        path.write_bytes(content[: third.start] + b"X" + content[third.start + 1 :])
    else:
        os.truncate(path, third.start)
        world.clock.advance(10)
    log(world, 2, first=5)
    shipper.ship()
    assert logged(world) == [{"n": n} for n in range(7)]
