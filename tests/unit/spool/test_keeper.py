from __future__ import annotations

import os
import shutil
import signal
import threading
from itertools import pairwise
from pathlib import Path

import pytest

from harness.attempt import TRIAL, logged
from kleio.errors import JournalReadOnly, JournalUnreachable
from kleio.journal.memory import MemoryJournal
from kleio.spool.attempt.locks import launcher_alive
from kleio.spool.attempt.orders import Order, ask_to_look
from kleio.spool.keeper import TICK, Keeper, back_off
from kleio.spool.records.log import SpoolWriter
from kleio.spool.records.segments import records_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from harness.attempt import World


def beats(world: World) -> int:
    return int(world.trial["rvn"])


def down(world: World) -> Any:
    raise JournalUnreachable("down")


def test_a_step_ships_what_is_there(world: World) -> None:
    keeper = world.keeper()
    world.script.append("statistics", {"n": 1})
    assert keeper.pending() > 0
    assert keeper.step() == TICK
    assert keeper.pending() == 0
    assert len(world.segments("statistics")) == 1
    keeper.close()


def test_the_lease_is_renewed_at_its_interval_and_not_more_often(world: World) -> None:
    keeper = world.keeper()
    before = beats(world)
    for _ in range(61):
        keeper.step()
        world.clock.advance(1)
    assert beats(world) - before == 4  # every 15 s
    keeper.close()


def test_a_young_trial_tells_soon_how_far_it_is_and_an_old_one_at_its_heartbeats(world: World) -> None:
    keeper = world.keeper()
    told = []
    for second in range(91):
        world.script.append("statistics", {"step": second})
        keeper.step()
        found = world.trial.get("summary", {}).get("statistics", {}).get("step", {}).get("last")
        if not told or told[-1] != found:
            told.append(found)
        world.clock.advance(1)
    assert told[:5] == [None, 1, 2, 3, 5]
    assert [later - earlier for earlier, later in pairwise(told[-4:])] == [15, 15, 15]
    keeper.close()


@pytest.mark.parametrize("jump", [-2 * 86400, -1, 3600, 2 * 86400])
def test_a_jump_of_the_wall_clock_changes_no_heartbeat(world: World, jump: float) -> None:
    keeper = world.keeper()
    before = beats(world)
    world.clock.jump(jump)
    keeper.step()
    assert beats(world) == before
    world.clock.advance(16)
    keeper.step()
    assert beats(world) == before + 1
    keeper.close()


def test_a_started_command_makes_the_trial_running(world: World) -> None:
    keeper = world.keeper()
    keeper.step()
    assert world.trial["status"] == "reserved"
    world.start()
    keeper.step()
    assert world.trial["status"] == "running"
    keeper.close()


def test_each_order_is_heard_once(world: World) -> None:
    orders: list[Order] = []
    keeper = world.keeper(on_order=orders.append)
    by = {"user": "ada", "host": "engine"}
    for word in ("suspend", "kill"):
        world.journal.compare_and_set(TRIAL, {}, {"request": word, "requested_by": by})
        for _ in range(40):
            keeper.step()
            world.clock.advance(1)
    assert orders == [
        Order(signal.SIGTERM, 30.0, "suspended", "suspended remotely by ada@engine"),
        Order(signal.SIGKILL, 0.0, "broken", "killed remotely by ada@engine"),
    ]
    keeper.close()


def test_who_is_on_the_same_machine_need_not_wait_for_a_heartbeat(world: World) -> None:
    orders: list[Order] = []
    keeper = world.keeper(on_order=orders.append)
    keeper.step()
    world.journal.compare_and_set(TRIAL, {}, {"request": "suspend"})
    keeper.step()
    assert orders == []
    assert ask_to_look(world.directory)
    keeper.step()
    assert len(orders) == 1
    keeper.close()


def test_a_trial_thought_dead_is_reclaimed(world: World) -> None:
    keeper = world.keeper()
    world.journal.compare_and_set(TRIAL, {}, {"status": "failover", "owner": None, "holder": None})
    world.clock.advance(16)
    keeper.step()
    trial = world.trial
    assert (trial["status"], trial["owner"], trial["holder"]) == (
        "running",
        world.owner,
        {"host": "here", "spool": world.directory},
    )
    assert trial["event"]["why"] == "the launcher is alive"
    keeper.close()


def test_a_superseded_keeper_says_so_ships_on_and_never_writes_the_trial(world: World) -> None:
    told: list[Any] = []
    keeper = world.keeper(on_superseded=told.append)
    world.claim("f" * 32)
    before = world.trial
    world.start()
    for n in range(40):
        world.script.append("statistics", {"n": n})
        keeper.step()
        world.clock.advance(1)
    assert [document["fence"] for document in told] == [2]
    assert {segment.attempt for segment in world.segments("statistics")} == {1}
    world.exit()
    assert keeper.finish(5)
    assert keeper.status == "superseded"
    assert world.trial == before
    assert not os.path.exists(world.directory)
    keeper.close()


def test_a_journal_that_was_replaced_gets_nothing_and_the_true_one_all_when_it_is_back(world: World) -> None:
    world.start()
    document = world.trial
    world.journal.delete_trial(TRIAL)
    world.journal.insert_trial({**document, "status": "failover", "owner": None, "event": None})
    before = world.trial
    world.script.append("statistics", {"n": 1})
    keeper = world.keeper()
    keeper.step()
    assert f"does not hold attempt 1 of trial {TRIAL[:7]}" in str(keeper.trouble)
    assert (world.trial, world.segments("statistics"), world.segments("launcher")) == (before, [], [])
    world.journal.delete_trial(TRIAL)
    world.journal.insert_trial(document)
    world.clock.advance(60)
    keeper.step()
    assert (keeper.trouble, logged(world)) == (None, [{"n": 1}])
    keeper.close()


def test_a_journal_that_was_read_only_is_opened_anew(world: World) -> None:
    world.start()
    opened: list[str] = []

    class ReadOnly(MemoryJournal):
        def append(self, segments: Any) -> Any:
            raise JournalReadOnly("it was deleted")

    def journal() -> MemoryJournal:
        opened.append("again")
        return ReadOnly(world.name) if len(opened) == 1 else world.journal

    keeper = Keeper(world.directory, journal, lambda: world.blobs, world.clock)
    keeper.step()
    world.clock.advance(60)
    keeper.step()
    assert (len(opened), keeper.trouble) == (2, None)
    keeper.close()


def test_a_journal_that_is_down_is_tried_again_with_growing_pauses(world: World) -> None:
    tries: list[float] = []

    def journal() -> Any:
        tries.append(world.clock.monotonic())
        if len(tries) < 6:
            raise JournalUnreachable("down")
        return world.journal

    keeper = world.keeper()
    keeper._open_journal = journal
    world.script.append("statistics", {"n": 1})
    for _ in range(60):
        keeper.step()
        world.clock.advance(0.25)
    assert isinstance(keeper.trouble, JournalUnreachable)
    for _ in range(200):
        keeper.step()
        world.clock.advance(0.25)
    pauses = [after - before for before, after in pairwise(tries)]
    assert pauses == sorted(pauses)
    assert pauses[-1] >= 8
    assert keeper.trouble is None
    assert len(world.segments("statistics")) == 1
    keeper.close()


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_pauses_stay_between_half_a_second_and_a_minute(chance: float) -> None:
    pauses = [back_off(failures, chance) for failures in range(1, 2000)]
    assert 0.5 <= pauses[0] <= 1
    assert 30 <= pauses[-1] <= 60
    assert pauses == sorted(pauses)


def test_finish_ships_closes_and_removes(world: World) -> None:
    keeper = world.keeper()
    world.script.append("statistics", {"n": 1})
    world.start()
    world.exit()
    assert keeper.finish(5)
    assert keeper.status == "completed"
    assert os.listdir(world.root / "spool") == []
    assert world.trial["status"] == "completed"
    keeper.close()


def test_finish_gives_up_at_its_deadline_and_keeps_the_spool(world: World) -> None:
    keeper = world.keeper()
    keeper._open_journal = lambda: down(world)
    world.start()
    world.exit()
    began = world.clock.monotonic()
    assert not keeper.finish(30)
    assert 30 <= world.clock.monotonic() - began < 31
    assert keeper.pending() > 0
    assert os.path.exists(world.directory)
    keeper.close()


def test_finish_waits_for_a_journal_that_comes_back(world: World) -> None:
    keeper = world.keeper()
    since = world.clock.monotonic()
    keeper._open_journal = lambda: world.journal if world.clock.monotonic() - since > 10 else down(world)
    world.start()
    world.exit()
    assert keeper.finish(30)
    assert world.clock.monotonic() - since < 20
    keeper.close()


def test_late_output_keeps_the_spool_until_the_supervisor_is_gone(world: World) -> None:
    keeper = world.keeper()
    world.start()
    world.supervisor.append("status", {"type": "exit", "status": "completed", "why": "exit 0", "code": 0})
    assert keeper.finish(5)
    assert keeper.status == "completed"
    assert os.path.exists(world.directory)
    world.supervisor_dies()
    assert keeper.finish(5)
    assert not os.path.exists(world.directory)
    keeper.close()


def test_a_directory_removed_under_a_running_trial_is_put_back(world: World) -> None:
    keeper = world.keeper()
    world.start()
    world.script.append("statistics", {"n": 1})
    shutil.rmtree(world.directory)
    keeper.care.look()
    assert launcher_alive(world.directory)
    world.clock.advance(6)
    world.script.append("statistics", {"n": 2})
    world.exit()
    assert keeper.finish(60)
    assert keeper.status == "completed"
    logged = [body for segment in world.segments("statistics") for body in records_of(segment)]
    assert logged == [{"n": 1}, {"n": 2}]
    keeper.close()


@pytest.mark.parametrize("kind", ["event", "descriptor"])
def test_run_returns_when_it_is_told_to(world: World, kind: str) -> None:
    keeper = world.keeper()
    reading, writing = os.pipe()
    event = threading.Event()
    thread = threading.Thread(target=keeper.run, args=(event if kind == "event" else reading,))
    thread.start()
    event.set() if kind == "event" else os.write(writing, b"x")
    thread.join(10)
    assert not thread.is_alive()
    os.close(reading)
    os.close(writing)
    keeper.close()


def test_a_large_artifact_does_not_let_the_lease_run_out(world: World) -> None:
    """The store is slow: each piece takes ten seconds."""
    import io

    from kleio.spool import blobs

    digest, size = blobs.keep(world.directory, io.BytesIO(b"x"))
    world.script.append("artifacts", {"name": "w", "digest": digest, "size": size})
    before = beats(world)

    class Slow:
        def put(self, source: Any, digest: str | None = None, *, path: str | None = None) -> str:
            for _ in range(9):
                world.clock.advance(10)
                source.read(1)
            return digest or ""

        def close(self) -> None:
            pass

    keeper = world.keeper()
    keeper._open_blobs = Slow  # type: ignore[assignment]
    keeper.step()
    assert beats(world) - before >= 4
    keeper.close()


def test_a_keeper_outlives_a_spool_that_cannot_be_read(world: World) -> None:
    keeper = world.keeper()
    world.script.append("statistics", {"n": 1})
    path = Path(world.directory, "attempt.json")
    content = path.read_text()
    path.write_text("{")
    assert keeper.step() == TICK
    assert "is damaged" in str(keeper.trouble)
    path.write_text(content)
    world.clock.advance(60)
    keeper.step()
    assert keeper.trouble is None
    assert len(world.segments("statistics")) == 1
    keeper.close()


def test_files_of_the_script_are_made_durable_without_error_when_they_vanish(world: World) -> None:
    writer = SpoolWriter(world.directory, "other")
    writer.append("statistics", 1)
    os.unlink(os.path.join(world.directory, "other.ksp"))
    world.keeper().care.look()
    writer.close()
