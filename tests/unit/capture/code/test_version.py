"""Content decides what a change is, on real repositories of every shape."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from harness.waiting import until
from kleio.capture.code.version import PendingCode, start_capture
from kleio.clock import FakeClock
from kleio.errors import CodeUnknown
from kleio.settings import Settings
from kleio.trial.snapshot import CodeVersion, Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Git = Callable[..., str]


def capture(
    place: Path, tmp_path: Path, argv: tuple[str, ...] = ("python", "train.py"), **settings: object
) -> PendingCode:
    return start_capture(str(place), argv, Settings(**{"data": str(tmp_path / "data"), **settings}))  # type: ignore[arg-type]


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., CodeVersion]:
    """``look(directory)``: the code version as it stands there."""

    def now(place: Path, **settings: object) -> CodeVersion:
        pending = capture(place, tmp_path, **settings)
        try:
            return pending.finish()[0]
        finally:
            pending.kill()

    return now


@pytest.fixture
def project(tmp_path: Path) -> Callable[[Path], Project]:
    """``project(directory)``: where a command there belongs."""

    def now(place: Path) -> Project:
        pending = capture(place, tmp_path)
        try:
            return pending.project()
        finally:
            pending.kill()

    return now


def commit_all(git: Git, cwd: Path | None = None) -> None:
    git("add", "-A", cwd=cwd)
    git("commit", "-qm", "c", cwd=cwd)


def edit(path: Path) -> None:
    with path.open("a") as file:
        file.write("# edited\n")


def test_a_clean_tree_is_its_commit(repo: Path, git: Git, look: Callable[..., CodeVersion]) -> None:
    version = look(repo)
    assert (version.kind, version.branch, version.dirty) == ("git", "main", False)
    assert version.commit == git("rev-parse", "HEAD").strip()
    assert (version.changed, version.untracked, version.notes) == ((), (), ())
    assert version.script == "train.py"


def test_remembered_and_fresh_looks_agree(repo: Path, look: Callable[..., CodeVersion]) -> None:
    edit(repo / "train.py")
    assert look(repo) == look(repo) == look(repo, data="")


EDITS: dict[str, Callable[[Path], object]] = {
    "edited": lambda r: edit(r / "train.py"),
    "deleted": lambda r: (r / "args.py").unlink(),
    "executable": lambda r: (r / "args.py").chmod(0o755),
    "became a link": lambda r: ((r / "args.py").unlink(), (r / "args.py").symlink_to("train.py")),
    "new source": lambda r: (r / "helper.py").write_text("x = 1\n"),
    "new executable source": lambda r: ((r / "s.sh").write_text("#!/bin/sh\n"), (r / "s.sh").chmod(0o755)),
    "new source deep inside": lambda r: ((r / "a/deep").mkdir(parents=True), (r / "a/deep/c.py").write_text("")),
    "file became directory": lambda r: (
        (r / "args.py").unlink(),
        (r / "args.py").mkdir(),
        (r / "args.py/x.py").write_text(""),
    ),
    "moved": lambda r: (r / "args.py").rename(r / "moved.py"),
    "empty": lambda r: (r / "args.py").write_text(""),
    "name not UTF-8": lambda r: Path(os.fsdecode(os.fsencode(r) + b"/\xff\xe9.py")).write_text("x"),
    "odd names": lambda r: [
        (r / n).write_text("x") for n in ('"q".py', "new\nline.py", "tab\t.py", " .py", "-x.py", "☃.py")
    ],
    "binary": lambda r: (r / "train.py").write_bytes(bytes(range(256)) * 99),
}


@pytest.mark.parametrize("change", EDITS.values(), ids=EDITS.keys())
def test_an_edit_is_a_change_and_committing_it_is_none(
    change: Callable[[Path], object], repo: Path, git: Git, look: Callable[..., CodeVersion]
) -> None:
    clean = look(repo)
    change(repo)
    dirty = look(repo)
    assert dirty.digest != clean.digest
    assert dirty.dirty
    git("add", "-A")
    staged = look(repo)
    git("commit", "-qm", "c")
    committed = look(repo)
    assert dirty.digest == staged.digest == committed.digest
    assert not committed.dirty


@pytest.mark.parametrize("change", EDITS.values(), ids=EDITS.keys())
def test_taking_an_edit_back_is_no_change(
    change: Callable[[Path], object], repo: Path, git: Git, look: Callable[..., CodeVersion]
) -> None:
    clean = look(repo)
    change(repo)
    git("add", "-A")
    git("commit", "-qm", "c")
    git("revert", "--no-edit", "HEAD")
    assert look(repo).digest == clean.digest


@pytest.mark.parametrize(
    "harmless",
    [
        ("commit", "--amend", "-qm", "other words"),
        ("branch", "-m", "other"),
        ("checkout", "-q", "-b", "other"),
        ("checkout", "-q", "--detach"),
        ("commit", "-q", "--allow-empty", "-m", "empty"),
        ("tag", "v1"),
        ("gc", "-q"),
        ("pack-refs", "--all"),
        ("remote", "add", "origin", "https://example.org/x.git"),
    ],
    ids=" ".join,
)
def test_what_leaves_the_content_alone_is_no_change(
    harmless: tuple[str, ...], repo: Path, git: Git, look: Callable[..., CodeVersion]
) -> None:
    before = look(repo)
    git(*harmless)
    assert look(repo).digest == before.digest


def test_touching_a_file_is_no_change(repo: Path, look: Callable[..., CodeVersion]) -> None:
    before = look(repo)
    os.utime(repo / "train.py", (1, 1))
    assert look(repo) == before


@pytest.mark.parametrize("name", ["result.txt", "model.pt", "logs/events.bin", "data.csv", "Makefile"])
def test_a_result_left_behind_is_no_change(name: str, repo: Path, look: Callable[..., CodeVersion]) -> None:
    before = look(repo)
    (repo / name).parent.mkdir(exist_ok=True)
    (repo / name).write_text("1\n")
    assert look(repo) == before


def test_an_ignored_file_is_never_a_change(repo: Path, git: Git, look: Callable[..., CodeVersion]) -> None:
    (repo / ".gitignore").write_text("gen_*.py\nbuild/\n")
    commit_all(git)
    before = look(repo)
    (repo / "gen_a.py").write_text("x")
    (repo / "build").mkdir()
    (repo / "build/b.py").write_text("x")
    assert look(repo) == before


def test_the_edited_untracked_helper_is_a_change(repo: Path, look: Callable[..., CodeVersion]) -> None:
    (repo / "helper.py").write_text("x = 1\n")
    before = look(repo)
    assert [path for path, _, _ in before.untracked] == ["helper.py"]
    (repo / "helper.py").write_text("x = 2\n")
    assert look(repo).digest != before.digest


@pytest.mark.parametrize("pattern", ["notes.py", "scratch", "scratch/", "scratch/*.py", "*.tmp.py"])
def test_code_ignore_takes_files_out_tracked_or_not(
    pattern: str, repo: Path, git: Git, look: Callable[..., CodeVersion]
) -> None:
    name = {"notes.py": "notes.py", "*.tmp.py": "a/x.tmp.py"}.get(pattern, "scratch/x.py")
    ignoring = {"code_ignore": (pattern,)}
    before = look(repo, **ignoring)
    (repo / name).parent.mkdir(exist_ok=True)
    (repo / name).write_text("x")
    assert look(repo, **ignoring).digest == before.digest
    commit_all(git)
    assert look(repo, **ignoring).digest == before.digest
    edit(repo / name)
    ignored = look(repo, **ignoring)
    assert (ignored.digest, ignored.dirty) == (before.digest, False)
    assert look(repo).dirty


def test_code_patterns_decide_what_untracked_code_is(repo: Path, look: Callable[..., CodeVersion]) -> None:
    before = look(repo, code_patterns=("*.toml",))
    (repo / "helper.py").write_text("x")
    assert look(repo, code_patterns=("*.toml",)) == before
    (repo / "conf.toml").write_text("x")
    assert look(repo, code_patterns=("*.toml",)).digest != before.digest


def test_a_staged_edit_that_was_taken_back_in_the_tree_is_clean(
    repo: Path, git: Git, look: Callable[..., CodeVersion]
) -> None:
    before = look(repo)
    original = (repo / "train.py").read_bytes()
    edit(repo / "train.py")
    git("add", "train.py")
    (repo / "train.py").write_bytes(original)
    assert look(repo) == before


def test_a_file_removed_from_the_index_only_is_no_change(
    repo: Path, git: Git, look: Callable[..., CodeVersion]
) -> None:
    before = look(repo)
    git("rm", "-q", "--cached", "train.py")
    assert look(repo).digest == before.digest


def test_intent_to_add_counts_the_content(repo: Path, git: Git, look: Callable[..., CodeVersion]) -> None:
    (repo / "conf.toml").write_text("a = 1\n")
    git("add", "-N", "conf.toml")
    before = look(repo)
    commit_all(git)
    assert look(repo).digest == before.digest


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_an_edit_that_git_was_told_not_to_see_is_seen(
    flag: str, repo: Path, git: Git, look: Callable[..., CodeVersion]
) -> None:
    git("update-index", flag, "train.py")
    before = look(repo)
    assert not before.dirty
    edit(repo / "train.py")
    assert git("status", "--porcelain") == ""
    after = look(repo)
    assert after.digest != before.digest
    assert [path for path, _, _ in after.changed] == ["train.py"]


def test_a_sparse_checkout_is_the_same_code(repo: Path, git: Git, look: Callable[..., CodeVersion]) -> None:
    (repo / "big").mkdir()
    (repo / "big/x.py").write_text("x")
    commit_all(git)
    before = look(repo)
    git("sparse-checkout", "set", "--no-cone", "/*", "!/big/")
    assert not (repo / "big").exists()
    assert look(repo).digest == before.digest


def test_a_conflict_is_read_as_it_lies_on_disk(repo: Path, git: Git, look: Callable[..., CodeVersion]) -> None:
    git("checkout", "-qb", "side")
    (repo / "train.py").write_text("side\n")
    commit_all(git)
    git("checkout", "-q", "main")
    (repo / "train.py").write_text("main\n")
    commit_all(git)
    with pytest.raises(subprocess.CalledProcessError):
        git("merge", "side")
    conflict = look(repo)
    assert [path for path, _, _ in conflict.changed] == ["train.py"]
    git("add", "-A")
    git("commit", "-qm", "merged with its marks")
    assert look(repo).digest == conflict.digest


@pytest.mark.parametrize("autocrlf", ["true", "input"])
def test_line_ends_that_git_converts_are_no_change_once_committed(
    autocrlf: str, repo: Path, git: Git, look: Callable[..., CodeVersion]
) -> None:
    git("config", "core.autocrlf", autocrlf)
    (repo / "train.py").write_bytes(b"a = 1\r\nb = 2\r\n")
    (repo / "new.py").write_bytes(b"a = 1\r\n")
    dirty = look(repo)
    commit_all(git)
    assert look(repo).digest == dirty.digest
    (repo / "train.py").write_bytes(b"a = 1\nb = 2\n")
    assert look(repo).digest == dirty.digest


def test_a_filter_of_the_user_is_applied(repo: Path, git: Git, look: Callable[..., CodeVersion]) -> None:
    git("config", "--global", "filter.upper.clean", "tr a-z A-Z")
    git("config", "--global", "filter.upper.smudge", "tr A-Z a-z")
    (repo / ".gitattributes").write_text("*.py filter=upper\n")
    commit_all(git)
    (repo / "train.py").write_text("lower\n")
    dirty = look(repo)
    commit_all(git)
    assert git("show", "HEAD:train.py") == "LOWER\n"
    assert look(repo).digest == dirty.digest


def test_before_the_first_commit_there_is_a_version_without_a_commit(
    tmp_path: Path, git: Git, look: Callable[..., CodeVersion]
) -> None:
    place = tmp_path / "e"
    place.mkdir()
    git("init", "-q", ".", cwd=place)
    (place / "train.py").write_text("x = 1\n")
    before = look(place)
    assert (before.kind, before.commit, before.branch, before.notes) == ("git", None, "main", ("no commit",))
    git("add", "-A", cwd=place)
    assert look(place).digest == before.digest
    git("commit", "-qm", "c", cwd=place)
    assert look(place).digest == before.digest


def test_a_sha256_repository_works(tmp_path: Path, git: Git, look: Callable[..., CodeVersion]) -> None:
    place = tmp_path / "e"
    place.mkdir()
    git("init", "-q", "--object-format=sha256", ".", cwd=place)
    (place / "train.py").write_text("x = 1\n")
    before = look(place)
    commit_all(git, place)
    after = look(place)
    assert len(after.commit or "") == 64
    assert after.digest == before.digest


def test_a_detached_head_has_no_branch(repo: Path, git: Git, look: Callable[..., CodeVersion]) -> None:
    git("checkout", "-q", "--detach")
    assert look(repo).branch is None


def test_another_work_tree_of_the_repository_is_the_same_code_and_project(
    repo: Path, git: Git, tmp_path: Path, look: Callable[..., CodeVersion], project: Callable[[Path], Project]
) -> None:
    git("worktree", "add", "-q", "-b", "side", str(tmp_path / "w"))
    assert look(tmp_path / "w").digest == look(repo).digest
    assert (project(tmp_path / "w").id, project(tmp_path / "w").name) == (project(repo).id, project(repo).name)


def test_a_work_tree_inside_the_repository_does_not_count(
    repo: Path, git: Git, look: Callable[..., CodeVersion]
) -> None:
    before = look(repo)
    git("worktree", "add", "-q", "-b", "side", "side")
    edit(repo / "side/train.py")
    assert look(repo) == before


@pytest.fixture
def nested(repo: Path, git: Git, tmp_path: Path) -> Path:
    """A repository with a submodule in ``lib``; the submodule's own work tree."""
    library = tmp_path / "library"
    library.mkdir()
    git("init", "-q", ".", cwd=library)
    (library / "lib.py").write_text("x = 1\n")
    commit_all(git, library)
    git("submodule", "--quiet", "add", str(library), "lib")
    commit_all(git)
    return repo / "lib"


def test_an_edit_in_a_submodule_is_a_change_whatever_is_committed_where(
    nested: Path, repo: Path, git: Git, look: Callable[..., CodeVersion]
) -> None:
    clean = look(repo)
    assert not clean.dirty
    edit(nested / "lib.py")
    dirty = look(repo)
    assert dirty.digest != clean.digest
    assert [path for path, _, _ in dirty.changed] == ["lib/lib.py"]
    commit_all(git, nested)
    moved = look(repo)
    assert moved.digest == dirty.digest
    assert [path for path, _, _ in moved.changed] == ["lib"]
    commit_all(git)
    assert look(repo).digest == dirty.digest


def test_an_untracked_source_in_a_submodule_is_a_change(
    nested: Path, repo: Path, look: Callable[..., CodeVersion]
) -> None:
    clean = look(repo)
    (nested / "out.txt").write_text("x")
    assert look(repo) == clean
    (nested / "new.py").write_text("x")
    assert [path for path, _, _ in look(repo).untracked] == ["lib/new.py"]


def test_a_submodule_that_is_not_checked_out_is_its_commit(
    nested: Path, repo: Path, git: Git, look: Callable[..., CodeVersion], tmp_path: Path
) -> None:
    git("clone", "-q", str(repo), str(tmp_path / "clone"))
    version = look(tmp_path / "clone")
    assert (version.dirty, version.notes) == (False, ())


def test_looking_from_inside_a_submodule_sees_the_submodule(nested: Path, project: Callable[[Path], Project]) -> None:
    assert project(nested).root == str(nested)


def test_a_foreign_clone_inside_counts_by_its_content(repo: Path, git: Git, look: Callable[..., CodeVersion]) -> None:
    (repo / "vendored").mkdir()
    git("init", "-q", ".", cwd=repo / "vendored")
    (repo / "vendored/v.py").write_text("x")
    commit_all(git, repo / "vendored")
    before = look(repo)
    edit(repo / "vendored/v.py")
    assert look(repo).digest != before.digest


def test_the_index_and_the_refs_are_never_touched(repo: Path, look: Callable[..., CodeVersion]) -> None:
    os.utime(repo / "train.py", (1, 1))
    edit(repo / "args.py")
    (repo / "helper.py").write_text("x")
    (repo / ".git/index.lock").write_text("")
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in sorted((repo / ".git").rglob("*"))}
    look(repo)
    assert {
        path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in sorted((repo / ".git").rglob("*"))
    } == before


def test_the_remote_is_recorded_without_its_password(repo: Path, git: Git, look: Callable[..., CodeVersion]) -> None:
    git("remote", "add", "origin", "https://me:hunter2" + "secret@example.org/team/proj.git")
    remote = look(repo).remote or ""
    assert "hunter2" not in remote
    assert remote.endswith("@example.org/team/proj.git")


def test_a_clone_is_the_same_project_and_a_directory_is_relative(
    repo: Path, git: Git, tmp_path: Path, project: Callable[[Path], Project]
) -> None:
    git("clone", "-q", str(repo), str(tmp_path / "clone"))
    (repo / "sub").mkdir()
    (tmp_path / "clone/sub").mkdir()
    here, there = project(repo / "sub"), project(tmp_path / "clone/sub")
    assert here.id == there.id == git("rev-list", "--max-parents=0", "HEAD").strip()
    assert here.directory == there.directory == "sub"
    assert project(repo).directory == ""


def test_a_merged_foreign_history_does_not_change_the_project(
    repo: Path, git: Git, tmp_path: Path, project: Callable[[Path], Project]
) -> None:
    before = project(repo)
    other = tmp_path / "other"
    other.mkdir()
    git("init", "-q", ".", cwd=other)
    (other / "o.py").write_text("x")
    commit_all(git, other)
    git("pull", "-q", "--no-rebase", "--no-edit", "--allow-unrelated-histories", str(other), "main")
    assert project(repo).id == before.id


def test_shallow_clones_of_one_remote_are_one_project(
    repo: Path, git: Git, tmp_path: Path, project: Callable[[Path], Project]
) -> None:
    edit(repo / "train.py")
    commit_all(git)
    for name in ("a", "b"):
        git("clone", "-q", "--depth", "1", f"file://{repo}", str(tmp_path / name))
    assert project(tmp_path / "a").id == project(tmp_path / "b").id
    assert (tmp_path / "a/.git/shallow").exists()


def test_a_new_repository_at_an_old_path_is_a_new_project(
    tmp_path: Path, git: Git, project: Callable[[Path], Project]
) -> None:
    ids = set()
    for text in ("1", "2"):
        place = tmp_path / "same"
        subprocess.run(["rm", "-rf", str(place)], check=True)
        place.mkdir()
        git("init", "-q", ".", cwd=place)
        (place / "x.py").write_text(text)
        commit_all(git, place)
        ids.add(project(place).id)
    assert len(ids) == 2


def test_outside_git_the_script_decides(
    tmp_path: Path, look: Callable[..., CodeVersion], project: Callable[[Path], Project]
) -> None:
    (tmp_path / "train.py").write_text("x = 1\n")
    before = look(tmp_path)
    assert (before.kind, before.script, before.notes) == ("script", "train.py", ("not in git",))
    (tmp_path / "other.py").write_text("x = 1\n")
    assert look(tmp_path) == before
    edit(tmp_path / "train.py")
    assert look(tmp_path).digest != before.digest
    assert project(tmp_path).root == str(tmp_path)


def test_outside_git_without_a_script_there_is_no_version(tmp_path: Path) -> None:
    version, snapshot = capture(tmp_path, tmp_path, ("ls", "-l")).finish()
    assert (version.kind, version.script) == ("none", None)
    assert not snapshot


def test_inside_a_bare_repository_there_is_no_work_tree(
    repo: Path, git: Git, tmp_path: Path, look: Callable[..., CodeVersion]
) -> None:
    git("clone", "-q", "--bare", str(repo), str(tmp_path / "bare.git"))
    assert look(tmp_path / "bare.git").kind == "none"


@pytest.mark.parametrize("damage", ["HEAD", "index", "config", "objects"])
def test_a_damaged_repository_degrades_to_the_script(
    damage: str, repo: Path, look: Callable[..., CodeVersion], tmp_path: Path
) -> None:
    path = repo / ".git" / damage
    if path.is_dir():
        subprocess.run(["rm", "-rf", str(path)], check=True)
    else:
        path.write_bytes(b"\0garbage[\xff")
    version = look(repo)
    assert version.kind == "script"
    assert version.notes[0].startswith("git refused: fatal: ") or version.notes[0].startswith("git refused: error: ")


def test_a_git_file_that_leads_nowhere_degrades_to_the_script(tmp_path: Path, look: Callable[..., CodeVersion]) -> None:
    (tmp_path / ".git").write_text("gitdir: /nowhere\n")
    (tmp_path / "train.py").write_text("x")
    assert look(tmp_path).kind == "script"


def test_without_git_the_script_decides(
    repo: Path, monkeypatch: pytest.MonkeyPatch, look: Callable[..., CodeVersion]
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    version = look(repo)
    assert (version.kind, version.notes) == ("script", ("git not available",))


def silence_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A git that writes its process group into the file ``pids`` and says nothing."""
    (tmp_path / "bin").mkdir()
    slow = tmp_path / "bin/git"
    slow.write_text(f"#!/bin/sh\necho $$ >>{tmp_path}/pids\nsleep 600 & wait\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")


def test_a_git_that_never_answers_is_killed_at_the_limit(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, look: Callable[..., CodeVersion]
) -> None:
    silence_git(tmp_path, monkeypatch)
    version = look(repo, git_timeout=0.5)
    assert (version.kind, version.notes) == ("script", ("incomplete",))
    groups = {int(pid) for pid in (tmp_path / "pids").read_text().split()}
    assert len(groups) >= 2
    until(lambda: not any(_group(path) in groups for path in Path("/proc").glob("[0-9]*/stat")), "all to be dead")


def test_a_git_that_does_not_say_which_project_it_is_makes_no_other_of_it(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silence_git(tmp_path, monkeypatch)
    pending = capture(repo, tmp_path, git_timeout=0.5)
    with pytest.raises(CodeUnknown, match="git did not say in time where the history of") as refused:
        pending.project()
    assert "KLEIO_GIT_TIMEOUT" in str(refused.value.hint)
    groups = {int(pid) for pid in (tmp_path / "pids").read_text().split()}
    until(lambda: not any(_group(path) in groups for path in Path("/proc").glob("[0-9]*/stat")), "all to be dead")


def test_a_look_is_old_when_half_of_its_time_is_over(repo: Path, tmp_path: Path) -> None:
    clock = FakeClock()
    settings = Settings(data=str(tmp_path / "data"), git_timeout=10.0)
    pending = start_capture(str(repo), ["python", "train.py"], settings, clock=clock)
    assert not pending.is_old
    clock.advance(6)
    assert pending.is_old
    pending.kill()


def _group(stat: Path) -> int | None:
    try:
        fields = stat.read_text(errors="replace").rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[2])


def test_a_repository_that_changes_under_the_look_gives_one_of_its_states(
    repo: Path, git: Git, look: Callable[..., CodeVersion]
) -> None:
    script = (
        'i=0; while [ ! -e stop ]; do i=$((i+1)); echo "x=$i" >train.py; git commit -qam $i; '
        "git checkout -q --detach HEAD~1 2>/dev/null; git checkout -q main; done; touch stopped"
    )
    with subprocess.Popen(["sh", "-c", script], cwd=repo, stderr=subprocess.DEVNULL, start_new_session=True) as churn:
        seen = [look(repo, git_timeout=10.0) for _ in range(8)]
        (repo / "stop").write_text("")
        churn.wait(30)
    for version in seen:
        assert version.kind in ("git", "script")
        assert set(version.notes) <= {"unstable"} or version.kind == "script"


def test_many_looks_at_once_agree(repo: Path, tmp_path: Path) -> None:
    edit(repo / "train.py")
    pending = [capture(repo, tmp_path) for _ in range(8)]
    assert len({one.finish()[0].digest for one in pending}) == 1


def test_inherited_git_variables_change_nothing(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, look: Callable[..., CodeVersion]
) -> None:
    before = look(repo)
    for name, value in (
        ("GIT_DIR", "/nowhere"),
        ("GIT_INDEX_FILE", "/nowhere"),
        ("GIT_WORK_TREE", "/"),
        ("GIT_TRACE", "1"),
    ):
        monkeypatch.setenv(name, value)
    assert look(repo) == before


def test_an_unreadable_file_is_noted_not_fatal(repo: Path, look: Callable[..., CodeVersion]) -> None:
    (repo / "loop.py").symlink_to("loop.py")
    (repo / "fifo").unlink(missing_ok=True)
    os.mkfifo(repo / "pipe.py")
    assert look(repo).kind == "git"
