"""What is restored is the recorded code, byte for byte, or it is said what is not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.past import Past

    Git = Callable[..., str]
    Tree = Callable[[Path], dict[str, tuple[int, bytes]]]

SECRET = "sk-abcdefghijklmnopqrstuvwxyz123456"


def edit(path: Path, text: str = "# edited\n") -> None:
    with path.open("a") as file:
        file.write(text)


def commit_all(git: Git, cwd: Path | None = None) -> None:
    git("add", "-A", cwd=cwd)
    git("commit", "-qm", "c", cwd=cwd)


EDITS: dict[str, Callable[[Path], object]] = {
    "nothing": lambda repo: None,
    "an edit": lambda repo: edit(repo / "train.py"),
    "a new source": lambda repo: edit(repo / "new.py"),
    "a source in a new directory": lambda repo: (
        (repo / "new/inner").mkdir(parents=True), edit(repo / "new/inner/new.py")
    ),
    "a deleted file": lambda repo: (repo / "args.py").unlink(),
    "a mode": lambda repo: (repo / "train.py").chmod(0o755),
    "a file that became a link": lambda repo: ((repo / "args.py").unlink(), (repo / "args.py").symlink_to("train.py")),
    "an untracked link": lambda repo: (repo / "link.py").symlink_to("train.py"),
    "bytes": lambda repo: (repo / "train.py").write_bytes(bytes(range(256)) * 3),
    "no newline at the end": lambda repo: (repo / "train.py").write_text("print(1)"),
    "an odd name": lambda repo: edit(repo / "o d\td \"'\udcff.py"),
    "an odd tracked name": lambda repo: (edit(repo / "ä \n.txt"), subprocess.run(["git", "add", "-A"], cwd=repo)),
    "a staged file that is no source": lambda repo: (
        edit(repo / "data.txt"), subprocess.run(["git", "add", "data.txt"], cwd=repo, check=True)
    ),
    "an edited file that git does not look at": lambda repo: (
        subprocess.run(["git", "update-index", "--assume-unchanged", "train.py"], cwd=repo, check=True),
        edit(repo / "train.py"),
    ),
    "a directory that became a file": lambda repo: (
        subprocess.run("mkdir p; echo 1 >p/a.py; git add p; git commit -qm p; rm -r p; echo 2 >p; git add -A",
                       shell=True, cwd=repo, check=True)
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", EDITS.values(), ids=EDITS)
def test_the_working_content_comes_back(
    repo: Path, git: Git, past: Past, tree: Tree, change: Callable[[Path], object]
) -> None:
    change(repo)
    code, wanted = past.record(repo), tree(repo)
    git("stash", "-q", "-u")
    checkout = past.check_out(code, repo)
    assert checkout.differences == ()
    assert tree(past.target) == wanted


def test_the_users_repository_stays_as_it_was(repo: Path, git: Git, past: Past) -> None:
    edit(repo / "train.py")
    code = past.record(repo)

    def state() -> list[str]:
        shown = [git("worktree", "list"), git("for-each-ref"), git("status", "--porcelain"), git("rev-parse", "HEAD")]
        return [*shown, git("count-objects", "-v"), (repo / ".git/index").read_bytes().hex()]

    before = state()
    past.check_out(code, repo, independent=True)
    assert state() == before


def test_line_ends_and_attributes_are_those_of_the_work_tree(repo: Path, git: Git, past: Past, tree: Tree) -> None:
    (repo / ".gitattributes").write_text("*.txt text eol=crlf\n")
    (repo / "a.txt").write_bytes(b"1\r\n2\r\n")
    commit_all(git)
    (repo / "a.txt").write_bytes(b"1\r\n3\r\n")
    code, wanted = past.record(repo), tree(repo)
    git("checkout", "-q", ".")
    assert past.check_out(code, repo).complete
    assert tree(past.target) == wanted


def test_submodules_come_back_with_their_changes(repo: Path, git: Git, past: Past, tree: Tree, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    git("init", "-q", cwd=inner)
    edit(inner / "lib.py")
    commit_all(git, inner)
    git("submodule", "--quiet", "add", str(inner), "lib")
    git("submodule", "--quiet", "add", str(inner), "clean")
    git("commit", "-qm", "submodules")
    edit(repo / "lib/lib.py")
    commit_all(git, repo / "lib")
    edit(repo / "lib/lib.py", "# dirty\n")
    edit(repo / "lib/more.py")
    code, wanted = past.record(repo), tree(repo)
    git("-C", "lib", "checkout", "-q", ".")
    (repo / "lib/more.py").unlink()
    assert past.check_out(code, repo).differences == ()
    assert tree(past.target) == wanted


def test_a_submodule_that_was_not_checked_out_stays_empty(repo: Path, git: Git, past: Past, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    git("init", "-q", cwd=inner)
    edit(inner / "lib.py")
    commit_all(git, inner)
    git("submodule", "--quiet", "add", str(inner), "lib")
    git("commit", "-qm", "submodule")
    git("submodule", "--quiet", "deinit", "lib")
    code = past.record(repo)
    git("submodule", "--quiet", "update", "--init")
    assert past.check_out(code, repo).complete
    assert os.listdir(past.target / "lib") == []


def test_a_repository_inside_comes_back(repo: Path, git: Git, past: Past, tree: Tree) -> None:
    (repo / "inside").mkdir()
    git("init", "-q", cwd=repo / "inside")
    edit(repo / "inside/lib.py")
    commit_all(git, repo / "inside")
    code, wanted = past.record(repo), tree(repo)
    assert past.check_out(code, repo).complete
    assert tree(past.target) == wanted


def test_code_before_the_first_commit_comes_back_in_the_same_project(tmp_path: Path, git: Git, past: Past) -> None:
    place = tmp_path / "young"
    place.mkdir()
    git("init", "-q", cwd=place)
    edit(place / "train.py")
    edit(place / "staged.txt")
    git("add", "staged.txt", cwd=place)
    code = past.record(place)
    checkout = past.check_out(code)
    assert checkout.complete
    assert sorted(os.listdir(checkout.root)) == [".git", "staged.txt", "train.py"]
    assert past.record(past.target).project["id"] == code.project["id"]


def test_a_lone_script_comes_back_in_the_same_project(tmp_path: Path, past: Past) -> None:
    place = tmp_path / "bare"
    place.mkdir()
    edit(place / "train.py")
    code = past.record(place)
    checkout = past.check_out(code)
    assert checkout.complete
    assert (past.target / "train.py").read_text() == "# edited\n"
    assert past.record(past.target).project["id"] == code.project["id"]


@pytest.fixture
def with_secret(repo: Path, git: Git) -> Path:
    """A tracked file that holds a secret in its commit, and one more in the change."""
    (repo / "secret.py").write_text(f'API_TOKEN = "{SECRET}"\nkeep = 1\n')
    commit_all(git)
    return repo


def test_a_change_beside_a_secret_comes_back(with_secret: Path, git: Git, past: Past) -> None:
    edit(with_secret / "secret.py", "more = 2\n")
    (with_secret / "secret.py").write_text((with_secret / "secret.py").read_text().replace("keep = 1", "keep = 3"))
    code, wanted = past.record(with_secret), (with_secret / "secret.py").read_text()
    assert not any(SECRET.encode() in blob for blob in past.blobs.values())
    git("checkout", "-q", ".")
    assert past.check_out(code, with_secret).complete
    assert (past.target / "secret.py").read_text() == wanted


def test_a_replaced_secret_is_told(repo: Path, git: Git, past: Past) -> None:
    edit(repo / "train.py", f'API_TOKEN = "{SECRET}"\n')
    edit(repo / "hold.py")
    code, held = past.record(repo), (repo / "hold.py").read_text()
    git("checkout", "-q", ".")
    checkout = past.check_out(code, repo)
    assert checkout.differences == ("train.py: redacted",)
    assert "<redacted:" in (past.target / "train.py").read_text()
    assert (past.target / "hold.py").read_text() == held


def test_a_secret_that_the_tree_still_holds_comes_back(repo: Path, past: Past, tree: Tree) -> None:
    edit(repo / "train.py", f'API_TOKEN = "{SECRET}"\n')
    edit(repo / "new.py", f'API_TOKEN = "{SECRET}"\n')
    wanted = tree(repo)
    assert past.check_out(past.record(repo), repo).complete
    assert tree(past.target) == wanted


def test_a_secret_that_was_committed_since_comes_back(repo: Path, git: Git, past: Past) -> None:
    edit(repo / "train.py", f'API_TOKEN = "{SECRET}"\n')
    code = past.record(repo)
    commit_all(git)
    edit(repo / "train.py", "# later\n")
    assert past.check_out(code, repo).complete


def test_a_file_too_large_to_keep_is_named(repo: Path, past: Past) -> None:
    edit(repo / "new.py", "#" * 5000)
    edit(repo / "hold.py")
    code = past.record(repo, snapshot_limit=1000)
    (repo / "new.py").unlink()
    checkout = past.check_out(code, repo)
    assert checkout.differences == ("new.py: too large",)


@pytest.mark.parametrize("harm", ["missing", "another patch"])
def test_a_lost_patch_is_told_file_by_file(repo: Path, git: Git, past: Past, harm: str) -> None:
    edit(repo / "train.py")
    code = past.record(repo)
    git("checkout", "-q", ".")
    for name in list(past.blobs):
        if harm == "missing":
            del past.blobs[name]
        else:
            past.blobs[name] = b"diff --git a/train.py b/train.py\nnonsense\n"
    checkout = past.check_out(code, repo)
    assert checkout.differences == ("train.py: its content was not stored",)
    assert len(checkout.remarks) == (harm == "missing")


@pytest.mark.parametrize(
    "path", ["../out.py", "/tmp/out.py", "a/../../out.py", ".git/hooks/post-checkout", ".GIT/x", ""]
)
def test_a_record_cannot_write_elsewhere(repo: Path, past: Past, path: str) -> None:
    from dataclasses import replace

    from kleio.checkout.recorded import Kept
    from kleio.errors import CheckoutFailed

    edit(repo / "new.py")
    code = past.record(repo)
    piece = replace(code.pieces[0], path=path)
    assert isinstance(piece, Kept)
    with pytest.raises(CheckoutFailed, match="leads somewhere else"):
        past.check_out(replace(code, pieces=(piece,)), repo)
    assert not past.target.exists()
    assert os.listdir(past.target.parent) == []


def test_a_record_cannot_write_through_a_link(repo: Path, past: Past, tmp_path: Path) -> None:
    from dataclasses import replace

    from kleio.errors import CheckoutFailed

    (tmp_path / "elsewhere").mkdir()
    (repo / "door.py").symlink_to(tmp_path / "elsewhere")
    edit(repo / "new.py")
    code = past.record(repo)
    pieces = tuple(replace(piece, path="door.py/x.py") if piece.path == "new.py" else piece for piece in code.pieces)
    with pytest.raises(CheckoutFailed):
        past.check_out(replace(code, pieces=pieces), repo)
    assert os.listdir(tmp_path / "elsewhere") == []
