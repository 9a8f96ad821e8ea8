from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.configfiles import read_project_file, read_user_file
from kleio.errors import SettingsError


def test_a_missing_file_has_no_entries(tmp_path: Path) -> None:
    assert read_user_file(str(tmp_path / "none.toml")) == []
    assert read_project_file(str(tmp_path)) == []


def test_each_entry_knows_its_line(tmp_path: Path) -> None:
    (tmp_path / "kleio.toml").write_text('a = 1\n\n# b = 2\n[c]\n"d-e" = [\n  1,\n]\nf = 3\n')
    entries = read_project_file(str(tmp_path))
    assert [(one.name, one.value, one.place.rpartition(" ")[2]) for one in entries] == [
        ("a", 1, "1"),
        ("c_d_e", [1], "5"),
        ("c_f", 3, "8"),
    ]


def test_a_pyproject_without_a_table_of_ours_gives_way_to_the_next_file(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "kleio.toml").write_text("a = 1")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "pyproject.toml").write_text("[project]\nname = 'kleio'\n")
    assert [one.name for one in read_project_file(str(tmp_path / "sub"))] == ["a"]


def test_a_table_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool]\nkleio = 3\n")
    with pytest.raises(SettingsError) as caught:
        read_project_file(str(tmp_path))
    assert caught.value.message == f"{tmp_path}/pyproject.toml: tool.kleio is not a table"


def test_a_directory_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "kleio.toml").mkdir()
    with pytest.raises(SettingsError, match=r"kleio.toml cannot be read: Is a directory"):
        read_project_file(str(tmp_path))


@given(st.binary())
def test_any_content_gives_entries_or_a_settings_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    try:
        assert isinstance(read_user_file(str(path)), list)
    except SettingsError as error:
        assert str(path) in error.message
