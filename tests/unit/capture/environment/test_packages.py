"""Installed distributions are read from their directories, and a change is never missed."""

from __future__ import annotations

import importlib.metadata
import json
import os
from pathlib import Path

import pytest

from kleio.capture.environment.packages import installed, normalised


def install(site: Path, name: str, metadata: str | None = None, file: str = "METADATA") -> Path:
    path = site / name
    path.mkdir(parents=True)
    if metadata is not None:
        (path / file).write_text(metadata)
    return path


def age(site: Path) -> None:
    """Make the directory old enough to be remembered."""
    os.utime(site, (1_000_000_000, 1_000_000_000))


@pytest.mark.parametrize(
    ("name", "metadata", "expected"),
    [
        ("numpy-1.26.4.dist-info", None, {"numpy": "1.26.4"}),
        ("Foo_Bar.Baz-1.0.post1.dist-info", None, {"foo-bar-baz": "1.0.post1"}),
        ("odd-name-1.0.dist-info", "Name: odd-name\nVersion: 1.0\n\nbody", {"odd-name": "1.0"}),
        ("broken.dist-info", "Name: x\n", {}),
        ("empty.dist-info", None, {}),
        ("~umpy-1.0.dist-info", None, {"~umpy": "1.0"}),
        ("old-1.2-py3.11.egg-info", None, {"old": "1.2"}),
        ("src.egg-info", None, {}),
        ("notes", None, {}),
    ],
)
def test_name_and_version_are_read(name: str, metadata: str | None, expected: dict[str, str], tmp_path: Path) -> None:
    install(tmp_path / "site", name, metadata)
    assert installed([str(tmp_path / "site")], str(tmp_path)) == expected


def test_an_egg_info_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "src.egg-info").write_text("Metadata-Version: 1.0\nName: Src\nVersion: 3\n")
    assert installed([str(tmp_path)], "") == {"src": "3"}


def test_an_editable_install_is_noted(tmp_path: Path) -> None:
    path = install(tmp_path, "mine-0.1.dist-info")
    (path / "direct_url.json").write_text(json.dumps({"url": "file:///x", "dir_info": {"editable": True}}))
    other = install(tmp_path, "other-0.1.dist-info")
    (other / "direct_url.json").write_text("[broken")
    assert installed([str(tmp_path)], "") == {"mine": "0.1 (editable)", "other": "0.1"}


def test_the_first_directory_wins(tmp_path: Path) -> None:
    install(tmp_path / "a", "x-1.dist-info")
    install(tmp_path / "b", "x-2.dist-info")
    install(tmp_path / "b", "y-1.dist-info")
    assert installed([str(tmp_path / "a"), str(tmp_path / "b"), "/nonexistent"], "") == {"x": "1", "y": "1"}


def test_an_upgrade_is_seen_at_once(tmp_path: Path) -> None:
    site, data = tmp_path / "site", str(tmp_path / "data")
    old = install(site, "x-1.dist-info")
    assert installed([str(site)], data) == {"x": "1"}
    old.rename(site / "x-2.dist-info")
    assert installed([str(site)], data) == {"x": "2"}
    age(site)
    assert installed([str(site)], data) == installed([str(site)], data) == {"x": "2"}
    (site / "x-2.dist-info").rename(site / "x-3.dist-info")
    assert installed([str(site)], data) == {"x": "3"}


def test_an_old_directory_is_not_read_again(tmp_path: Path) -> None:
    site, data = tmp_path / "site", str(tmp_path / "data")
    install(site, "odd.dist-info", "Name: odd\nVersion: 1\n")
    age(site)
    assert installed([str(site)], data) == {"odd": "1"}
    (site / "odd.dist-info/METADATA").write_text("Name: odd\nVersion: 2\n")
    assert installed([str(site)], data) == {"odd": "1"}


def test_it_agrees_with_the_standard_library() -> None:
    site = os.path.dirname(pytest.__path__[0])
    expected = {}
    for found in importlib.metadata.distributions(path=[site]):
        expected.setdefault(normalised(found.metadata["Name"]), found.version)
    found_here = {name: version.removesuffix(" (editable)") for name, version in installed([site], "").items()}
    assert found_here == expected
