"""Processes die at random moments while a script logs: what was acknowledged is in the journal, once, in order.

``KLEIO_TEST_ROUNDS=60 pytest tests/reliability -m kill -k sqlite`` is the proof of 300 kills.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import pytest

from children.acknowledging import content
from harness.evidence import ROUNDS, SEED, acknowledged, check_everything_kept
from harness.processes import children, kill, kill_group, words
from harness.waiting import until

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.command import Background, Kleio

pytestmark = [pytest.mark.kill, pytest.mark.timeout(300 + 30 * ROUNDS)]

SCRIPT = Path(__file__).parents[1] / "children" / "acknowledging.py"


def script(front: Background, place: Path) -> None:
    kill(int(until(lambda: (place / "started").exists() and (place / "started").read_text(), "the script").split()[1]))


def front(front: Background, place: Path) -> None:
    kill(front.pid)


def supervisor(front: Background, place: Path) -> None:
    for pid in until(lambda: children(front.pid) or (not front.running and [0]), "the supervisor")[:1]:
        if pid:
            kill(pid)


def front_and_its_replacement(front: Background, place: Path) -> None:
    """The supervisor starts a shipper when the front is gone; that one dies as well."""
    until(lambda: (place / "started").exists(), "the script")
    (watcher,) = children(front.pid)
    kill(front.pid)
    shippers = until(lambda: [pid for pid in children(watcher) if "kleio.spool" in words(pid)], "the replacement")
    time.sleep(random.random() * 0.3)
    for pid in shippers:
        kill(pid)


def everything(front: Background, place: Path) -> None:
    kill_group(front.pid)


@pytest.mark.parametrize("victim", [script, front, supervisor, front_and_its_replacement, everything])
def test_acknowledged_records_survive_the_death_of(
    kleio: Kleio,
    journal_address: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    victim: Callable[[Background, Path], None],
) -> None:
    random.seed(f"{SEED} {victim.__name__}")
    total = 0
    for number in range(ROUNDS):
        place = tmp_path / f"round-{number}"
        place.mkdir()
        started = kleio.background(sys.executable, str(SCRIPT), str(place), str(number))
        if random.random() < 0.8:
            until(lambda: (place / "started").exists(), "the script")  # noqa: B023 - called at once
        time.sleep(random.random() * 0.6)
        victim(started, place)
        time.sleep(random.random() * 0.2)
        (place / "stop").touch()
        kleio.until_settled()
        started.end()
        assert kleio("ls", "--all").code == 0
        assert kleio("ship").code == 0  # a list waits two seconds for that, and no longer
        total += survived(kleio, journal_address, place)
    record_property("acknowledged", total)


def survived(kleio: Kleio, address: str, place: Path) -> int:
    # On a busy machine a shipper that was being executed may have been overlooked: it sends the rest.
    until(lambda: kleio.spools() == [], f"all to be in the journal, seed {SEED}")
    told = acknowledged(place)
    if not (place / "started").exists():
        return 0
    trial = (place / "started").read_text().split()[0]
    assert kleio.status(trial) in ("completed", "broken", "failover"), f"seed {SEED}"
    return check_everything_kept(address, trial, told, content)
