from __future__ import annotations

from pathlib import Path

import pytest

from harness.attempt import World
from kleio.dataclass import replace
from kleio.errors import JournalUnreachable
from kleio.journal.memory import MemoryJournal
from kleio.spool.attempt.directory import AttemptFile, create, read_attempt, write_attempt
from kleio.spool.blobs import refuse_if_full
from kleio.spool.quota import EVERY, Quota, size_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def fill(world: World, size: int) -> Path:
    path = Path(world.directory, "blobs", "a" * 64)
    path.write_bytes(b"x" * size)
    return path


def test_the_reserve_is_not_counted(world: World) -> None:
    before = size_of(world.directory)
    assert before < 10_000
    fill(world, 50_000)
    assert size_of(world.directory) == before + 50_000
    assert size_of("/nonexistent") == 0


def test_an_attempt_above_its_limit_is_full_while_the_journal_is_away(world: World) -> None:
    quota, mark = Quota(world.directory, 100_000, 0), Path(world.directory, "full")
    assert not quota.look(True, 0.0)
    path = fill(world, 200_000)
    assert not quota.look(True, EVERY / 2)
    assert quota.look(True, EVERY)
    with pytest.raises(
        OSError, match=r"already \(more than spool_limit, 97.66 KiB: it is sent once the journal can be"
    ):
        refuse_if_full(world.directory)
    path.unlink()
    assert not quota.look(True, 2 * EVERY)
    assert not mark.exists()
    fill(world, 200_000)
    assert not quota.look(False, 3 * EVERY)


def test_all_attempts_together_have_a_limit_too(world: World) -> None:
    other = AttemptFile("cd" * 32, 1, "f" * 32, f"memory://{world.name}")
    directory, _ = create(other, [str(world.root / "spool")])
    Path(directory, "blobs", "b" * 64).write_bytes(b"x" * 200_000)
    assert Quota(world.directory, 0, 100_000).look(True, 0.0)
    with pytest.raises(OSError, match=r"more than spool_total, 97.66 KiB, of all trials here: `kleio ship` sends it"):
        refuse_if_full(world.directory)
    assert not Quota(world.directory, 100_000, 0).look(True, 0.0)
    assert not Quota(world.directory, 0, 0).look(True, 0.0)


@pytest.mark.parametrize("comes_back", [False, True])
def test_a_keeper_refuses_artifacts_until_its_journal_is_back(world: World, comes_back: bool) -> None:
    write_attempt(world.directory, replace(read_attempt(world.directory), spool_limit=100_000))
    away = True

    def open_journal() -> Any:
        if away:
            raise JournalUnreachable("down")
        return world.journal

    fill(world, 200_000)
    keeper = world.keeper()
    keeper._open_journal = open_journal
    keeper.step()
    keeper.care.look()
    assert Path(world.directory, "full").exists()
    away = not comes_back
    world.clock.advance(120)
    keeper.step()
    keeper.care.look()
    assert Path(world.directory, "full").exists() is not comes_back


@pytest.mark.parametrize(("seconds", "is_away"), [(1.0, False), (14.0, True)])
def test_a_journal_that_lets_one_wait_is_away(world: World, seconds: float, is_away: bool) -> None:
    """As one that another process keeps locked: nothing has failed yet."""
    write_attempt(world.directory, replace(read_attempt(world.directory), spool_limit=100_000))
    fill(world, 200_000)
    seen: list[bool] = []

    class Locked(MemoryJournal):
        def append(self, segments: Any) -> Any:
            world.clock.advance(seconds)
            keeper.care.look()
            seen.append(Path(world.directory, "full").exists())
            return super().append(segments)

    keeper = world.keeper()
    keeper._open_journal = lambda: Locked(world.name)
    world.start()
    keeper.step()
    assert seen[0] is is_away
    keeper.close()
