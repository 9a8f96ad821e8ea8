"""A difference of code is told in files and lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kleio.capture.code.version import start_capture
from kleio.capture.recorded.change import MOST_LINES, describe_change
from kleio.capture.secrets.redactor import Redactor
from kleio.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from kleio.trial.snapshot import CodeVersion


@pytest.fixture
def look(tmp_path: Path) -> Callable[[Path], CodeVersion]:
    def now(place: Path) -> CodeVersion:
        settings = Settings(data=str(tmp_path / "data"))
        pending = start_capture(str(place), ["python", "train.py"], settings)
        try:
            return pending.finish()[0]
        finally:
            pending.kill()

    return now


@pytest.fixture
def small(repo: Path, git: Callable[..., str]) -> Path:
    (repo / "train.py").write_text("a = 1\nb = 2\nc = 3\n")
    git("commit", "-qam", "small")
    return repo


def differences(old: CodeVersion, new: CodeVersion, place: Path) -> list[str]:
    """The lines after the first, the record having been stored and read back."""
    lines = describe_change(json.loads(json.dumps(old.details())), new, str(place))
    assert lines[0].startswith("version: ")
    return lines[1:]


HUNK = ["modified: train.py", "    @@ -1,3 +1,3 @@", "     a = 1", "    -b = 2", "    +b = 3", "     c = 3"]


def test_no_difference_no_words(small: Path, look: Callable[[Path], CodeVersion]) -> None:
    assert describe_change(look(small).details(), look(small), str(small)) == []


def test_an_uncommitted_edit_shows_its_lines(small: Path, look: Callable[[Path], CodeVersion]) -> None:
    old = look(small)
    (small / "train.py").write_text("a = 1\nb = 3\nc = 3\n")
    new = look(small)
    assert differences(old, new, small) == HUNK
    short = str(old.commit)[:10]
    assert (
        describe_change(old.details(), new, str(small))[0] == f"version: {short} (main) -> {short} (main) with changes"
    )


def test_a_committed_edit_shows_its_lines(
    small: Path, git: Callable[..., str], look: Callable[[Path], CodeVersion]
) -> None:
    old = look(small)
    (small / "train.py").write_text("a = 1\nb = 3\nc = 3\n")
    git("commit", "-qam", "edit")
    assert differences(old, look(small), small) == HUNK


def test_from_dirty_to_clean_the_file_is_named(
    small: Path, git: Callable[..., str], look: Callable[[Path], CodeVersion]
) -> None:
    (small / "train.py").write_text("a = 1\nb = 3\nc = 3\n")
    old = look(small)
    git("checkout", "-q", ".")
    assert differences(old, look(small), small) == ["modified: train.py"]


def test_between_two_dirty_states_of_two_commits_only_what_differs_is_named(
    small: Path, git: Callable[..., str], look: Callable[[Path], CodeVersion]
) -> None:
    (small / "train.py").write_text("dirty\n")
    old = look(small)
    git("add", "args.py")
    (small / "new.py").write_text("x\n")
    git("add", "new.py")
    git("commit", "-qm", "new file only")
    assert differences(old, look(small), small) == ["added: new.py", "    @@ -0,0 +1 @@", "    +x"]


def test_added_deleted_and_mode(small: Path, look: Callable[[Path], CodeVersion]) -> None:
    old = look(small)
    (small / "helper.py").write_text("x = 1\n")
    (small / "train.py").unlink()
    (small / "args.py").chmod(0o755)
    names = [line for line in differences(old, look(small), small) if not line.startswith(" ")]
    assert names == ["mode changed: args.py", "added: helper.py, untracked, 1 line", "deleted: train.py"]


def test_an_untracked_helper_that_was_edited_is_named(small: Path, look: Callable[[Path], CodeVersion]) -> None:
    (small / "helper.py").write_text("x = 1\n")
    old = look(small)
    (small / "helper.py").write_text("x = 2\n")
    assert differences(old, look(small), small) == ["modified: helper.py"]


def test_an_untracked_file_that_is_new_is_one_line(small: Path, look: Callable[[Path], CodeVersion]) -> None:
    old = look(small)
    (small / "both.py").write_text("print(1)\n" * 12)
    (small / "one.py").write_text("x\n")
    (small / "raw.py").write_bytes(b"\0")
    assert differences(old, look(small), small) == [
        "added: both.py, untracked, 12 lines", "added: one.py, untracked, 1 line", "added: raw.py, untracked",
    ]  # fmt: skip


def test_a_long_difference_is_bounded(small: Path, look: Callable[[Path], CodeVersion]) -> None:
    old = look(small)
    (small / "train.py").write_text("\n".join(map(str, range(1000))))
    for number in range(50):
        (small / f"n{number}.py").write_text("x\n")
    lines = differences(old, look(small), small)
    assert lines[-1] == "and 31 more files"
    assert len(lines) < 150


def test_one_line_that_is_left_out_is_one_line(small: Path, look: Callable[[Path], CodeVersion]) -> None:
    old = look(small)
    before = len((small / "train.py").read_text().splitlines())
    (small / "train.py").write_text("".join(f"{number}\n" for number in range(MOST_LINES - before)))
    assert differences(old, look(small), small)[-1] == "    (1 more line)"


def test_a_version_that_git_no_longer_has_is_still_told(small: Path, look: Callable[[Path], CodeVersion]) -> None:
    old = {**look(small).details(), "commit": "0" * 40, "digest": "x"}
    (small / "train.py").write_text("x\n")
    lines = describe_change(old, look(small), str(small))
    assert lines[0].startswith("version: 0000000000 (main) -> ")


def test_of_a_summary_only_the_versions_are_told(small: Path, look: Callable[[Path], CodeVersion]) -> None:
    old = look(small)
    (small / "train.py").write_text("x\n")
    assert len(describe_change(old.summary(), look(small), str(small))) == 1


def test_outside_git_the_scripts_are_named(tmp_path: Path, look: Callable[[Path], CodeVersion]) -> None:
    (tmp_path / "train.py").write_text("x = 1\n")
    old = look(tmp_path)
    (tmp_path / "train.py").write_text("x = 2\n")
    assert describe_change(old.details(), look(tmp_path), str(tmp_path)) == [
        f"version: script {old.digest[:10]} -> script {look(tmp_path).digest[:10]}",
        "modified: train.py",
    ]


def test_secrets_in_shown_lines_are_redacted(small: Path, look: Callable[[Path], CodeVersion]) -> None:
    old = look(small)
    (small / "train.py").write_text('password = "hunter2x"\n')
    lines = describe_change(old.details(), look(small), str(small), Redactor(b"s" * 32, {}))
    assert "hunter2x" not in "".join(lines)


def test_an_odd_name_is_told(small: Path, look: Callable[[Path], CodeVersion]) -> None:
    old = look(small)
    (small / "*.py").write_text("x\n")
    assert differences(old, look(small), small) == ["added: *.py, untracked, 1 line"]
