"""A snapshot brings the code back, byte for byte, and leaks no secret."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from kleio.capture.code.snapshot import FILE, PATCH, Piece
from kleio.capture.code.version import start_capture
from kleio.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from kleio.capture.code.snapshot import Snapshot


@pytest.fixture
def snapshot(tmp_path: Path) -> Callable[..., Snapshot]:
    """``snapshot(directory)``: what makes the code there restorable."""

    def take(place: Path, **settings: object) -> Snapshot:
        chosen = Settings(data=str(tmp_path / "data"), **settings)  # type: ignore[arg-type]
        pending = start_capture(str(place), ["python", "train.py"], chosen)
        try:
            return pending.finish()[1]
        finally:
            pending.kill()

    return take


def restore(pieces: list[Piece], source: Path, target: Path) -> None:
    """What a restore does: check out, apply, write."""
    subprocess.run(["git", "clone", "-q", str(source), str(target)], check=True)
    for piece in pieces:
        if piece.kind == PATCH:
            assert piece.data is not None
            checkout = ["git", "checkout", "-q", "--detach", piece.commit or ""]
            subprocess.run(checkout, cwd=target, check=True)
            subprocess.run(["git", "apply", "--binary", "-"], cwd=target, check=True, input=piece.data)
        elif piece.mode == "120000":
            os.symlink(piece.data or b"", os.fsencode(target / piece.path))
        else:
            (target / piece.path).parent.mkdir(parents=True, exist_ok=True)
            (target / piece.path).write_bytes(piece.data or b"")
            (target / piece.path).chmod(int(piece.mode, 8) & 0o777)


def tree(place: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(place)): (
            path.lstat().st_mode,
            os.readlink(path).encode() if path.is_symlink() else path.read_bytes(),
        )
        for path in sorted(place.rglob("*"))
        if ".git" not in path.parts and (path.is_symlink() or path.is_file())
    }


def test_a_dirty_tree_comes_back(
    repo: Path, git: Callable[..., str], tmp_path: Path, snapshot: Callable[..., Snapshot]
) -> None:
    (repo / "data.bin").write_bytes(bytes(range(256)) * 20)
    git("add", "-A")
    git("commit", "-qm", "c")
    (repo / "data.bin").write_bytes(bytes(range(255, -1, -1)) * 30)
    (repo / "train.py").write_text("no newline at the end")
    (repo / "args.py").unlink()
    (repo / "hold.py").chmod(0o755)
    (repo / "staged.txt").write_text("staged\n")
    git("add", "staged.txt")
    (repo / "crlf.py").write_bytes(b"a\r\n\xff\xfe\0")
    (repo / "link.py").symlink_to("train.py")
    (repo / "deep").mkdir()
    (repo / "deep/é ☃.py").write_text("x")
    pieces = list(snapshot(repo).pieces())
    assert [note for piece in pieces for note in piece.notes] == []
    restore(pieces, repo, tmp_path / "restored")
    assert tree(tmp_path / "restored") == tree(repo)


def test_a_file_that_was_only_touched_is_not_in_the_patch(repo: Path, snapshot: Callable[..., Snapshot]) -> None:
    os.utime(repo / "args.py", (1, 1))
    (repo / "train.py").write_text("x = 1\n")
    (patch,) = snapshot(repo).pieces()
    assert b"args.py" not in (patch.data or b"")


def test_the_patch_holds_the_edit_in_words(repo: Path, snapshot: Callable[..., Snapshot]) -> None:
    with (repo / "train.py").open("a") as file:
        file.write("#d\n")
    (patch,) = snapshot(repo).pieces()
    assert b"\n+#d\n" in (patch.data or b"")


def test_a_clean_tree_needs_no_snapshot(repo: Path, snapshot: Callable[..., Snapshot]) -> None:
    assert not snapshot(repo)
    assert list(snapshot(repo).pieces()) == []


def test_user_settings_do_not_spoil_the_patch(
    repo: Path, git: Callable[..., str], tmp_path: Path, snapshot: Callable[..., Snapshot]
) -> None:
    for key, value in (
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("color.ui", "always"),
        ("diff.renames", "copies"),
        ("diff.context", "0"),
        ("diff.relative", "true"),
        ("diff.ignoreSubmodules", "none"),
        ("diff.wsErrorHighlight", "all"),
        ("diff.interHunkContext", "9"),
        ("diff.submodule", "log"),
        ("diff.algorithm", "patience"),
    ):
        git("config", "--global", key, value)
    (repo / "train.py").rename(repo / "renamed.py")
    git("add", "-A")
    restore(list(snapshot(repo).pieces()), repo, tmp_path / "restored")
    assert tree(tmp_path / "restored") == tree(repo)


def test_before_the_first_commit_all_files_are_kept(
    tmp_path: Path, git: Callable[..., str], snapshot: Callable[..., Snapshot]
) -> None:
    place = tmp_path / "e"
    place.mkdir()
    git("init", "-q", ".", cwd=place)
    (place / "train.py").write_text("x = 1\n")
    (place / "conf.toml").write_text("a = 1\n")
    git("add", "conf.toml", cwd=place)
    kinds = {(piece.kind, piece.path, piece.commit) for piece in snapshot(place).pieces()}
    assert kinds == {(PATCH, "", None), (FILE, "train.py", None)}


def test_an_edit_in_a_submodule_has_its_own_patch(
    repo: Path, git: Callable[..., str], tmp_path: Path, snapshot: Callable[..., Snapshot]
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    git("init", "-q", ".", cwd=library)
    (library / "lib.py").write_text("x = 1\n")
    git("add", "-A", cwd=library)
    git("commit", "-qm", "c", cwd=library)
    git("submodule", "--quiet", "add", str(library), "lib")
    git("commit", "-qm", "c")
    (repo / "lib/lib.py").write_text("x = 2\n")
    (repo / "lib/new.py").write_text("y = 1\n")
    pieces = list(snapshot(repo).pieces())
    assert [(piece.kind, piece.path) for piece in pieces] == [(PATCH, "lib"), (FILE, "lib/new.py")]
    assert pieces[0].commit == git("rev-parse", "HEAD", cwd=library).strip()
    assert b"+x = 2" in (pieces[0].data or b"")


def test_a_file_that_git_does_not_look_at_is_kept_whole(
    repo: Path, git: Callable[..., str], snapshot: Callable[..., Snapshot]
) -> None:
    git("update-index", "--assume-unchanged", "train.py")
    (repo / "train.py").write_text("hidden\n")
    assert [(p.kind, p.path, p.data) for p in snapshot(repo).pieces()] == [(FILE, "train.py", b"hidden\n")]


def test_secrets_are_taken_out_and_marked(repo: Path, snapshot: Callable[..., Snapshot]) -> None:
    secret = "hunter2" + "hunter3"
    with (repo / "train.py").open("a") as file:
        file.write(f'password = "{secret}"\n')
    (repo / "helper.py").write_text(f'api_key = "{secret}"\n')
    pieces = list(snapshot(repo).pieces())
    assert len(pieces) == 2
    assert all(piece.notes == ("redacted",) and secret.encode() not in (piece.data or b"") for piece in pieces)


def test_what_does_not_fit_is_listed(repo: Path, git: Callable[..., str], snapshot: Callable[..., Snapshot]) -> None:
    (repo / "large.bin").write_bytes(os.urandom(20_000))
    git("add", "-A")
    (repo / "small.py").write_text("x = 1\n")
    (repo / "huge.py").write_text("x = 1\n" * 10_000)
    with (repo / "train.py").open("a") as file:
        file.write("#d\n")
    pieces = {piece.path: piece for piece in snapshot(repo, snapshot_limit=4_000).pieces()}
    assert b"+#d" in (pieces[""].data or b"")
    assert pieces["small.py"].data == b"x = 1\n"
    for path in ("large.bin", "huge.py"):
        assert pieces[path].data is None
        assert "too large" in pieces[path].notes


def test_a_patch_that_does_not_fit_gives_way_to_whole_files(
    repo: Path, git: Callable[..., str], snapshot: Callable[..., Snapshot]
) -> None:
    (repo / "table.csv").write_text("".join(f"{number}\n" for number in range(5_000)))
    git("add", "-A")
    git("commit", "-qm", "c")
    (repo / "table.csv").write_text("one line\n")
    (repo / "train.py").write_text("x = 1\n")
    pieces = {piece.path: piece for piece in snapshot(repo, snapshot_limit=2_000).pieces()}
    assert pieces["table.csv"].data == b"one line\n"
    assert pieces["train.py"].data == b"x = 1\n"


def test_a_change_after_launch_is_marked(repo: Path, snapshot: Callable[..., Snapshot]) -> None:
    (repo / "train.py").write_text("at launch\n")
    (repo / "helper.py").write_text("at launch\n")
    (repo / "still.py").write_text("at launch\n")
    taken = snapshot(repo)
    (repo / "train.py").write_text("later\n")
    (repo / "helper.py").write_text("later\n")
    notes = {piece.path: piece.notes for piece in taken.pieces()}
    assert notes == {"": ("changed since launch",), "helper.py": ("changed since launch",), "still.py": ()}


def test_a_file_that_is_gone_is_listed(repo: Path, snapshot: Callable[..., Snapshot]) -> None:
    (repo / "helper.py").write_text("x")
    taken = snapshot(repo)
    (repo / "helper.py").unlink()
    (piece,) = taken.pieces()
    assert (piece.path, piece.data, piece.notes) == ("helper.py", None, ("changed since launch", "unreadable"))


def test_outside_git_the_script_is_kept(tmp_path: Path, snapshot: Callable[..., Snapshot]) -> None:
    (tmp_path / "train.py").write_text("x = 1\n")
    (piece,) = snapshot(tmp_path).pieces()
    assert (piece.kind, piece.path, piece.data) == (FILE, "train.py", b"x = 1\n")


def test_the_repository_is_left_alone(repo: Path, git: Callable[..., str], snapshot: Callable[..., Snapshot]) -> None:
    (repo / "train.py").write_text("x")
    os.utime(repo / "args.py", (1, 1))
    before = {path: (path.lstat().st_mtime_ns, path.lstat().st_ino) for path in repo.rglob("*")}
    list(snapshot(repo).pieces())
    assert {path: (path.lstat().st_mtime_ns, path.lstat().st_ino) for path in repo.rglob("*")} == before
