from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.attempt import World
from kleio.clock import FakeClock
from kleio.spool.records import shared
from kleio.spool.records.reader import Record, read_records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def files(world: World) -> list[Path]:
    return sorted(Path(world.directory).glob("shell-*.ksp"))


def bodies(path: Path) -> list[Any]:
    items = list(read_records(str(path), final=True))
    assert all(isinstance(item, Record) for item in items), items
    return [item.body for item in items if isinstance(item, Record)]


def put(world: World, *numbers: int) -> None:
    for number in numbers:
        shared.append(world.directory, "statistics", {"n": number}, clock=FakeClock())


def test_one_file_takes_the_records_of_all(world: World) -> None:
    put(world, 0, 1, 2)
    (path,) = files(world)
    assert bodies(path) == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert path.stat().st_mode & 0o777 == 0o600


def test_records_are_shipped_and_numbering_goes_on(world: World) -> None:
    shipper = world.shipper()
    put(world, 0, 1)
    assert shipper.ship().records == 2
    put(world, 2)
    assert shipper.ship().records == 1
    assert world.shipper().ship(final=True).gaps == 0


def test_a_file_that_is_in_use_is_not_waited_for(world: World) -> None:
    put(world, 0)
    (first,) = files(world)
    with first.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        put(world, 1, 2)
    put(world, 3)
    assert len(files(world)) == 2
    assert sorted(body["n"] for path in files(world) for body in bodies(path)) == [0, 1, 2, 3]


def test_large_records_do_not_hide_the_last_number(world: World) -> None:
    for number in range(3):
        shared.append(world.directory, "statistics", {"n": number, "text": "x" * 100_000})
    (path,) = files(world)
    assert [body["n"] for body in bodies(path)] == [0, 1, 2]


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_torn_record_is_cut_off(world: World, cut: int) -> None:
    put(world, 0, 1)
    (path,) = files(world)
    os.truncate(path, path.stat().st_size - cut)
    put(world, 2)
    assert bodies(path) == [{"n": 0}, {"n": 2}]


@pytest.mark.parametrize("content", [b"", b"kleio-spool 1 ", b"x" * 100, b"kleio-spool 1 " + b"z" * 66])
def test_a_file_without_a_header_is_left_alone(world: World, content: bytes) -> None:
    put(world, 0)
    (path,) = files(world)
    path.write_bytes(content)
    put(world, 1)
    assert path.read_bytes() == content
    (other,) = set(files(world)) - {path}
    assert bodies(other) == [{"n": 1}]


def test_a_planted_link_is_not_followed(world: World, tmp_path: Path) -> None:
    put(world, 0)
    (path,) = files(world)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    before = (tmp_path / "elsewhere").read_bytes()
    put(world, 1)
    assert (tmp_path / "elsewhere").read_bytes() == before


def test_what_cannot_be_kept_is_an_error(world: World) -> None:
    with pytest.raises(OSError, match="1 MiB"):
        shared.append(world.directory, "statistics", {"n": "x" * (1 << 20)})
    with pytest.raises(FileNotFoundError):
        shared.append("/nonexistent", "statistics", {})


@pytest.mark.race
def test_processes_at_once_lose_and_mix_nothing(world: World) -> None:
    program = (
        "import sys\nfrom kleio.spool.records import shared\n"
        "for n in range(50): shared.append(sys.argv[1], 'statistics', {'w': int(sys.argv[2]), 'n': n})"
    )
    workers = [subprocess.Popen([sys.executable, "-c", program, world.directory, str(w)]) for w in range(4)]
    assert [worker.wait() for worker in workers] == [0] * 4
    world.shipper().ship(final=True)
    from kleio.analysis.series import read_statistics

    found = read_statistics(world.journal, world.trial["_id"])
    for worker in range(4):
        assert [record["n"] for record in found if record["w"] == worker] == list(range(50))
