"""Code without git, and git without a commit: recorded and compared by content all the same, never refused for it."""

from __future__ import annotations

import shutil
import sys

import pytest

LINE = ("python", "train.py", "--sleep", ".5")
REST = {"START": "12"}


@pytest.fixture
def bare_directory(repo, kleio):
    """The scripts in a directory that no repository knows; ``kleio`` runs there."""
    shutil.rmtree(repo / ".git")
    return repo


@pytest.fixture
def unborn(bare_directory, git):
    """A repository without any commit."""
    git("init", "-q")
    return bare_directory


def test_outside_git_the_script_is_the_version(kleio, bare_directory):
    """S35: runs with a warning, resumes, and a changed script is refused."""
    first = kleio.part(*LINE)
    assert first.status == 130
    assert "kleio: warning: not in git: of the code only train.py is known\n" in first.words
    again = kleio.part(*LINE, after=b"epoch 1")
    assert again.trial == first.trial
    assert "warning" not in again.words
    with (bare_directory / "train.py").open("a") as file:
        file.write("#x\n")
    words = kleio(*LINE).refused()
    assert "code changed" in words
    assert "train.py" in words
    info = kleio.info(first.trial)
    assert info["code"]["kind"] == "script"
    assert info["code"]["script"].endswith("train.py")
    assert info["attempts"] == 2


def test_outside_git_other_files_do_not_count(kleio, bare_directory):
    """Only the script is known to be code there."""
    first = kleio.part(*LINE)
    (bare_directory / "results.py").write_text("r = 1\n")
    second = kleio(*LINE, env=REST)
    assert (second.code, second.trial) == (0, first.trial), second.words


def test_repository_without_commit_runs_and_says_so(kleio, unborn):
    """S36"""
    done = kleio("python", "args.py", "a")
    assert done.code == 0, done.words
    info = kleio.info(done.trial)
    assert info["code"]["kind"] == "git"
    assert info["code"]["commit"] is None
    assert "no commit" in kleio("info", done.trial).out.decode()


def test_repository_without_commit_compares_content(kleio, unborn):
    kleio.part(*LINE)
    with (unborn / "train.py").open("a") as file:
        file.write("#x\n")
    assert "train.py" in kleio(*LINE).refused()


def test_missing_git_is_no_obstacle(kleio):
    """Without the program the script is the version, as outside of a repository."""
    from harness.command import program

    done = kleio.bare(*program(), sys.executable, "args.py", "a", env={"PATH": "/nonexistent"})
    assert done.code == 0, done.words
    assert "kleio: warning: git not available: of the code only args.py is known\n" in done.words
    assert kleio.info(done.trial)["code"]["kind"] == "script"


def test_broken_repository_is_no_obstacle(kleio, repo):
    (repo / ".git" / "HEAD").write_text("rubbish\n")
    done = kleio("python", "args.py", "a")
    assert done.code == 0, done.words
    assert "Traceback" not in done.words
    assert "kleio: warning: git refused: " in done.words


def test_repository_of_somebody_else_runs_nothing_of_theirs(kleio, repo, git, tmp_path):
    """A configured fsmonitor, hook or diff driver is a program of the repository's author."""
    canary = tmp_path / "canary"
    (repo / "evil.sh").write_text(f"#!/bin/sh\ntouch {canary}\n")
    (repo / "evil.sh").chmod(0o755)
    (repo / ".gitattributes").write_text("*.py diff=evil filter=evil\n")
    for key in ("core.fsmonitor", "diff.external", "diff.evil.command", "diff.evil.textconv", "core.sshCommand"):
        git("config", key, str(repo / "evil.sh"))
    with (repo / "args.py").open("a") as file:
        file.write("#x\n")
    canary.unlink(missing_ok=True)
    done = kleio("python", "args.py", "a")
    assert done.code == 0, done.words
    assert kleio.info(done.trial)["code"]["dirty"]
    assert not canary.exists()


def test_a_completed_trial_whose_code_changed_since_says_how_to_run_the_change(kleio, repo):
    line = ("python", "args.py", "a")
    trial = kleio(*line).trial
    (repo / "args.py").write_text("print('new')\n")
    words = kleio(*line).refused()
    assert f"trial {trial} is completed and is not run again; code changed since" in words
    assert "with: kleio run --allow-code-change and the same command" in words
    done = kleio("run", "--allow-code-change", *line)
    assert (done.code, done.out) == (0, b"new\n"), done.words
    assert kleio.info(done.trial)["parent"][:7] == trial


def test_a_new_script_beside_the_code_is_told_in_a_line_with_the_way_to_leave_it_out(kleio, repo):
    first = kleio.part(*LINE)
    (repo / "aside.py").write_text("print(1)\n" * 30)
    words = kleio(*LINE).refused()
    assert "added: aside.py, untracked, 30 lines" in words
    assert "print(1)" not in words
    assert "files that are no part of the code are named by the setting code_ignore" in words
    (repo / "kleio.toml").write_text('code_ignore = ["aside.py"]\n')
    done = kleio(*LINE, env=REST)
    assert (done.code, done.trial) == (0, first.trial), done.words
