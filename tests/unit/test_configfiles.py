from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.configfiles import read_project_file, read_user_file, write_entry
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


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, 'a = ["x", "y"]\n'),
        ("# mine\nb = 1", '# mine\nb = 1\na = ["x", "y"]\n'),
        ("a = [\n 1, # ]\n]\nb = 2\n", 'a = ["x", "y"]\nb = 2\n'),
        ("b = 1\n[t]\na = 3\n", 'b = 1\na = ["x", "y"]\n\n[t]\na = 3\n'),
    ],
)
def test_an_entry_is_written_and_the_rest_left_as_it_was(tmp_path: Path, before: str | None, after: str) -> None:
    path = tmp_path / "kleio" / "config.toml"
    if before is not None:
        path.parent.mkdir()
        path.write_text(before)
    write_entry(str(path), "a", ("x", "y"))
    assert path.read_text() == after


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"]))))
def test_any_words_are_read_back(tmp_path: Path, words: list[str]) -> None:
    path = str(tmp_path / "config.toml")
    write_entry(path, "a", words)
    assert [one.value for one in read_user_file(path)] == [words]


def test_a_file_that_is_no_toml_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("a = = 1")
    with pytest.raises(SettingsError):
        write_entry(str(tmp_path / "config.toml"), "a", ["x"])
    assert (tmp_path / "config.toml").read_text() == "a = = 1"
