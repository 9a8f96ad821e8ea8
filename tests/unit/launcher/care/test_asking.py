"""Suspend and kill as whoever asks sees them: the launcher is played by the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.attempt import TRIAL, World
from harness.recorded import Recorder
from harness.waiting import until
from kleio.errors import TrialBusy, TrialRefused
from kleio.launcher.care.asking import kill, patience, suspend
from kleio.settings import Settings
from kleio.trial.document import new_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


@pytest.fixture
def running(world: World) -> World:
    world.journal.compare_and_set(TRIAL, {}, {"status": "running"})
    return world


def after(world: World, looks: int, then: Callable[[], object]) -> Callable[[float], None]:
    """Waits; after so many looks something happens."""
    count = 0

    def wait(seconds: float) -> None:
        nonlocal count
        world.clock.advance(seconds)
        count += 1
        if count == looks:
            then()

    return wait


def obey(world: World, word: str) -> dict[str, Any] | None:
    event = new_event(word, world.clock, who={}, why="obeyed")
    changes = {"status": word, "owner": None, "holder": None, "request": None}
    return world.journal.compare_and_set(TRIAL, {}, changes, event=event)


@pytest.mark.parametrize(("call", "word", "end"), [(suspend, "suspend", "suspended"), (kill, "kill", "broken")])
def test_it_waits_for_the_confirmed_end(running: World, settings: Settings, call: Any, word: str, end: str) -> None:
    asked = []

    def launcher() -> None:
        asked.append((running.trial["request"], running.trial["requested_by"]["host"]))
        obey(running, end)

    more = (settings,) if call is kill else ()
    document = call(running.journal, running.trial, *more, running.clock, 60.0, after(running, 5, launcher))
    assert document["status"] == end
    assert asked == [(word, os.uname().nodename)]
    assert os.path.exists(f"{running.directory}/look")


def test_what_stops_only_after_it_was_asked_is_woken_too(running: World, settings: Settings) -> None:
    """Ctrl-Z stops the processes of a job one after the other."""
    words = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(words, env={**os.environ, "KLEIO_SPOOL": running.directory}) as process:

        def state() -> str:
            return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]

        def stop() -> None:
            os.kill(process.pid, signal.SIGSTOP)
            until(lambda: state() == "T", "the process to stop")

        late = after(running, 3, stop)
        looks: list[str] = []

        def wait(seconds: float) -> None:
            late(seconds)
            looks.append(state())
            if "T" in looks and looks[-1] != "T":
                obey(running, "suspended")

        try:
            assert suspend(running.journal, running.trial, running.clock, 60.0, wait)["status"] == "suspended"
        finally:
            process.kill()


def test_what_is_not_confirmed_in_time_is_said_and_stays_asked(running: World, settings: Settings) -> None:
    with pytest.raises(TrialBusy, match=r"is still running after 60 s.* The request to suspend it stands") as busy:
        suspend(running.journal, running.trial, running.clock, 60.0, running.clock.advance)
    assert busy.value.exit_code == 75
    assert "kleio tail" in str(busy.value.hint)
    assert running.trial["request"] == "suspend"


def test_a_command_that_ended_by_itself_was_not_suspended(running: World, settings: Settings) -> None:
    wait = after(running, 3, lambda: obey(running, "completed"))
    with pytest.raises(TrialRefused, match=r"ended by itself before it could obey: it is completed \(obeyed\)"):
        suspend(running.journal, running.trial, running.clock, 60.0, wait)


def test_a_successor_is_not_what_was_asked(running: World, settings: Settings) -> None:
    wait = after(running, 3, lambda: running.claim("f" * 32))
    with pytest.raises(TrialBusy, match="was resumed by somebody else meanwhile: it is reserved as attempt 2"):
        suspend(running.journal, running.trial, running.clock, 60.0, wait)


def test_a_kill_goes_beyond_a_suspend_and_not_the_other_way(running: World, settings: Settings) -> None:
    running.journal.compare_and_set(TRIAL, {}, {"request": "suspend"})
    wait = after(running, 2, lambda: obey(running, "broken"))
    assert kill(running.journal, running.trial, settings, running.clock, 60.0, wait)["status"] == "broken"
    running.journal.compare_and_set(TRIAL, {}, {"status": "running", "request": "kill"})
    document = {**running.trial, "holder": {"host": "other"}}
    with pytest.raises(TrialRefused, match="has been asked to be killed already"):
        suspend(running.journal, document, running.clock, 60.0, running.clock.advance)


@pytest.mark.parametrize("call", [suspend, kill])
@pytest.mark.parametrize("word", ["new", "completed", "suspended", "failover", "broken"])
def test_what_does_not_run_cannot_be_stopped(
    world: World, recorder: Recorder, settings: Settings, call: Any, word: str
) -> None:
    trial = recorder.new("true") if word == "new" else recorder.ended("true", word=word)
    document = world.journal.trial(trial)
    with pytest.raises(TrialRefused, match=f"is {word}: there is nothing to {call.__name__}"):
        call(world.journal, document, settings, world.clock, 60.0)


def test_the_dead_cannot_be_suspended_but_killing_writes_their_end(running: World, settings: Settings) -> None:
    running.start()
    running.launcher_dies()
    with pytest.raises(TrialRefused, match=r"is failover, not running: its launcher on .* is gone") as refused:
        suspend(running.journal, running.trial, running.clock, 60.0)
    assert "kleio cure" in str(refused.value.hint)
    assert kill(running.journal, running.trial, settings, running.clock, 60.0)["status"] == "failover"


def test_patience_is_a_lease_and_the_grace(world: World, settings: Settings) -> None:
    assert patience(world.trial, settings) == 150.0
