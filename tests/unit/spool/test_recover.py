from __future__ import annotations

import json
import os
from pathlib import Path

from harness.attempt import TRIAL, log
from kleio.errors import JournalUnreachable
from kleio.spool.aside import attempts_aside, bring_in, take_up
from kleio.spool.attempt.directory import AttemptFile, create
from kleio.spool.attempt.locks import SHIP_LOCK, hold_lock
from kleio.spool.leftover import leftovers
from kleio.spool.recover import Recovered, recover, recover_attempt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import pytest

    from harness.attempt import World


def recovered(world: World, directories: list[str] | None = None, **options: Any) -> list[Recovered]:
    found = [world.directory] if directories is None else directories
    return recover(found, lambda address, create: world.journal, lambda address: world.blobs, world.clock, **options)


def test_an_attempt_that_somebody_cares_for_is_no_leftover(world: World) -> None:
    assert leftovers(str(world.root)) == []
    world.supervisor_dies()
    assert leftovers(str(world.root)) == []
    world.launcher_dies()
    assert leftovers(str(world.root)) == [world.directory]


def test_without_any_spool_there_is_nothing_to_do(tmp_path: Path) -> None:
    assert leftovers(str(tmp_path / "nowhere")) == []


def test_leftovers_in_fallback_directories_are_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLEIO_SPOOL_DIR", str(world.root / "spool"))
    world.launcher_dies()
    assert leftovers("") == [world.directory]


def test_a_dead_launchers_records_and_end_reach_the_journal(world: World) -> None:
    world.start()
    world.script.append("statistics", {"n": 1})
    world.exit(status="broken", code=3, why="exit 3")
    world.launcher_dies()
    assert recovered(world) == [Recovered(world.directory, TRIAL, 1, "broken")]
    assert world.trial["status"] == "broken"
    assert len(world.segments("statistics")) == 1
    assert leftovers(str(world.root)) == []


def test_a_failure_without_a_number_is_told_in_its_own_words(world: World) -> None:
    def fail(address: str, *, create: bool) -> Any:
        raise TimeoutError("timed out")

    world.launcher_dies()
    (one,) = recover([world.directory], fail, lambda address: world.blobs, world.clock)
    assert one.problem == f"{world.directory}: timed out"


def test_a_pulse_is_given_while_much_is_sent(world: World) -> None:
    """Whoever ships what others left may have a lease of its own to keep."""
    world.start()
    log(world, 5_000)
    world.launcher_dies()
    beats: list[int] = []
    recovered(world, pulse=lambda: beats.append(1))
    assert len(beats) > 1


def test_without_exit_record_the_trial_is_failover_and_can_run_again(world: World) -> None:
    world.start()
    world.launcher_dies()
    (one,) = recovered(world)
    assert one.status == "failover"


def test_a_leftover_that_another_process_ships_is_left_to_it(world: World) -> None:
    world.launcher_dies()
    lock = hold_lock(world.directory, SHIP_LOCK)
    assert recovered(world) == []
    os.close(lock)


def test_a_leftover_that_cannot_be_written_waits_and_says_why(world: World) -> None:
    world.launcher_dies()
    lock = Path(world.directory, SHIP_LOCK)
    lock.unlink()
    lock.mkdir()
    (one,) = recovered(world)
    assert one.problem == f"what was recorded cannot be sent: {lock}: Is a directory"
    assert leftovers(str(world.root)) == [world.directory]


def test_a_supervisor_that_lives_is_left_alone(world: World) -> None:
    os.close(world.ship_lock)
    world.ship_lock = -1
    assert recover_attempt(world.directory, world.journal, lambda: world.blobs, world.clock) is None
    assert world.trial["status"] == "reserved"


def test_only_leftovers_of_the_given_journal_are_touched(world: World) -> None:
    world.launcher_dies()
    assert recovered(world, address="memory://other") == []
    assert len(recovered(world, address=f"memory://{world.name}")) == 1


def test_a_journal_that_is_down_is_tried_once(world: World) -> None:
    world.launcher_dies()
    attempt = AttemptFile(TRIAL, 2, "c" * 32, f"memory://{world.name}")
    second, lock = create(attempt, [str(world.root / "spool")])
    os.close(lock)
    tries: list[str] = []

    def unreachable(address: str, *, create: bool) -> Any:
        tries.append(address)
        raise JournalUnreachable("the journal is down")

    done = recover([world.directory, second], unreachable, lambda address: world.blobs, world.clock)
    assert len(tries) == 1
    assert [each.problem for each in done] == ["the journal is down"] * 2
    assert len(leftovers(str(world.root))) == 2


def test_after_the_deadline_no_other_is_begun(world: World) -> None:
    world.launcher_dies()
    assert recovered(world, deadline=0.0) == []
    assert os.path.exists(world.directory)


def test_a_damaged_attempt_file_is_reported_and_nothing_deleted(world: World) -> None:
    world.script.append("statistics", 1)
    world.launcher_dies()
    Path(world.directory, "attempt.json").write_text("{")
    (one,) = recovered(world)
    assert "attempt.json is damaged" in one.problem
    assert os.path.exists(world.directory)


def test_a_directory_without_attempt_and_records_is_swept_up_when_it_is_old(world: World) -> None:
    empty = world.root / "spool" / ("cd" * 32) / "000001-00000000"
    empty.mkdir(parents=True)
    os.utime(empty, (world.clock.wall() - 10, world.clock.wall() - 10))
    assert recovered(world, [str(empty)]) == []
    assert empty.exists()
    os.utime(empty, (world.clock.wall() - 100, world.clock.wall() - 100))
    assert recovered(world, [str(empty)]) == []
    assert not empty.parent.exists()
    assert recovered(world, [str(empty)]) == []


def test_a_directory_whose_remover_died_before_the_lock_was_gone_is_swept_up_at_once(world: World) -> None:
    world.launcher_dies()
    left = world.root / "spool" / ("cd" * 32) / "000001-00000000"
    left.mkdir(parents=True)
    lock = hold_lock(str(left), SHIP_LOCK)
    assert recovered(world, [str(left)]) == []
    assert left.exists()  # its remover lives
    os.close(lock)
    assert recovered(world, [str(left)]) == []
    assert not left.parent.exists()
    (left / "blobs").mkdir(parents=True)
    os.close(hold_lock(str(left), SHIP_LOCK))
    assert recovered(world, [str(left)]) == []
    assert left.exists()  # this one is just being made


def test_a_superseded_attempt_ships_its_records_under_its_own_number(world: World) -> None:
    world.script.append("statistics", {"n": 1})
    world.launcher_dies()
    world.claim("f" * 32)
    before = world.trial
    (one,) = recovered(world)
    assert one.status == "superseded"
    assert world.trial == before
    assert [segment.attempt for segment in world.segments("statistics")] == [1]
    assert leftovers(str(world.root)) == []


def test_records_of_a_deleted_trial_are_put_aside_and_not_shipped(world: World) -> None:
    world.script.append("statistics", {"n": 1})
    world.launcher_dies()
    world.journal.delete_trial(TRIAL)
    (one,) = recovered(world)
    assert one.status == "unknown"
    assert world.segments("statistics") == []
    assert leftovers(str(world.root)) == []
    assert (world.root / "spool" / ".unknown").exists()


def test_what_a_journal_that_was_made_anew_does_not_hold_is_put_aside_and_brought_in_as_a_trial_of_its_own(
    world: World,
) -> None:
    world.start()
    world.script.append("statistics", {"n": 1})
    world.exit()
    world.shipper().ship(final=True)
    world.launcher_dies()
    world.journal.delete_trial(TRIAL)
    stranger = "f" * 32
    world.journal.insert_trial({**world.reserved, "status": "new", "fence": 0, "owner": None, "event": None})
    world.claim(stranger)
    world.journal.compare_and_set(TRIAL, {"owner": stranger}, {"status": "completed", "owner": None})
    before = world.trial
    assert [one.status for one in recovered(world)] == ["unknown"]
    (aside,) = attempts_aside(str(world.root))
    assert not take_up(aside, lambda address, create: world.journal)
    assert bring_in(aside, world.clock) == ""
    (one,) = recovered(world, leftovers(str(world.root)))
    assert (one.status, one.attempt, one.trial == TRIAL) == ("completed", 1, False)
    assert (world.trial, world.segments("statistics")) == (before, [])
    own = world.journal.trial(one.trial)
    assert own is not None
    assert own["summary"]["statistics"]["n"]["count"] == 1
    assert len(list(world.journal.segments(one.trial, stream="statistics"))) == 1


def test_what_was_put_aside_and_does_not_say_what_its_trial_is_stays(world: World) -> None:
    path = Path(world.directory, "attempt.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "document": None}))
    world.launcher_dies()
    world.journal.delete_trial(TRIAL)
    recovered(world)
    (aside,) = attempts_aside(str(world.root))
    assert bring_in(aside, world.clock).startswith(f"{aside} stays: ")
    assert attempts_aside(str(world.root)) == [aside]


def test_what_was_put_aside_is_taken_up_once_the_journal_holds_its_trial(world: World) -> None:
    world.script.append("statistics", {"n": 1})
    world.launcher_dies()
    document = world.trial
    world.journal.delete_trial(TRIAL)
    recovered(world)
    (aside,) = attempts_aside(str(world.root))
    assert not take_up(aside, lambda address, create: world.journal)
    world.journal.insert_trial(document)
    assert take_up(aside, lambda address, create: world.journal)
    assert attempts_aside(str(world.root)) == []
    assert leftovers(str(world.root)) == [world.directory]
    recovered(world)
    assert len(world.segments("statistics")) == 1
    assert leftovers(str(world.root)) == []


def test_a_journal_is_made_only_for_what_ran_offline(world: World) -> None:
    """An empty one in the place of a journal whose disk is away would know nothing of the trial."""
    world.launcher_dies()
    attempt = AttemptFile(TRIAL, 0, "c" * 32, f"memory://{world.name}", offline={})
    second, lock = create(attempt, [str(world.root / "spool")])
    os.close(lock)
    asked: list[bool] = []

    def absent(address: str, *, create: bool) -> Any:
        asked.append(create)
        raise JournalUnreachable("there is none")

    recover([world.directory, second], absent, lambda address: world.blobs, world.clock)
    assert sorted(asked) == [False, True]


def test_what_waits_for_the_journal_in_use_is_sent_with_the_password_of_today(world: World) -> None:
    old, new = "mongodb://me:old@lab/runs?authSource=admin", "mongodb://me:new@lab/runs?authSource=admin"
    attempt = AttemptFile(TRIAL, 1, "c" * 32, old)
    waiting, lock = create(attempt, [str(world.root / "spool")])
    os.close(lock)
    asked: list[str] = []

    def noted(address: str, *, create: bool) -> Any:
        asked.append(address)
        return world.journal

    (one,) = recover([waiting], noted, lambda address: world.blobs, world.clock, address=new)
    assert (asked, one.problem) == ([new], "")
