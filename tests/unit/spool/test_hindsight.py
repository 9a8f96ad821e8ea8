from __future__ import annotations

import pytest

from harness.attempt import TRIAL, World, log
from kleio.spool.hindsight import summary_left
from kleio.spool.reader import Record
from kleio.spool.segments import segment_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def store(world: World, attempt: int, stream: str, *bodies: Any, writer: str = "w") -> None:
    """Records of another attempt, as they lie in the journal."""
    records = [Record(n, stream, attempt * 100.0 + n, 0.0, body, n, n + 1) for n, body in enumerate(bodies)]
    world.journal.append([segment_of(TRIAL, attempt, writer, stream, records)])


def epochs(*numbers: int) -> list[dict[str, float]]:
    return [{"epoch": n, "loss": 1.0 / n} for n in numbers]


def test_what_was_taken_back_does_not_count(world: World) -> None:
    store(world, 1, "statistics", *epochs(1, 2, 3, 4))
    store(world, 1, "artifacts", *({"name": "m", "metadata": {"epoch": n}} for n in (2, 4)))
    store(world, 2, "statistics", *epochs(3, 4, 5, 6))
    store(world, 2, "resume", {"epoch": 2})
    store(world, 3, "resume", {"epoch": 4})
    before = {"output": {"stdout": 9}, "lost": 1, "artifacts": 2, "statistics": {}}
    left = summary_left(world.journal, TRIAL, 3, before)
    assert left["statistics"]["epoch"] == {"count": 4, "first": 1, "last": 4, "min": 1, "max": 4}
    assert left["statistics"]["loss"]["count"] == 4
    assert (left["artifacts"], left["output"], left["lost"]) == (1, {"stdout": 9}, 1)


@pytest.mark.parametrize("told", [True, False], ids=["after a heartbeat", "at the end"])
def test_the_summary_agrees_with_the_view(world: World, told: bool) -> None:
    from kleio.analysis.series import read_statistics
    from kleio.spool.closing import close_attempt

    world.start()
    log(world, 6)
    world.exit()
    shipper = world.shipper()
    shipper.ship(final=True)
    close_attempt(shipper, world.journal, world.clock)
    assert world.trial["summary"]["statistics"]["n"]["count"] == 6
    world.journal.compare_and_set(TRIAL, {}, {"status": "suspended"})
    world.begin_again()
    world.start()
    world.script.append("resume", {"n": 2})
    log(world, 2, first=3)
    if told:
        keeper = world.keeper()
        keeper.step()
        world.clock.advance(20)
        keeper.step()
        assert world.trial["summary"]["statistics"]["n"] == {"count": 5, "first": 0, "last": 4, "min": 0, "max": 4}
    world.exit()
    shipper = world.shipper()
    shipper.ship(final=True)
    close_attempt(shipper, world.journal, world.clock)
    seen = [values["n"] for values in read_statistics(world.journal, TRIAL)]
    assert seen == [0, 1, 2, 3, 4]
    assert world.trial["summary"]["statistics"]["n"] == {"count": 5, "first": 0, "last": 4, "min": 0, "max": 4}
