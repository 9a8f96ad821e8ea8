from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kleio.capture.recorded.tree import RecordedTree, patched

LINES = st.lists(st.sampled_from(["a", "b", "- c", "-- d", "+ e", "", " f", "\\ g", "@@ -1 +1 @@"]), max_size=12)


def diff(directory: Path, old: bytes, new: bytes) -> bytes:
    (directory / "old").write_bytes(old)
    (directory / "new").write_bytes(new)
    line = ["git", "diff", "--no-index", "--full-index", "--binary", "old", "new"]
    return subprocess.run(line, cwd=directory, capture_output=True, check=False).stdout


@settings(max_examples=60)
@given(LINES, LINES, st.booleans(), st.booleans())
def test_a_patch_of_git_leads_from_the_old_to_the_new(
    tmp_path: Path, old: list[str], new: list[str], old_end: bool, new_end: bool
) -> None:
    before = "\n".join(old).encode() + b"\n" * old_end
    after = "\n".join(new).encode() + b"\n" * new_end
    section = diff(tmp_path, before, after)
    if before != after:
        assert patched(before, section) == after


@pytest.mark.parametrize(
    ("base", "section"),
    [
        (b"a\n", b"diff --git a/x b/x\nGIT binary patch\nliteral 3\nabc\n"),
        (b"a\n", b"@@ -1,5 +1,5 @@\n a\n"),
        (b"a\n", b"@@ -1 +1 @@\nrubbish\n"),
        (b"", b""),
    ],
)
def test_what_is_no_patch_of_text_or_does_not_fit_gives_nothing(base: bytes, section: bytes) -> None:
    assert patched(base, section) is None


def test_lines_around_a_change_come_from_the_commit_where_secrets_were_replaced() -> None:
    section = b"@@ -1,3 +1,3 @@\n key = <secret 12ab>\n-old\n+new\n end\n"
    assert patched(b"key = hunter2\nold\nend\n", section) == b"key = hunter2\nnew\nend\n"


def test_a_kept_file_is_read_and_what_was_not_kept_is_unknown() -> None:
    pieces = [
        {"kind": "file", "path": "a.py", "digest": "d"},
        {"kind": "file", "path": "big.py", "notes": ["too large"]},
    ]
    tree = RecordedTree(None, pieces, {"d": b"print()\n"}.__getitem__)
    assert tree.content("a.py", ("100644", "x"), 0.0) == b"print()\n"
    assert tree.content("big.py", ("100644", "y"), 0.0) is None
    assert tree.content("gone.py", ("000000", ""), 0.0) == b""
    assert tree.content("module", ("160000", "z"), 0.0) is None
