from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.attempt import TRIAL
from kleio.errors import JournalUnreachable
from kleio.spool.attempt.directory import read_attempt
from kleio.spool.closing import SUPERSEDED, UNKNOWN, close_attempt, discard, mark_running
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from harness.attempt import World


def closed(world: World) -> str | None:
    shipper = world.shipper()
    shipper.ship(final=True)
    return close_attempt(shipper, world.journal, world.clock)


def moves(world: World) -> list[str]:
    """The statuses of the trial, in order."""
    bodies = [segment.body for segment in world.segments("status")] + [world.trial["event"]]
    return [body["status"] for body in sorted(bodies, key=lambda body: (body.get("time", 0), body["status"]))]


@pytest.mark.parametrize("word", ["completed", "broken", "suspended", "interrupted"])
def test_the_exit_record_decides(world: World, word: str) -> None:
    world.start()
    world.exit(status=word, code=3, why="exit 3")
    assert closed(world) == word
    trial = world.trial
    assert (trial["status"], trial["owner"], trial["holder"]) == (word, None, None)
    assert trial["outcome"] == {"code": 3, "signal": None, "why": "exit 3", "cause": None, "usage": {"user": 1.0}}
    assert trial["started"] == {"time": 5.0, "offset": 0}
    assert trial["ended"] == {"time": 9.0, "offset": 0}
    assert trial["event"]["why"] == "exit 3"
    assert trial["event"]["who"]["user"] == "me"


def test_a_command_that_was_never_said_to_run_passes_through_running(world: World) -> None:
    world.start()
    world.exit()
    closed(world)
    assert status.RUNNING in moves(world)


def test_without_an_exit_record_the_trial_is_failover(world: World) -> None:
    world.start()
    world.supervisor_dies()
    assert closed(world) == "failover"
    assert world.trial["outcome"]["why"] == "the launcher died"
    assert world.trial["ended"]["time"] > 0


def test_a_launcher_that_died_before_it_started_anything_leaves_failover(world: World) -> None:
    world.supervisor_dies()
    assert closed(world) == "failover"
    assert world.trial["duration"] == 0.0


def test_nothing_is_closed_while_the_supervisor_lives(world: World) -> None:
    world.start()
    assert closed(world) is None
    assert world.trial["status"] == "reserved"


def test_a_running_attempt_that_was_failed_over_in_error_still_reports_its_end(world: World) -> None:
    world.start()
    world.journal.compare_and_set(TRIAL, {}, {"status": "failover"})
    world.exit()
    assert closed(world) == "completed"


@pytest.mark.parametrize("word", sorted(set(status.STATUSES) - {"reserved", "running", "failover"}))
def test_a_status_that_is_decided_is_not_overwritten(world: World, word: str) -> None:
    world.exit()
    world.journal.compare_and_set(TRIAL, {}, {"status": word})
    before = world.trial
    assert closed(world) == word
    assert world.trial == before


@pytest.mark.parametrize("word", ["completed", None])
def test_a_trial_that_another_attempt_has_is_left_alone(world: World, word: str | None) -> None:
    world.start()
    world.exit() if word else world.supervisor_dies()
    world.claim("f" * 32)
    before = world.trial
    assert closed(world) == SUPERSEDED
    assert world.trial == before


def test_a_trial_that_was_deleted_is_unknown(world: World) -> None:
    world.exit()
    world.journal.delete_trial(TRIAL)
    assert closed(world) == UNKNOWN


def test_the_spool_of_an_unknown_trial_is_put_aside(world: World) -> None:
    world.script.append("statistics", 1)
    world.supervisor_dies()
    assert discard(world.directory, UNKNOWN)
    assert [path.name for path in (world.root / "spool").iterdir()] == [".unknown"]
    (kept,) = (world.root / "spool" / ".unknown").iterdir()
    assert (kept / f"{world.script.name}.ksp").exists()
    assert discard(world.directory, UNKNOWN)


def test_closing_twice_changes_nothing(world: World) -> None:
    world.script.append("statistics", {"loss": 0.5})
    world.start()
    world.exit()
    closed(world)
    before = world.trial
    assert closed(world) == "completed"
    assert world.trial == before


def test_a_lost_reply_is_found_out_and_nothing_is_counted_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.script.append("statistics", {"loss": 0.5})
    world.start()
    world.exit()
    shipper = world.shipper()
    shipper.ship(final=True)

    class Deaf:
        """The journal, without the reply to the last move."""

        def __getattr__(self, name: str) -> Any:
            return getattr(world.journal, name)

        def compare_and_set(self, *arguments: Any, **options: Any) -> Any:
            document = world.journal.compare_and_set(*arguments, **options)
            if document and document["status"] == "completed":
                raise JournalUnreachable("no reply")
            return document

    with pytest.raises(JournalUnreachable):
        close_attempt(shipper, Deaf(), world.clock)
    assert close_attempt(shipper, world.journal, world.clock) == "completed"
    assert world.trial["duration"] == 4.0
    assert world.trial["summary"]["statistics"]["loss"]["count"] == 1


def test_summary_and_duration_add_to_those_of_earlier_attempts(world: World) -> None:
    earlier = {
        "statistics": {"loss": {"count": 2, "first": 9, "last": 8, "min": 8, "max": 9}}, "artifacts": 1,
        "output": {"stdout": 5}, "lost": 0,
    }  # fmt: skip
    world.journal.compare_and_set(TRIAL, {}, {"summary": earlier, "duration": 10.0})
    world.script.append("statistics", {"loss": 0.5, "note": "x"})
    world.start()
    world.exit()
    closed(world)
    summary = world.trial["summary"]
    assert summary["statistics"]["loss"] == {"count": 3, "first": 9, "last": 0.5, "min": 0.5, "max": 9}
    assert summary["statistics"]["note"] == {"count": 1, "first": "x", "last": "x"}
    assert (summary["artifacts"], summary["output"]["stdout"]) == (1, 5)
    assert world.trial["duration"] == 14.0


def test_the_event_carries_a_manifest_of_all_writers(world: World) -> None:
    world.script.append("statistics", {"loss": 0.5})
    world.start()
    world.exit()
    closed(world)
    writers = world.trial["event"]["manifest"]["writers"]
    assert {name: entry["records"] for name, entry in writers.items()} == {"supervisor": 2, world.script.name: 1}
    assert writers[world.script.name]["bytes"] == Path(world.directory, f"{world.script.name}.ksp").stat().st_size


def test_mark_running_moves_only_its_own_reservation(world: World) -> None:
    attempt = read_attempt(world.directory)
    assert mark_running(world.journal, attempt, {"time": 5.0, "pid": 7}, world.clock) is not None
    assert mark_running(world.journal, attempt, {"time": 5.0, "pid": 7}, world.clock) is None
    assert world.trial["status"] == "running"
    assert world.trial["event"]["child"] == 7


def test_a_spool_is_discarded_only_when_the_supervisor_is_gone(world: World) -> None:
    assert not discard(world.directory, "completed")
    world.supervisor_dies()
    assert discard(world.directory, "completed")
    assert not os.path.exists(world.directory)
    assert os.listdir(world.root / "spool") == []
    assert discard(world.directory, "completed")


def test_what_is_in_quarantine_survives_the_spool(world: World) -> None:
    world.supervisor_dies()
    poison = Path(world.directory, "quarantine")
    poison.mkdir()
    (poison / "w-3.json").write_text("{}")
    discard(world.directory, "completed")
    (kept,) = (world.root / "spool" / ".quarantine").iterdir()
    assert [path.name for path in kept.iterdir()] == ["w-3.json"]
