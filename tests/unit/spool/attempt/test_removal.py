"""Spool directories of attempts that are removed, and who meets one just then."""

from __future__ import annotations

import dataclasses
import os
import threading
from pathlib import Path

import pytest

from kleio.spool.attempt.directory import AttemptFile, attempts, create
from kleio.spool.attempt.removal import remove_attempt, take_over

ATTEMPT = AttemptFile("ab" * 32, 3, "cd" * 16, "mongodb://me:secret@host/db", {"host": "here"}, "me")


@pytest.fixture
def directory(tmp_path: Path) -> str:
    path, lock = create(ATTEMPT, [str(tmp_path / "spool")])
    os.close(lock)
    return path


def test_a_removed_attempt_leaves_nothing_and_may_be_removed_again(directory: str, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    Path(directory, "link").symlink_to(tmp_path / "kept")
    Path(directory, "blobs", "x").touch()
    remove_attempt(directory)
    assert os.listdir(tmp_path / "spool") == []
    assert (tmp_path / "kept" / "file").exists()
    remove_attempt(directory)


def test_other_attempts_of_the_trial_stay(directory: str, tmp_path: Path) -> None:
    other, lock = create(dataclasses.replace(ATTEMPT, attempt=4), [str(tmp_path / "spool")])
    os.close(lock)
    remove_attempt(directory)
    assert list(attempts(str(tmp_path / "spool"))) == [other]


def test_nobody_revives_an_attempt_that_is_being_removed(tmp_path: Path) -> None:
    made: list[str] = []
    over = threading.Event()
    revived = []

    def follow() -> None:
        while not over.is_set():
            for path in made[-1:]:
                try:
                    lock = take_over(path)
                except OSError:  # somebody cares for it, or it is gone
                    continue
                if not os.path.exists(path):
                    revived.append(path)
                os.close(lock)

    follower = threading.Thread(target=follow)
    follower.start()
    try:
        for number in range(300):
            path, lock = create(dataclasses.replace(ATTEMPT, attempt=number), [str(tmp_path / "spool")])
            made.append(path)
            remove_attempt(path)
            os.close(lock)
    finally:
        over.set()
        follower.join()
    assert list((tmp_path / "spool").iterdir()) == []
    assert revived == []


def test_what_is_left_of_a_removed_attempt_goes_with_who_looks_for_it(directory: str) -> None:
    for name in os.listdir(directory):
        if os.path.isfile(os.path.join(directory, name)):
            os.unlink(os.path.join(directory, name))
    os.rmdir(os.path.join(directory, "blobs"))
    with pytest.raises(FileNotFoundError):
        take_over(directory)
    assert not os.path.exists(os.path.dirname(directory))
