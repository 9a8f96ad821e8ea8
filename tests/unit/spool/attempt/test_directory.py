from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kleio.errors import SpoolError
from kleio.spool.attempt.directory import (
    RESERVE_SIZE,
    AttemptFile,
    attempts,
    create,
    place_of,
    put_back,
    read_attempt,
    record_files,
    spool_roots,
    write_attempt,
)
from kleio.spool.attempt.locks import RUN_LOCK, hold_lock, is_locked, launcher_alive, supervisor_alive
from kleio.spool.attempt.removal import remove_attempt

ATTEMPT = AttemptFile("ab" * 32, 3, "cd" * 16, "mongodb://me:secret@host/db", {"host": "here"}, "me")


@pytest.fixture
def directory(tmp_path: Path) -> str:
    path, lock = create(ATTEMPT, [str(tmp_path / "spool")])
    os.close(lock)
    return path


def test_everything_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        directory, lock = create(ATTEMPT, [str(tmp_path / "spool")])
    finally:
        os.umask(before)
    os.close(lock)
    for path in [tmp_path / "spool", *(tmp_path / "spool").rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    assert directory == str(tmp_path / "spool" / ("ab" * 32) / "000003-cdcdcdcd")


def test_the_attempt_is_read_back(directory: str) -> None:
    read = read_attempt(directory)
    assert dataclasses.replace(read, holder=ATTEMPT.holder) == ATTEMPT
    assert read.holder["host"] == "here"


def test_the_address_with_its_password_is_not_in_the_repr() -> None:
    assert "secret" not in repr(ATTEMPT)


def test_what_a_newer_kleio_adds_is_ignored(directory: str) -> None:
    path = Path(directory, "attempt.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "colour": "red"}))
    assert read_attempt(directory).trial == ATTEMPT.trial


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"protocol": 1}', '{"protocol": 99}'])
def test_a_damaged_attempt_file_is_an_expected_error(directory: str, content: str) -> None:
    Path(directory, "attempt.json").write_text(content)
    with pytest.raises(SpoolError):
        read_attempt(directory)


def test_a_planted_attempt_file_is_not_read(directory: str, tmp_path: Path) -> None:
    path = Path(directory, "attempt.json")
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SpoolError):
        read_attempt(directory)


def test_the_second_root_serves_when_the_first_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    directory, lock = create(ATTEMPT, [str(tmp_path / "file" / "spool"), str(tmp_path / "good")])
    os.close(lock)
    assert directory.startswith(str(tmp_path / "good"))


def test_no_root_at_all_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SpoolError, match=r"nothing can be recorded: .*Not a directory") as caught:
        create(ATTEMPT, [str(tmp_path / "file" / "spool")])
    assert "KLEIO_SPOOL_DIR" in (caught.value.hint or "")


def test_a_root_that_others_may_write_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(SpoolError, match="others may write"):
        create(ATTEMPT, [str(tmp_path / "open")])


def test_a_link_in_place_of_the_trial_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "spool").mkdir(mode=0o700)
    (tmp_path / "spool" / ATTEMPT.trial).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SpoolError):
        create(ATTEMPT, [str(tmp_path / "spool")])
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_roots_are_tried_in_a_known_order(tmp_path: Path) -> None:
    environ = {"KLEIO_SPOOL_DIR": "/a", "HOME": "/h", "TMPDIR": "/t"}
    assert spool_roots("/d", environ) == [
        "/a",
        "/d/spool",
        "/h/.local/state/kleio/spool",
        f"/t/kleio-{os.geteuid()}/spool",
    ]
    assert spool_roots("/d", {"XDG_STATE_HOME": "/s"})[:2] == ["/d/spool", "/s/kleio/spool"]


def test_space_is_reserved_for_the_last_record(directory: str) -> None:
    assert os.stat(os.path.join(directory, "reserve")).st_blocks * 512 >= RESERVE_SIZE


NEARLY_FULL = """\
import resource, sys
from kleio.spool.attempt.directory import AttemptFile, create
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
create(AttemptFile("a" * 64, 1, "b" * 32, "memory://x"), [sys.argv[1]])
"""


def test_where_there_is_little_space_a_little_is_reserved(tmp_path: Path) -> None:
    """So that what a full disk refused is counted there too."""
    subprocess.run([sys.executable, "-c", NEARLY_FULL, str(tmp_path)], check=True)
    (directory,) = attempts(str(tmp_path))
    assert os.stat(os.path.join(directory, "reserve")).st_size == RESERVE_SIZE // 16


def test_a_lock_is_seen_by_others_and_ends_with_its_holder(directory: str) -> None:
    assert not launcher_alive(directory)
    program = (
        "import sys\nfrom kleio.spool.attempt.directory import hold_lock\nhold_lock(sys.argv[1])\n"
        "print('held', flush=True)\nsys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, directory], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.readline() == "held\n"
    assert supervisor_alive(directory)
    assert launcher_alive(directory)
    with pytest.raises(BlockingIOError):
        hold_lock(directory)
    child.kill()
    child.wait()
    child.stdout.close()
    child.stdin.close()
    assert not supervisor_alive(directory)


def test_looking_at_a_lock_does_not_take_it(directory: str) -> None:
    os.close(hold_lock(directory))
    assert not is_locked(directory, RUN_LOCK)
    os.close(hold_lock(directory))


def test_attempts_and_writers_are_listed(directory: str, tmp_path: Path) -> None:
    Path(directory, "b.ksp").touch()
    Path(directory, "a.ksp").touch()
    assert list(attempts(str(tmp_path / "spool"))) == [directory]
    assert record_files(directory) == ["a", "b"]
    assert list(attempts(str(tmp_path / "none"))) == []


def test_a_directory_is_put_back_private_and_locked(directory: str) -> None:
    remove_attempt(directory)
    before = os.umask(0)
    try:
        lock = put_back(directory, ATTEMPT)
    finally:
        os.umask(before)
    assert launcher_alive(directory)
    assert os.stat(directory).st_mode & 0o777 == 0o700
    assert read_attempt(directory).trial == ATTEMPT.trial
    os.close(lock)


def test_writing_the_attempt_leaves_no_temporary_file(directory: str) -> None:
    write_attempt(directory, ATTEMPT)
    assert [name for name in os.listdir(directory) if name.endswith(".tmp")] == []


def test_who_looks_at_a_lock_does_not_keep_its_owner_from_it(tmp_path: Path) -> None:
    """Looking takes the lock for a moment; the owner waits for that, anybody else does not."""
    with open(tmp_path / "run.lock", "w") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        with pytest.raises(BlockingIOError):
            hold_lock(str(tmp_path))
        threading.Timer(0.1, lambda: fcntl.flock(looking, fcntl.LOCK_UN)).start()
        os.close(hold_lock(str(tmp_path), tries=500))


def test_an_unfinished_directory_is_no_place(tmp_path: Path) -> None:
    """The first root's may have been given up for the second's."""
    attempt = AttemptFile("ab" * 32, 1, "01" * 16, "memory://x")
    (tmp_path / "a" / attempt.trial / attempt.label).mkdir(parents=True)
    directory, lock = create(attempt, [str(tmp_path / "b")])
    roots = [str(tmp_path / "a"), str(tmp_path / "b")]
    assert place_of({"_id": attempt.trial, "fence": 1, "owner": attempt.owner, "holder": {"roots": roots}}) == directory
    os.close(lock)
