"""A stranger's repository cannot make git run anything of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.capture.code.git import environment, parse_flagged, parse_status, parse_tree
from kleio.capture.code.version import start_capture
from kleio.capture.recorded.change import describe_change
from kleio.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def everything(place: Path, data: Path) -> None:
    """All that capture ever asks of git."""
    settings = Settings(data=str(data))
    old = start_capture(str(place), ["python", "train.py"], settings)
    old.project()
    version, snapshot = old.finish()
    for _ in snapshot.pieces():
        pass
    (place / "train.py").write_text("x = 99\n")
    (place / "new.py").write_bytes(b"x = 1\r\n")
    later = start_capture(str(place), ["python", "train.py"], settings)
    later.project()
    new, snapshot = later.finish()
    for _ in snapshot.pieces():
        pass
    assert describe_change(version.details(), new, str(place))


TRAPS: dict[str, dict[str, str]] = {
    "monitor": {"core.fsmonitor": "{canary}"},
    "hooks": {"core.hooksPath": "{hooks}"},
    "external diff": {"diff.external": "{canary}"},
    "diff driver": {"diff.evil.command": "{canary}", "diff.evil.textconv": "{canary}"},
    "clean filter": {"filter.evil.clean": "{canary}", "filter.evil.smudge": "{canary}", "filter.evil.required": "true"},
    "filter process": {"filter.evil.process": "{canary}"},
    "filter with an odd name": {"filter.evil=a.b.clean": "{canary}"},
    "pager": {"core.pager": "{canary}", "pager.status": "true", "pager.diff": "true"},
    "remote helper": {
        "remote.origin.url": "ext::{canary}",
        "remote.origin.promisor": "true",
        "extensions.partialClone": "origin",
        "protocol.ext.allow": "always",
        "core.repositoryFormatVersion": "1",
    },
    "ssh": {
        "core.sshCommand": "{canary}",
        "remote.origin.url": "ssh://example.invalid/x",
        "remote.origin.promisor": "true",
    },
    "signatures": {"log.showSignature": "true", "gpg.program": "{canary}"},
    "credentials": {"credential.helper": "!{canary}"},
    "alias": {"alias.status": "!{canary}", "alias.diff": "!{canary}"},
}


@pytest.fixture
def trap(tmp_path: Path) -> tuple[Path, Path]:
    """A program, and the file that it leaves when it is run."""
    sprung = tmp_path / "sprung"
    program = tmp_path / "canary.sh"
    program.write_text(f"#!/bin/sh\necho sprung >>{sprung}\ncat\n")
    program.chmod(0o755)
    return program, sprung


@pytest.mark.parametrize("name", TRAPS)
def test_no_program_of_the_repository_runs(
    name: str, repo: Path, git: Callable[..., str], tmp_path: Path, trap: tuple[Path, Path]
) -> None:
    program, sprung = trap
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "fsmonitor-watchman", "pre-commit", "reference-transaction", "post-checkout"):
        (hooks / hook).symlink_to(program)
    kind = "evil=a.b" if "odd" in name else "evil"
    (repo / ".gitattributes").write_text(f"*.py diff={kind} filter={kind}\n")
    git("add", "-A")
    git("commit", "-qm", "attributes")
    os.utime(repo / "train.py", (1, 1))
    for key, value in TRAPS[name].items():
        git("config", key, value.format(canary=program, hooks=hooks))
    everything(repo, tmp_path / "data")
    assert not sprung.exists()


def test_a_filter_in_an_included_file_is_disarmed_too(
    repo: Path, git: Callable[..., str], tmp_path: Path, trap: tuple[Path, Path]
) -> None:
    program, sprung = trap
    (repo / ".gitattributes").write_text("*.py filter=evil\n")
    git("add", "-A")
    git("commit", "-qm", "attributes")
    (repo / "evil.config").write_text(f'[filter "evil"]\n\tclean = {program}\n')
    git("config", "include.path", "../evil.config")
    everything(repo, tmp_path / "data")
    assert not sprung.exists()


def test_a_filter_of_a_submodule_is_disarmed_too(
    repo: Path, git: Callable[..., str], tmp_path: Path, trap: tuple[Path, Path]
) -> None:
    program, sprung = trap
    inner = repo / "inner"
    inner.mkdir()
    git("init", "-q", ".", cwd=inner)
    (inner / "x.py").write_text("x")
    (inner / ".gitattributes").write_text("*.py filter=evil\n")
    git("add", "-A", cwd=inner)
    git("commit", "-qm", "c", cwd=inner)
    git("add", "inner")
    git("commit", "-qm", "c")
    git("config", "filter.evil.clean", str(program), cwd=inner)
    git("config", "core.fsmonitor", str(program), cwd=inner)
    (inner / "x.py").write_text("y")
    everything(repo, tmp_path / "data")
    assert not sprung.exists()


def test_a_git_in_the_repository_is_not_run(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trap: tuple[Path, Path]
) -> None:
    program, sprung = trap
    (repo / "git").symlink_to(program)
    monkeypatch.chdir(repo)
    monkeypatch.setenv("PATH", f".::{os.environ['PATH']}")
    everything(repo, tmp_path / "data")
    assert not sprung.exists()


def test_a_repository_of_somebody_else_is_refused_as_git_refuses_it(repo: Path, tmp_path: Path) -> None:
    os.chown(repo, 12345, 12345)
    os.chown(repo / ".git", 12345, 12345)
    pending = start_capture(str(repo), ["python", "train.py"], Settings(data=str(tmp_path / "data")))
    pending.project()
    version, _ = pending.finish()
    assert version.kind == "script"
    assert version.notes[0].startswith("git refused: fatal: detected dubious ownership")


def test_no_git_variable_reaches_git_but_our_own() -> None:
    clean = environment(
        {"GIT_DIR": "/x", "GIT_EXTERNAL_DIFF": "/x", "GIT_CONFIG_COUNT": "1", "HOME": "/h", "PATH": "/p"}
    )
    assert clean["HOME"] == "/h"
    assert "GIT_DIR" not in clean
    assert "GIT_EXTERNAL_DIFF" not in clean
    assert "GIT_CONFIG_COUNT" not in clean
    assert clean["GIT_OPTIONAL_LOCKS"] == "0"


@given(st.binary(max_size=200))
def test_any_answer_is_understood_or_refused(data: bytes) -> None:
    for text in (data, b"# branch.oid abc\0" + data, b"1 " + data, b"u " + data, b"? " + data):
        try:
            parse_status(text)
        except ValueError:
            continue


NAMES = st.binary(min_size=1, max_size=30).filter(lambda name: b"\0" not in name)


@given(NAMES)
def test_any_file_name_survives(name: bytes) -> None:
    path = name.decode("utf-8", "surrogateescape")
    sha = "a" * 40
    line = f"1 .M N... 100644 100644 100755 {sha} {sha} ".encode() + name
    status = parse_status(b"# branch.oid (initial)\0# branch.head (detached)\0" + line + b"\0? " + name + b"\0")
    assert (status.commit, status.branch, status.untracked) == (None, None, (path,))
    assert (status.entries[0].path, status.entries[0].work_mode, status.entries[0].reread) == (path, "100755", True)
    assert list(parse_tree(f"100644 blob {sha}\t".encode() + name + b"\0")) == [(path, "100644", sha)]
    flagged = f"H 100644 {sha} 0\tq\0h 100644 {sha} 0\t".encode() + name + b"\0"
    assert list(parse_flagged(flagged)) == [("h", path, "100644", sha)]


def test_the_traps_do_spring_without_protection(repo: Path, git: Callable[..., str], trap: tuple[Path, Path]) -> None:
    program, sprung = trap
    git("config", "core.fsmonitor", str(program))
    subprocess.run(["git", "status"], cwd=repo, check=True, capture_output=True)
    assert sprung.exists()
