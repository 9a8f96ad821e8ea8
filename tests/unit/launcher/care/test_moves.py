from __future__ import annotations

import pytest

from harness.attempt import TRIAL, World
from harness.recorded import Recorder
from kleio.errors import TrialBusy, TrialRefused
from kleio.launcher.care.moves import acknowledge, switchover
from kleio.settings import Settings
from kleio.trial import status

ENDED = sorted(status.STATUSES - status.HELD)


def recorded(recorder: Recorder, word: str) -> dict[str, object]:
    trial = recorder.new("true") if word == status.NEW else recorder.ended("true", word=word)
    document = recorder.journal.trial(trial)
    assert document is not None
    return document


@pytest.mark.parametrize("target", [status.SWITCHOVER, status.ACKNOWLEDGED])
@pytest.mark.parametrize("word", ENDED)
def test_only_moves_of_the_table_are_made(recorder: Recorder, settings: Settings, word: str, target: str) -> None:
    document = recorded(recorder, word)

    def move() -> dict[str, object]:
        if target == status.SWITCHOVER:
            return switchover(recorder.journal, document, settings, recorder.clock, why="so")
        return acknowledge(recorder.journal, document, recorder.clock, why="so")

    if status.may_move(word, target):
        moved = move()
        assert moved["status"] == target
        assert (moved["event"]["status"], moved["event"]["why"]) == (target, "so")  # type: ignore[index]
    else:
        with pytest.raises(TrialRefused, match=f"is {word} and cannot become {target}") as refused:
            move()
        assert refused.value.hint
        assert recorder.journal.trial(str(document["_id"])) == document


def test_who_was_slower_is_told(recorder: Recorder) -> None:
    document = recorded(recorder, status.BROKEN)
    acknowledge(recorder.journal, document, recorder.clock)
    with pytest.raises(TrialBusy, match="changed by somebody else"):
        acknowledge(recorder.journal, document, recorder.clock)


def test_a_reserved_trial_is_switched_over_only_from_the_dead(world: World, settings: Settings) -> None:
    with pytest.raises(TrialBusy):
        switchover(world.journal, world.trial, settings, world.clock)
    world.launcher_dies()
    # it had a spool, so its attempt is closed as every other; without one it would be switchover
    assert switchover(world.journal, world.trial, settings, world.clock)["status"] == "failover"


def test_a_reserved_trial_that_had_ended_after_all_stays_so(world: World, settings: Settings) -> None:
    world.start()
    world.exit()
    world.launcher_dies()
    with pytest.raises(TrialRefused, match="is completed and cannot become switchover"):
        switchover(world.journal, world.trial, settings, world.clock)


def test_a_running_one_needs_no_switchover(world: World, settings: Settings) -> None:
    world.journal.compare_and_set(TRIAL, {}, {"status": "running"})
    world.launcher_dies()
    with pytest.raises(TrialRefused, match="is failover and cannot become switchover") as refused:
        switchover(world.journal, world.trial, settings, world.clock)
    assert refused.value.hint == f"it runs again without: kleio run {TRIAL[:7]}"
