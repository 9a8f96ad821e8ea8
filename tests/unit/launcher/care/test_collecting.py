from __future__ import annotations

import io
import uuid

import pytest

from harness.recorded import Recorder
from kleio.artifacts.contract import AGE
from kleio.artifacts.memory import MemoryBlobs
from kleio.clock import FakeClock, stamp
from kleio.journal.contract import TrialQuery
from kleio.journal.memory import MemoryJournal
from kleio.launcher.care.collecting import collect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

MONTH = 30 * 86_400.0


class World:
    """A journal, its blobs, and their clock."""

    def __init__(self, journal: type[MemoryJournal] = MemoryJournal) -> None:
        self.name, self.clock = uuid.uuid4().hex, FakeClock()
        self.journal = journal(self.name, self.clock)
        self.blobs = MemoryBlobs(self.name, self.clock)
        self.recorder = Recorder(self.journal, self.clock)

    def trash(self, trial: str) -> None:
        assert self.journal.compare_and_set(trial, {}, {"trashed": stamp(self.clock)})

    def collect(self, **options: Any) -> Any:
        return collect(self.journal, self.blobs, trash_age=MONTH, **options)


@pytest.fixture
def world() -> World:
    return World()


def test_blobs_stay_as_long_as_any_trial_names_them(world):
    recorder = world.recorder
    one, other = recorder.ended("one"), recorder.ended("other")
    shared = recorder.stored(one, "both", b"same", blobs=world.blobs)
    recorder.stored(other, "both", b"same", blobs=world.blobs)
    own = recorder.stored(one, "own", b"only", blobs=world.blobs)
    code = world.blobs.put(io.BytesIO(b"patch"))
    recorder.wrote(other, "capture", {"type": "snapshot", "kind": "patch", "digest": code, "size": 5})
    odd = world.blobs.put(io.BytesIO(b"odd"))
    recorder.wrote(other, "of a stream of tomorrow".replace(" ", "-"), {"deep": [{"down": f"sha256:{odd}"}]})
    world.clock.advance(AGE + 1)
    assert world.collect().blobs == 0
    world.trash(one)
    assert world.collect().blobs == 0, "the trash keeps everything"
    world.clock.advance(MONTH)
    found = world.collect()
    assert (found.trials, found.blobs, found.blob_bytes) == ([one], 1, 4)
    assert sorted(world.blobs.digests()) == sorted([shared, code, odd])
    assert not world.blobs.has(own)


def test_a_blob_of_the_last_day_stays(world):
    digest = world.blobs.put(io.BytesIO(b"x"))
    world.clock.advance(AGE - 1)
    found = world.collect()
    assert (found.blobs, found.young, found.young_bytes) == (0, 1, 1)
    world.clock.advance(2)
    assert world.collect(dry_run=True).blobs == 1
    assert world.blobs.has(digest)
    assert world.collect().blobs == 1
    assert not world.blobs.has(digest)


def test_old_trash_goes_with_its_children_and_not_before_them(world):
    recorder = world.recorder
    parent = recorder.ended("parent")
    child = recorder.ended("child", refers={"parent": parent, "cut": {"attempt": 1}})
    world.trash(parent)
    world.clock.advance(MONTH + 1)
    assert world.collect().trials == [], "its child still reads through it"
    world.trash(child)
    assert world.collect().trials == []
    world.clock.advance(MONTH + 1)
    assert world.collect(dry_run=True).trials == [child, parent]
    assert world.collect().trials == [child, parent]
    assert world.journal.count_trials(TrialQuery(trash=None)) == 0


class Busy(MemoryJournal):
    """While the collector reads the trials, others are at work: ``meanwhile`` is called before the first one."""

    meanwhile: Any = None

    def find_trials(self, query: TrialQuery) -> Iterator[dict[str, Any]]:
        found = list(super().find_trials(query))
        if query.trash is None and self.meanwhile is not None:
            work, self.meanwhile = self.meanwhile, None
            yield from found
            work()
        else:
            yield from found


def test_what_is_referred_to_behind_the_collectors_back_stays():
    """A new trial stores the bytes of an old, unreferenced blob after all references were read."""
    world = World(Busy)
    digest = world.blobs.put(io.BytesIO(b"weights"))
    world.clock.advance(10 * AGE)
    world.journal.meanwhile = lambda: world.recorder.stored(
        world.recorder.ended("run"), "w", b"weights", blobs=world.blobs
    )
    assert world.collect().blobs == 0
    assert world.blobs.has(digest)


def test_a_collector_that_was_stopped_for_days_takes_nothing_that_came_since():
    world = World(Busy)
    digest = world.blobs.put(io.BytesIO(b"weights"))
    world.clock.advance(10 * AGE)

    def days_later() -> None:
        world.clock.advance(5 * AGE)
        world.recorder.stored(world.recorder.ended("run"), "w", b"weights", blobs=world.blobs)
        world.clock.advance(5 * AGE)

    world.journal.meanwhile = days_later
    assert world.collect().blobs == 0
    assert world.blobs.has(digest)
