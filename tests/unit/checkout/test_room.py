"""A room lasts as long as somebody uses it."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.waiting import until
from kleio.checkout.room import PLACE, Room, sweep
from kleio.errors import CheckoutFailed
from kleio.settings import Settings

TRIAL = "3f9c2ab" + "0" * 57


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=str(tmp_path / "data"))


def rooms(settings: Settings) -> list[str]:
    return sorted(os.listdir(Path(settings.data) / PLACE))


def test_a_room_is_removed_after_use(settings: Settings) -> None:
    with Room(settings, TRIAL, "model") as room:
        os.makedirs(f"{room.path}/sub")
        assert len(rooms(settings)) == 1
    assert rooms(settings) == []


def test_a_room_that_is_used_is_not_swept(settings: Settings) -> None:
    with Room(settings, TRIAL, "model") as one, Room(settings, TRIAL, "model") as other:
        assert one.path != other.path
        assert len(rooms(settings)) == 2


def test_a_kept_room_stays(settings: Settings) -> None:
    with Room(settings, TRIAL, "model") as room:
        os.mkdir(room.path)
        room.keep()
    sweep(f"{settings.data}/{PLACE}")
    assert os.path.isdir(room.path)


@pytest.fixture
def deserted(settings: Settings) -> str:
    """A room whose maker died."""
    code = f"from kleio.checkout.room import Room; from kleio.settings import Settings; import os\n\
room = Room(Settings(data={settings.data!r}), {TRIAL!r}, 'model'); os.mkdir(room.path)\n\
print(room.path, flush=True); os._exit(9)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return done.stdout.strip()


def test_a_deserted_room_is_swept(settings: Settings, deserted: str) -> None:
    assert os.path.isdir(deserted)
    sweep(f"{settings.data}/{PLACE}")
    assert rooms(settings) == []


def test_a_deserted_room_stays_while_a_process_lives_in_it(settings: Settings, deserted: str) -> None:
    living = subprocess.Popen([sys.executable, "-c", "print(flush=True); input()"], stdin=-1, stdout=-1, cwd=deserted)
    assert living.stdout is not None
    living.stdout.readline()
    try:
        sweep(f"{settings.data}/{PLACE}")
        assert os.path.isdir(deserted)
    finally:
        living.communicate(b"\n")
    until(lambda: not os.path.exists(f"/proc/{living.pid}"), "the process to end")
    sweep(f"{settings.data}/{PLACE}")
    assert not os.path.exists(deserted)


def test_a_room_of_another_host_is_left_alone(settings: Settings, deserted: str) -> None:
    place = os.path.dirname(deserted)
    other = os.path.join(os.path.dirname(place), "elsewhere-3f9c2ab-00000000")
    shutil.move(place, other)
    sweep(os.path.dirname(other))
    assert os.path.isdir(other)


def test_no_room_is_an_error(settings: Settings) -> None:
    os.makedirs(settings.data)
    Path(settings.data, PLACE).touch()
    with pytest.raises(CheckoutFailed, match="no room for a checkout"):
        Room(settings, TRIAL, "model")


@pytest.mark.parametrize("name", ["lock", "", ".", "..", "a\0b", "a/b"])
def test_a_project_of_any_name_has_its_room(settings: Settings, name: str) -> None:
    with Room(settings, TRIAL, name) as room:
        os.mkdir(room.path)
        assert sorted(os.listdir(room.directory)) == ["checkout", "lock"]


def test_the_lock_is_held_from_the_beginning(settings: Settings) -> None:
    with Room(settings, TRIAL, "model") as room:
        lock = os.open(os.path.join(os.path.dirname(room.path), "lock"), os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(lock)
