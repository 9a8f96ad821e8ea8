"""A checkout appears whole, where it may, or not at all; and what is gone is said to be gone."""

from __future__ import annotations

import os
import resource
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from kleio.encoding import digest
from kleio.errors import CheckoutFailed, CodeLost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.past import Past
    from kleio.checkout.recorded import RecordedCode

    Git = Callable[..., str]
    Tree = Callable[[Path], dict[str, tuple[int, bytes]]]


def edit(path: Path, text: str = "# edited\n") -> None:
    with path.open("a") as file:
        file.write(text)


@pytest.mark.parametrize("taken", ["a file", "a full directory", "a dangling link"])
def test_what_exists_is_not_written_over(repo: Path, past: Past, taken: str) -> None:
    past.target.parent.mkdir()
    if taken == "a file":
        past.target.write_text("mine")
    elif taken == "a full directory":
        past.target.mkdir()
        (past.target / "mine").touch()
    else:
        past.target.symlink_to("nowhere")
    before = sorted(past.target.parent.rglob("*"))
    with pytest.raises(CheckoutFailed, match="exists and is not an empty directory: nothing is written over"):
        past.check_out(past.record(repo), repo)
    assert sorted(past.target.parent.rglob("*")) == before


def test_an_empty_directory_is_taken(repo: Path, past: Past, tree: Tree) -> None:
    past.target.mkdir(parents=True)
    assert past.check_out(past.record(repo), repo).complete
    assert tree(past.target) == tree(repo)


def test_a_place_that_cannot_be_made_is_refused(repo: Path, past: Past) -> None:
    past.target.parent.write_text("a file where a directory should be")
    with pytest.raises(CheckoutFailed, match="cannot be"):
        past.check_out(past.record(repo), repo)


def test_the_same_project_and_directory(repo: Path, past: Past) -> None:
    (repo / "sub").mkdir()
    edit(repo / "sub/x.py")
    code = past.record(repo, "python", "x.py", directory="sub")
    checkout = past.check_out(code, repo)
    assert checkout.directory == str(past.target / "sub")
    again = past.record(past.target, "python", "x.py", directory="sub")
    assert (again.project["id"], again.directory) == (code.project["id"], "sub")
    assert again.version["digest"] == code.version["digest"]


def test_an_empty_directory_of_the_command_is_made(repo: Path, past: Past) -> None:
    (repo / "runs").mkdir()
    code = past.record(repo, "python", "../train.py", directory="runs")
    assert os.path.isdir(past.check_out(code, repo).directory)


@pytest.fixture
def gone(repo: Path, git: Git, past: Past) -> RecordedCode:
    """Code whose commit no longer exists anywhere."""
    edit(repo / "train.py", "# one commit more\n")
    git("commit", "-qam", "gone")
    edit(repo / "train.py")
    edit(repo / "new.py")
    code = past.record(repo)
    git("reset", "-q", "--hard", "HEAD~1")
    git("reflog", "expire", "--expire=now", "--all")
    git("gc", "-q", "--prune=now")
    return code


def with_remote(code: RecordedCode, remote: str) -> RecordedCode:
    return replace(code, version={**code.version, "remote": remote})


def test_a_commit_that_is_gone_is_told_with_what_is_left(repo: Path, past: Past, gone: RecordedCode) -> None:
    commit = gone.version["commit"]
    with pytest.raises(CodeLost) as caught:
        past.check_out(with_remote(gone, "git@github.com:lab/model.git"), repo)
    assert caught.value.message == (
        f"commit {commit[:12]} of trial 3f9c2ab is not in {repo}\n"
        "what is left: the patch against it, 1 file\n"
        f"the commit may still be seen at https://github.com/lab/model/commit/{commit}"
    )
    assert caught.value.hint == (
        "ask the remote for it: kleio checkout --fetch 3f9c2ab; "
        "get what is left: kleio checkout --remains 3f9c2ab DIRECTORY"
    )
    assert os.listdir(past.target.parent) == []


def test_nowhere_to_look_is_told(past: Past, gone: RecordedCode) -> None:
    code = replace(gone, project={**gone.project, "root": "/nonexistent"})
    with pytest.raises(CodeLost, match="cannot be looked for: no repository of project r is here") as caught:
        past.check_out(code)
    assert "go to a clone of the project" in (caught.value.hint or "")


@pytest.mark.parametrize("by", ["branch", "commit"])
def test_a_commit_is_fetched_when_asked_for(
    repo: Path, git: Git, past: Past, tree: Tree, tmp_path: Path, by: str
) -> None:
    remote = tmp_path / "remote.git"
    edit(repo / "train.py", "# pushed\n")
    git("commit", "-qam", "pushed")
    git("clone", "-q", "--bare", str(repo), str(remote))
    edit(repo / "train.py")
    code, wanted = with_remote(past.record(repo), f"file://{remote}"), tree(repo)
    git("reset", "-q", "--hard", "HEAD~1")
    git("reflog", "expire", "--expire=now", "--all")
    git("gc", "-q", "--prune=now")
    git("config", "uploadpack.allowAnySHA1InWant", str(by == "commit").lower(), cwd=remote)
    with pytest.raises(CodeLost):
        past.check_out(code, repo)
    before = git("for-each-ref")
    assert past.check_out(code, repo, fetch=True).complete
    assert tree(past.target) == wanted
    assert git("for-each-ref") == before


def test_a_remote_that_does_not_have_it_either(repo: Path, past: Past, gone: RecordedCode, tmp_path: Path) -> None:
    with pytest.raises(CodeLost, match=f"nor in the remote file://{tmp_path}/none"):
        past.check_out(with_remote(gone, f"file://{tmp_path}/none"), repo, fetch=True)


@pytest.mark.parametrize("remote", ["ext::sh -c touch% owned", "--upload-pack=touch owned"])
def test_a_recorded_remote_starts_no_program(
    repo: Path, past: Past, gone: RecordedCode, remote: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CodeLost):
        past.check_out(with_remote(gone, remote), repo, fetch=True)
    assert not list(tmp_path.rglob("owned"))


def test_an_independent_checkout_outlives_its_source(repo: Path, git: Git, past: Past) -> None:
    edit(repo / "train.py")
    past.check_out(past.record(repo), repo, independent=True)
    shutil.rmtree(repo)
    assert git("status", "--porcelain", cwd=past.target) == "M  train.py\n"
    git("fsck", cwd=past.target)


def test_a_shallow_clone_will_do(repo: Path, git: Git, past: Past, tmp_path: Path) -> None:
    edit(repo / "train.py")
    git("commit", "-qam", "two")
    shallow = tmp_path / "shallow"
    git("clone", "-q", "--depth=1", f"file://{repo}", str(shallow))
    code = past.record(shallow)
    assert past.check_out(code, shallow).complete
    assert past.record(past.target).project["id"] == code.project["id"]


def test_a_linked_work_tree_will_do(repo: Path, git: Git, past: Past, tree: Tree, tmp_path: Path) -> None:
    other = tmp_path / "other"
    git("worktree", "add", "-q", str(other))
    edit(other / "train.py")
    assert past.check_out(past.record(other), other).complete
    assert tree(past.target) == tree(other)


def test_credentials_of_the_remote_are_not_copied(repo: Path, git: Git, past: Past) -> None:
    git("remote", "add", "origin", "https://user:hunter2@example.org/lab/model.git")
    past.check_out(past.record(repo), repo)
    assert "hunter2" not in (past.target / ".git/config").read_text()
    assert "example.org/lab/model.git" in (past.target / ".git/config").read_text()


def test_hooks_of_the_repository_do_not_run(repo: Path, past: Past) -> None:
    for name in ("post-checkout", "post-index-change", "reference-transaction"):
        hook = repo / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {repo}/owned\n")
        hook.chmod(0o755)
    edit(repo / "train.py")
    assert past.check_out(past.record(repo), repo).complete
    assert not (repo / "owned").exists()


@pytest.fixture
def configured(repo: Path, git: Git, past: Past) -> RecordedCode:
    """A trial with a configuration file that git ignores."""
    edit(repo / ".gitignore", "*.yaml\n")
    git("commit", "-qam", "ignore")
    (repo / "lr.yaml").write_text("lr: 1\n")
    return replace(past.record(repo), files=(("lr.yaml", digest(b"lr: 1\n")),))


def test_a_configuration_file_comes_along(repo: Path, past: Past, configured: RecordedCode) -> None:
    assert past.check_out(configured, repo).complete
    assert (past.target / "lr.yaml").read_text() == "lr: 1\n"


def test_a_configuration_file_comes_from_the_record(repo: Path, past: Past, configured: RecordedCode) -> None:
    from kleio.checkout.recorded import Kept

    (repo / "lr.yaml").write_text("lr: 2\n")
    past.blobs["kept"] = b"lr: 1\n"
    piece = Kept("configuration", "lr.yaml", "100644", None, (), "kept")
    assert past.check_out(replace(configured, pieces=(*configured.pieces, piece)), repo).complete
    assert (past.target / "lr.yaml").read_text() == "lr: 1\n"


def test_a_configuration_file_that_is_gone_is_told(repo: Path, past: Past, configured: RecordedCode) -> None:
    (repo / "lr.yaml").unlink()
    assert past.check_out(configured, repo).differences == (
        "lr.yaml: this configuration file is nowhere to be had as it was",
    )


def outside(repo: Path, past: Past, *, argument: str = "../conf.yaml") -> RecordedCode:
    """A trial with a configuration file that lies outside of its repository."""
    (repo / argument).write_text("lr: 1\n")
    return replace(past.record(repo), files=((argument, digest(b"lr: 1\n")),))


def test_a_configuration_file_outside_is_told_and_never_written(repo: Path, past: Past) -> None:
    (difference,) = past.check_out(outside(repo, past), repo).differences
    place = past.target.parent / "conf.yaml"
    assert difference.startswith("../conf.yaml: this configuration file lies outside of the tree")
    assert difference.endswith(f"the command would read {place}")
    assert not place.exists()


def test_a_configuration_file_outside_that_the_checkout_sees_as_it_was_will_do(repo: Path, past: Past) -> None:
    code = outside(repo, past)
    past.target = repo.parent / "checkout"
    assert past.check_out(code, repo).complete


def test_a_configuration_file_outside_that_is_gone_is_told(repo: Path, past: Past) -> None:
    code = outside(repo, past)
    (repo / "../conf.yaml").unlink()
    assert past.check_out(code, repo).differences == (
        "../conf.yaml: this configuration file is nowhere to be had as it was",
    )


def test_a_configuration_file_of_git_is_not_written(repo: Path, past: Past) -> None:
    (difference,) = past.check_out(outside(repo, past, argument=".git/x.yaml"), repo).differences
    assert difference == ".git/x.yaml: this configuration file lies where no checkout writes"


def test_a_file_outside_lies_beside_a_checkout_that_is_alone(repo: Path, past: Past) -> None:
    code = outside(repo, past)
    assert past.check_out(code, repo, around=str(past.target.parent)).complete
    assert (past.target.parent / "conf.yaml").read_text() == "lr: 1\n"


@pytest.mark.parametrize("argument", ["../lock", "../checkout/x.yaml", "../../x.yaml"])
def test_a_file_beside_takes_no_place_that_is_not_its_own(repo: Path, past: Past, argument: str) -> None:
    (repo.parent / "checkout").mkdir()
    past.target.parent.mkdir()
    (past.target.parent / "lock").touch()
    code = outside(repo, past, argument=argument)
    assert not past.check_out(code, repo, around=str(past.target.parent)).complete
    assert [path.name for path in sorted(past.target.parent.iterdir())] == ["checkout", "lock"]
    assert (past.target.parent / "lock").read_bytes() == b""


def test_untracked_settings_of_the_project_come_along(repo: Path, past: Past) -> None:
    (repo / "kleio.toml").write_text("output = 'merge'\n")
    past.check_out(past.record(repo), repo)
    assert (past.target / "kleio.toml").read_text() == "output = 'merge'\n"


def test_data_is_linked(repo: Path, past: Past) -> None:
    (repo / "data").mkdir()
    (repo / "data/set.bin").write_text("1")
    assert past.check_out(past.record(repo), repo, links=["data"]).complete
    assert (past.target / "data").is_symlink()
    assert (past.target / "data/set.bin").read_text() == "1"


@pytest.mark.parametrize(
    ("path", "why"),
    [("nope", "cannot be linked"), ("../r", "cannot be linked"), ("train.py", "part of the recorded code")],
)
def test_a_link_that_cannot_be_made_is_refused(repo: Path, past: Past, path: str, why: str) -> None:
    with pytest.raises(CheckoutFailed, match=why):
        past.check_out(past.record(repo), repo, links=[path])
    assert os.listdir(past.target.parent) == []


def test_a_trial_without_known_code(tmp_path: Path, past: Past) -> None:
    code = past.record(tmp_path, "true")
    with pytest.raises(CodeLost, match=r"nothing is known of the code of trial 3f9c2ab \(not in git\)"):
        past.check_out(code)


@pytest.mark.parametrize("tracked", [True, False])
def test_a_disk_that_is_full_leaves_nothing(repo: Path, git: Git, past: Past, tracked: bool) -> None:
    (repo / "big.py").write_text("#" * 200_000)
    if tracked:
        git("add", "-A")
        git("commit", "-qm", "big")
    code = past.record(repo)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(CheckoutFailed, match="cannot be written to"):
            past.check_out(code, repo)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert os.listdir(past.target.parent) == []
