"""``kleio checkout``: recorded code in a directory of its own, from both journals."""

from __future__ import annotations

import os
import shutil

import pytest

LINE = ("python", "args.py", "a")


@pytest.fixture
def changed(repo, kleio):
    """The id of a trial that ran with an edited and a new source, which are gone since; and what they held."""
    with (repo / "args.py").open("a") as file:
        file.write("print('edited')\n")
    (repo / "helper.py").write_text("X = 1\n")
    trial = kleio(*LINE).trial
    held = (repo / "args.py").read_text()
    kleio.bare("git", "stash", "-q", "-u")
    return trial, held


def test_the_code_of_a_trial_comes_back_beside_the_repository(kleio, repo, changed):
    trial, held = changed
    result = kleio("checkout", trial)
    place = repo.parent / f"r-{trial}"
    assert (result.code, result.out.decode(), result.words) == (0, f"{place}\n", "")
    assert (place / "args.py").read_text() == held
    assert (place / "helper.py").read_text() == "X = 1\n"
    assert kleio.bare("git", "status", "--porcelain").out == b""
    assert kleio.bare("git", "worktree", "list").out.count(b"\n") == 1
    assert "is completed and is not run again" in kleio(*LINE, cwd=place).refused()


def test_an_interrupted_trial_goes_on_in_its_checkout(kleio, repo):
    trial = kleio.part("python", "train.py", "--sleep", ".5").trial
    with (repo / "train.py").open("a") as file:
        file.write("#x\n")
    place = repo.parent / "there"
    assert kleio("checkout", trial, str(place)).code == 0
    again = kleio("python", "train.py", "--sleep", ".5", cwd=place, env={"START": "12"})
    assert (again.code, again.trial) == (0, trial)


def test_each_attempt_has_its_own_code(kleio, repo, tmp_path):
    trial = kleio(*LINE).trial
    assert kleio("switchover", trial).code != 0
    assert "has no attempt 2" in kleio("checkout", "--attempt", "2", trial, str(tmp_path / "x")).refused()
    assert kleio("checkout", "--attempt", "1", trial, str(tmp_path / "x")).code == 0


def test_a_directory_that_is_not_empty_is_refused(kleio, repo, changed, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").touch()
    words = kleio("checkout", changed[0], str(tmp_path / "full")).refused()
    assert "exists and is not an empty directory: nothing is written over" in words
    assert os.listdir(tmp_path / "full") == ["mine"]


def test_the_work_tree_is_no_place_for_it_unless_git_ignores_it(kleio, repo, changed):
    assert "lies in the work tree" in kleio("checkout", changed[0], "inner").refused()
    assert not (repo / "inner").exists()
    assert kleio("checkout", changed[0], "out").code == 0


def test_a_trial_that_is_not_there_is_refused(kleio, repo):
    assert "no trial is called" in kleio("checkout", "1234567").refused()


def test_a_trial_that_never_ran_has_no_code(kleio, repo):
    kleio("save", *LINE)
    words = kleio("checkout", kleio.ids()[0]).refused()
    assert "was never run, so that no code is recorded" in words


def test_what_is_not_as_it_was_recorded_is_told(kleio, repo):
    with (repo / "args.py").open("a") as file:
        file.write("API_TOKEN = 'sk-abcdefghijklmnopqrstuvwxyz123456'\n")
    trial = kleio(*LINE).trial
    kleio.bare("git", "checkout", "-q", ".")
    result = kleio("checkout", trial)
    assert result.code == 1
    assert "does not hold exactly the recorded code:\nkleio: warning:   args.py: redacted" in result.words
    assert os.path.isdir(result.out.decode().strip())


def test_a_commit_that_is_gone_leaves_its_patch_and_files(kleio, repo, git, tmp_path):
    (repo / "new.txt").touch()
    git("add", "-A")
    git("commit", "-qm", "gone")
    with (repo / "args.py").open("a") as file:
        file.write("#x\n")
    (repo / "helper.py").write_text("X = 1\n")
    trial = kleio(*LINE).trial
    git("reset", "-q", "--hard", "HEAD~1")
    git("reflog", "expire", "--expire=now", "--all")
    git("gc", "-q", "--prune=now")
    words = kleio("checkout", trial).refused()
    assert "what is left: the patch against it, 1 file" in words
    assert f"kleio checkout --remains {trial} DIRECTORY" in words
    left = kleio("checkout", "--remains", trial, str(tmp_path / "left"))
    assert left.out.decode().splitlines() == [f"{trial}.patch", "helper.py"]
    assert "+#x" in (tmp_path / f"left/{trial}.patch").read_text()


def test_outside_git_the_script_comes_back(kleio, repo, tmp_path):
    shutil.rmtree(repo / ".git")
    trial = kleio(*LINE).trial
    held = (repo / "args.py").read_text()
    (repo / "args.py").write_text("")
    place = tmp_path / "there"
    assert kleio("checkout", trial, str(place)).code == 0
    assert (place / "args.py").read_text() == held
    assert "is completed" in kleio(*LINE, cwd=place).refused()
