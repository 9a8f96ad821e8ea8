"""A project is the same wherever it was cloned from and to."""

from __future__ import annotations

from pathlib import Path

import pytest

from kleio.capture.code.project import _address, directory_project


@pytest.mark.parametrize(
    "remote",
    [
        "https://example.org/team/proj.git", "https://example.org/team/proj", "https://me:pw@example.org/team/proj.git/",
        "git@example.org:team/proj.git", "ssh://git@example.org/team/proj.git", "https://EXAMPLE.org/team/proj",
    ],
)  # fmt: skip
def test_the_spellings_of_an_address_are_one(remote: str) -> None:
    assert _address(remote.removesuffix("/")) == "example.org/team/proj"


def test_directories_outside_git_are_projects_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "link").symlink_to("a")
    here = directory_project(str(tmp_path / "a"))
    assert (here.name, here.root, here.directory) == ("a", str(tmp_path / "a"), "")
    assert directory_project(str(tmp_path / "b")).id != here.id
    assert directory_project(str(tmp_path / "link")) == here
    assert directory_project("/").name == "/"
