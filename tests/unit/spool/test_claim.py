from __future__ import annotations

import pytest

from harness.attempt import TRIAL
from kleio.dataclass import replace
from kleio.spool.attempt.directory import read_attempt
from kleio.spool.claim import is_held

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from harness.attempt import World

STRANGER = "f" * 32


def close(world: World) -> None:
    event = {"id": "end", "status": "completed"}
    world.journal.compare_and_set(TRIAL, {}, {"status": "completed", "owner": None}, event=event)


def test_an_attempt_is_held_while_it_runs_when_it_is_closed_and_when_others_followed(world: World) -> None:
    attempt = read_attempt(world.directory)
    assert is_held(world.journal, attempt)
    close(world)
    assert is_held(world.journal, attempt)
    world.claim(STRANGER)
    assert is_held(world.journal, attempt)


@pytest.mark.parametrize("is_closed", [False, True])
def test_an_attempt_of_another_owner_is_not_held(world: World, is_closed: bool) -> None:
    stranger = replace(read_attempt(world.directory), owner=STRANGER)
    if is_closed:
        close(world)
    assert not is_held(world.journal, stranger)
    world.claim("e" * 32)
    assert not is_held(world.journal, stranger)


def test_an_attempt_that_the_journal_has_not_come_to_is_not_held(world: World) -> None:
    attempt = replace(read_attempt(world.directory), attempt=2)
    assert not is_held(world.journal, attempt)
    world.journal.delete_trial(TRIAL)
    assert not is_held(world.journal, replace(attempt, attempt=1))


@pytest.mark.parametrize(("who", "held"), [({"host": "h", "pid": 1}, True), ({"host": "h", "pid": 2}, False)])
def test_a_reservation_that_names_no_owner_is_told_by_its_process(
    world: World, who: dict[str, Any], held: bool
) -> None:
    world.journal.compare_and_set(
        TRIAL, {}, {"owner": None}, claim=True, event={"id": "old", "status": "reserved", "who": who}
    )
    close(world)
    attempt = replace(read_attempt(world.directory), attempt=2, holder={"host": "h", "pid": 1, "boot_id": "b"})
    assert is_held(world.journal, attempt) is held
