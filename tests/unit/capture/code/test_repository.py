"""The repository's small files are read as git reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.capture.code.repository import Repository, find_repository, head, read_config, remote_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def found(place: Path) -> Repository:
    repository = find_repository(str(place))
    assert repository is not None
    return repository


@pytest.mark.parametrize(
    "prepare",
    [(), ("checkout", "-q", "--detach"), ("pack-refs", "--all"), ("checkout", "-q", "-b", "a/b"), ("gc", "-q")],
    ids=" ".join,
)
def test_the_commit_is_gits(prepare: tuple[str, ...], repo: Path, git: Callable[..., str]) -> None:
    if prepare:
        git(*prepare)
    assert head(found(repo)) == git("rev-parse", "HEAD").strip()


def test_of_a_work_tree_it_is_the_work_trees_own(repo: Path, git: Callable[..., str], tmp_path: Path) -> None:
    git("worktree", "add", "-q", "-b", "side", str(tmp_path / "w"))
    git("commit", "-q", "--allow-empty", "-m", "x", cwd=tmp_path / "w")
    place = found(tmp_path / "w")
    assert head(place) == git("rev-parse", "side").strip() != head(found(repo))
    assert place.common == found(repo).common


def test_before_the_first_commit_there_is_none(tmp_path: Path, git: Callable[..., str]) -> None:
    git("init", "-q", ".", cwd=tmp_path)
    assert head(found(tmp_path)) is None


def test_the_innermost_repository_counts(repo: Path, git: Callable[..., str]) -> None:
    (repo / "a/in").mkdir(parents=True)
    assert found(repo / "a/in").root == str(repo)
    git("init", "-q", ".", cwd=repo / "a")
    assert found(repo / "a/in").root == str(repo / "a")
    (repo / "a/in/.git").mkdir()
    assert found(repo / "a/in").root == str(repo / "a")


def test_a_linked_directory_belongs_where_it_really_is(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repo)
    assert found(tmp_path / "link").root == str(repo)


@pytest.mark.parametrize(
    "text", [b"ref: refs/../../x\n", b"ref: HEAD\n", b"ref: \xff\n", b"", b"ref: refs/a\n", b"garbage"]
)
def test_a_damaged_head_is_no_commit(text: bytes, repo: Path) -> None:
    (repo / ".git/HEAD").write_bytes(text)
    (repo / ".git/refs/a").write_bytes(b"ref: refs/a\n")
    assert head(found(repo)) is None


def test_the_configuration_is_gits(repo: Path, git: Callable[..., str]) -> None:
    for key, value in (
        ("remote.origin.url", "https://x/a b#c;d"),
        ("remote.A.b.url", 'q"uo\\te'),
        ("core.fileMode", "false"),
    ):
        git("config", key, value)
    config = read_config(found(repo))
    assert config["remote.origin.url"] == "https://x/a b#c;d"
    assert config["remote.A.b.url"] == 'q"uo\\te'
    assert config["core.filemode"] == "false"
    assert remote_url(config) == "https://x/a b#c;d"


def test_without_an_origin_the_first_remote_counts() -> None:
    assert remote_url({"remote.b.url": "1", "remote.a.url": "2"}) == "1"
    assert remote_url({}) is None


@given(st.binary(max_size=300))
def test_any_configuration_is_read(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    place = tmp_path_factory.getbasetemp()
    (place / "config").write_bytes(data)
    read_config(Repository(str(place), str(place), str(place)))
