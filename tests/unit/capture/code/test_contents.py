"""The digest of a tree follows its content only, and names agree with git's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.capture.code import contents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ENTRIES = st.lists(
    st.tuples(
        st.text(min_size=1, max_size=8),
        st.sampled_from(["100644", "100755", "120000"]),
        st.sampled_from(["a" * 40, "b" * 40]),
    ),
    unique_by=lambda entry: entry[0],
    max_size=12,
)


@given(ENTRIES, st.randoms())
def test_the_order_does_not_matter_and_every_entry_does(entries: list[tuple[str, str, str]], random: object) -> None:
    total = contents.total_of(entries)
    assert contents.total_of(sorted(entries, reverse=True)) == total
    for entry in entries:
        rest = [other for other in entries if other != entry]
        assert (total - contents.element(*entry)) % contents.MODULUS == contents.total_of(rest)
        assert contents.total_of(rest) != total


def test_a_listing_gives_the_same_sum_as_its_entries() -> None:
    sha = "c" * 40
    listing = f"100644 blob {sha}\ta.py\x00160000 commit {sha}\tlib\x00120000 blob {sha}\té\0".encode()
    total, links = contents.sum_of_tree(listing)
    assert total == contents.total_of([("a.py", "100644", sha), ("é", "120000", sha), ("lib", "160000", sha)])
    assert links == [("lib", sha)]


def test_submodules_count_by_what_stands_for_them() -> None:
    assert contents.digest_of_sum(1, {"lib": "x"}) != contents.digest_of_sum(1, {"lib": "y"})
    assert contents.digest_of_sum(1, {"a": "x", "b": "y"}) == contents.digest_of_sum(1, {"b": "y", "a": "x"})


@pytest.mark.parametrize("data", [b"", b"x\n", b"\0" * 3_000_000, b"a\r\nb"])
def test_names_are_gits(data: bytes, repo: Path, git: Callable[..., str]) -> None:
    (repo / "f").write_bytes(data)
    name = git("hash-object", "--no-filters", "f").strip()
    assert contents.read_blob(os.fsencode(repo / "f"), "100644") == (name, b"\r\n" in data)
    assert contents.blob_id_of(data) == name


def test_a_link_is_named_by_its_target(repo: Path, git: Callable[..., str]) -> None:
    (repo / "link").symlink_to("nowhere")
    git("add", "link")
    assert contents.read_blob(os.fsencode(repo / "link"), "120000")[0] == git("rev-parse", ":link").strip()


@pytest.mark.parametrize(("make", "mode"), [
    (lambda path: path.write_text(""), "100644"),
    (lambda path: (path.write_text(""), path.chmod(0o700)), "100755"),
    (lambda path: path.symlink_to("x"), "120000"),
    (lambda path: path.mkdir(), None),
    (os.mkfifo, None),
    (lambda path: None, None),
])  # fmt: skip
def test_modes_are_gits(make: Callable[[Path], object], mode: str | None, tmp_path: Path) -> None:
    make(tmp_path / "f")
    assert contents.mode_of(os.fsencode(tmp_path / "f")) == mode


def test_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(contents.Unreadable):
        contents.read_blob(os.fsencode(tmp_path / "missing"), "100644")
