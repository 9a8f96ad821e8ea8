"""Which trials a worker starts, how often, and when it ends."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from harness.attempt import TRIAL, World
from harness.recorded import PROJECT, WHO, Recorder
from kleio.launcher.worker import MOST_REFUSALS, MOST_TRIES, Worker
from kleio.trial import status
from kleio.trial.document import new_event, new_owner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PID = 4711


class Queue:
    """Launches that end as they are told to."""

    def __init__(self, world: World) -> None:
        world.journal.delete_trial(TRIAL)
        self.recorder = Recorder(world.journal, world.clock)
        self.journal, self.clock = world.journal, world.clock
        self.ran: list[str] = []
        self.ends: dict[str, Callable[[str], int]] = {}

    def end(self, trial: str, word: str, pid: int = PID, holder: dict[str, Any] | None = None) -> int:
        """An attempt of ``pid`` that ends as ``word``."""
        who = {**WHO, "pid": pid}
        changes = {"status": status.RESERVED, "owner": new_owner(), "holder": holder or who}
        event = new_event(status.RESERVED, self.clock, who=who, why="launch")
        document = self.journal.compare_and_set(trial, {"status": status.RESERVABLE}, changes, claim=True, event=event)
        if document is not None:
            self.recorder.move(trial, word)
        return PID

    def run(self, trial: str) -> int:
        self.ran.append(trial)
        return self.ends.get(trial, lambda trial: self.end(trial, status.COMPLETED))(trial)

    def worker(self, **options: Any) -> Worker:
        return Worker(self.journal, PROJECT.id, self.run, self.clock, wait=self.clock.advance, **options)


@pytest.fixture
def queue(world: World) -> Queue:
    return Queue(world)


def test_oldest_first_until_nothing_is_left(queue: Queue) -> None:
    trials = [queue.recorder.new("echo", str(number)) for number in range(5)]
    assert queue.worker().drain().ran == 5
    assert queue.ran == trials


@pytest.mark.parametrize("word", sorted(status.STATUSES - status.RESERVABLE - status.HELD))
def test_what_may_not_run_is_not_started(queue: Queue, word: str) -> None:
    queue.recorder.ended("true", word=word)
    assert queue.worker().drain().ran == 0
    assert queue.ran == []


@pytest.mark.parametrize("word", sorted(status.RESERVABLE - {"new"}))
def test_what_may_run_again_is_started(queue: Queue, word: str) -> None:
    trial = queue.recorder.ended("true", word=word)
    assert queue.worker().drain().ran == 1
    assert queue.ran == [trial]


def test_only_its_project_and_its_tags(queue: Queue) -> None:
    queue.recorder.new("true", project=replace(PROJECT, id="q" * 40), tags=["a", "b"])
    queue.recorder.new("true", tags=["a"])
    wanted = queue.recorder.new("true", tags=["a", "b"])
    queue.worker(tags=["a", "b"]).drain()
    assert queue.ran == [wanted]


def test_a_trial_with_secrets_is_nobodys_here(queue: Queue) -> None:
    trial = queue.recorder.new("true")
    queue.journal.compare_and_set(trial, {}, {"secrets": True})
    queue.worker().drain()
    assert queue.ran == []


@pytest.mark.parametrize("word", ["suspended", "interrupted"])
def test_what_was_stopped_here_is_not_started_again(queue: Queue, word: str) -> None:
    stopped, other = queue.recorder.new("a"), queue.recorder.new("b")
    queue.ends[stopped] = lambda trial: queue.end(trial, word)
    assert queue.worker().drain().ran == 2
    assert queue.ran == [stopped, other]


def test_what_is_suspended_elsewhere_meanwhile_is_left_alone(queue: Queue) -> None:
    first, second = queue.recorder.new("a"), queue.recorder.new("b")

    def suspend_second(trial: str) -> int:
        queue.end(second, status.SUSPENDED, pid=1)
        return queue.end(trial, status.COMPLETED)

    queue.ends[first] = suspend_second
    queue.worker().drain()
    assert queue.ran == [first]


def test_a_launcher_that_always_dies_is_given_up(queue: Queue) -> None:
    trial = queue.recorder.new("a")
    queue.ends[trial] = lambda trial: queue.end(trial, status.FAILOVER)
    queue.worker().drain()
    assert queue.ran == [trial] * MOST_TRIES


def test_a_launcher_that_died_without_a_word_is_tried_again(queue: Queue) -> None:
    trial = queue.recorder.new("a")

    def again(trial: str) -> int:
        queue.recorder.move(trial, status.FAILOVER)  # as a launch writes it first
        return queue.end(trial, status.COMPLETED)

    def die(trial: str) -> int:
        queue.ends[trial] = again
        return queue.end(trial, status.RUNNING, holder={"host": os.uname().nodename, "pid": 1 << 30})

    queue.ends[trial] = die
    queue.worker().drain()
    assert queue.ran == [trial, trial]


def test_refused_is_skipped_and_counted(queue: Queue) -> None:
    refused, other = queue.recorder.ended("a", word="suspended"), queue.recorder.new("b")
    queue.ends[refused] = lambda trial: PID
    report = queue.worker().drain()
    assert (report.ran, report.skipped) == (1, 1)
    assert queue.ran == [refused, other]


def test_beside_orphans_it_asks_so_often_and_no_more(queue: Queue) -> None:
    trial = queue.recorder.running("a", holder={"host": os.uname().nodename, "pid": 1 << 30})
    queue.ends[trial] = lambda trial: PID
    assert queue.worker().drain().skipped == 1
    assert queue.ran == [trial] * MOST_REFUSALS


def test_what_somebody_else_got_is_not_counted(queue: Queue) -> None:
    lost, other = queue.recorder.new("a"), queue.recorder.new("b")
    queue.ends[lost] = lambda trial: queue.end(trial, status.COMPLETED, pid=1)
    assert queue.worker().drain().ran == 1
    assert queue.ran == [lost, other]


def test_what_somebody_took_since_the_look_is_not_even_tried(queue: Queue) -> None:
    first, second = queue.recorder.new("a"), queue.recorder.new("b")

    def take_second(trial: str) -> int:
        queue.end(second, status.COMPLETED, pid=1)
        return queue.end(trial, status.COMPLETED)

    queue.ends[first] = take_second
    queue.worker().drain()
    assert queue.ran == [first]


def test_after_a_lost_race_it_gets_out_of_step(queue: Queue) -> None:
    trials = [queue.recorder.new(word) for word in "abcd"]
    queue.ends[trials[0]] = lambda trial: queue.end(trial, status.COMPLETED, pid=1)
    queue.worker(chance=lambda count: count - 1).drain()
    assert queue.ran == [trials[0], trials[3], trials[1], trials[2]]


def test_no_more_than_so_many(queue: Queue) -> None:
    for number in range(5):
        queue.recorder.new(str(number))
    assert queue.worker(most=2).drain().ran == 2
    assert len(queue.ran) == 2


def test_it_waits_for_what_comes(queue: Queue) -> None:
    began = queue.clock.monotonic()
    queue.worker(idle_exit=10).drain()
    assert queue.clock.monotonic() - began == 10


def test_it_ends_when_told_to(queue: Queue) -> None:
    for number in range(3):
        queue.recorder.new(str(number))
    queue.worker(is_over=lambda: len(queue.ran) == 1).drain()
    assert len(queue.ran) == 1
