from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kleio
from kleio.errors import SettingsError
from kleio.settings import NAMES, Settings, load_settings, prepare_data, unknown_variables, user_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a directory in it."""
    (tmp_path / "r" / ".git").mkdir(parents=True)
    (tmp_path / "r" / "sub").mkdir()
    return tmp_path / "r"


def load(project: Path, *, flags: dict[str, Any] | None = None, cwd: str = "", **environ: str) -> Settings:
    home = str(project.parent / "home")
    return load_settings(flags or {}, {"HOME": home, **environ}, str(project / cwd))


def write_user(project: Path, text: str) -> Path:
    path = project.parent / "home" / ".config" / "kleio" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_everything_has_a_default_below_the_home(project: Path) -> None:
    settings = load(project)
    home = project.parent / "home"
    assert settings.data == f"{home}/.local/share/kleio"
    assert settings.journal == f"sqlite://{home}/.local/share/kleio/journal.sqlite"
    assert set(settings.origins) == set(NAMES)
    assert set(settings.origins.values()) == {"default"}
    assert not home.exists()


def test_flags_win_over_variables_over_the_project_over_the_user_over_defaults(project: Path) -> None:
    user = write_user(project, 'lease = "10m"\nheartbeat = "20s"\noutput = "pipe"\ngit_timeout = "1s"\n')
    (project / "kleio.toml").write_text('\noutput = "off"\nheartbeat = 19\nlease = "9m"\n')
    settings = load(project, flags={"lease": "7m", "output": None}, KLEIO_LEASE="8m", KLEIO_HEARTBEAT="18s")
    assert (settings.lease, settings.heartbeat, settings.output, settings.git_timeout) == (420.0, 18.0, "off", 1.0)
    assert settings.stop_grace == 30.0
    origins = settings.origins
    assert origins["lease"] == "--lease"
    assert origins["heartbeat"] == "KLEIO_HEARTBEAT"
    assert origins["output"] == f"{project}/kleio.toml, line 2"
    assert origins["git_timeout"] == f"{user}, line 4"
    assert origins["stop_grace"] == "default"


@pytest.mark.parametrize("spelling", ["code_ignore = ['x']", "code-ignore = ['x']", "[code]\nignore = ['x']"])
def test_a_table_a_dash_and_an_underscore_mean_the_same_setting(project: Path, spelling: str) -> None:
    (project / "kleio.toml").write_text(spelling)
    assert load(project).code_ignore == ("x",)


def test_the_project_file_is_found_from_below_up_to_the_top_of_the_repository(project: Path) -> None:
    (project / "pyproject.toml").write_text("[project]\nname = 'x'\n\n[tool.kleio]\nlease = '4m'\n")
    settings = load(project, cwd="sub")
    assert settings.lease == 240.0
    assert settings.origins["lease"] == f"{project}/pyproject.toml, line 5"
    (project / "sub" / "kleio.toml").write_text("lease = '5m'")
    assert load(project, cwd="sub").lease == 300.0


def test_a_file_above_the_repository_or_above_a_plain_directory_does_not_count(project: Path, tmp_path: Path) -> None:
    (tmp_path / "kleio.toml").write_text("lease = '5m'")
    (tmp_path / "plain").mkdir()
    assert load(project).lease == 120.0
    assert load(tmp_path / "plain").lease == 120.0
    assert load(tmp_path).lease == 300.0


@pytest.mark.parametrize("name", ["journal", "data"])
@pytest.mark.parametrize("file", ["kleio.toml", "pyproject.toml"])
def test_a_project_may_not_say_where_records_go(project: Path, name: str, file: str) -> None:
    table = "[tool.kleio]\n" if file == "pyproject.toml" else "\n"
    (project / file).write_text(f"{table}{name} = 'mongodb://evil/x'\n")
    with pytest.raises(SettingsError) as caught:
        load(project)
    assert caught.value.message == f"{project}/{file}, line 2: a project may not set '{name}'"
    assert caught.value.hint is not None
    assert caught.value.hint.startswith(f"set KLEIO_{name.upper()}, or {name} in ")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("leese = 3", ", line 1: unknown setting 'leese'", "did you mean 'lease'?"),
        ("zzz = 3", ", line 1: unknown setting 'zzz'", "`kleio config` lists the settings"),
        ("\nlease = 'soon'", ", line 2: lease: 'soon' is not a duration such as 30s, 2m, 1h30m or 90", None),
        ("lease = true", ", line 1: lease: True is not a duration", None),
        ("lease = 0", ", line 1: lease: 0 is out of range", None),
        ("output_head = -1", ", line 1: output_head: -1 is out of range", None),
        ("output_head = 1.5", ", line 1: output_head: 1.5 is not a size", None),
        ("output_head = '1 X'", ", line 1: output_head: '1 X' is not a size such as 64MiB, 500kB or 1048576", None),
        ("output = 'loud'", ", line 1: output: 'loud' is none of merge, split, pipe, off", None),
        ("output = 3", ", line 1: output: 3 is not a text", None),
        ("output = ''", ", line 1: output: '' is none of merge, split, pipe, off", None),
        ("variables = 3", ", line 1: variables: 3 is not a list of patterns", None),
        ("variables = [3]", ", line 1: variables: [3] is not a list of patterns", None),
    ],
)
def test_a_bad_value_is_refused_naming_file_line_and_key(
    project: Path, text: str, message: str, hint: str | None
) -> None:
    (project / "kleio.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(project)
    assert caught.value.message == f"{project}/kleio.toml{message}"
    assert caught.value.hint == (hint or "`kleio config` shows all settings")
    assert caught.value.exit_code == 125


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("journal", "the address is empty; it has to be one such as sqlite:///PATH or mongodb://HOST/NAME"),
        ("data", "the name of the directory is empty"),
    ],
)
def test_an_empty_flag_is_called_empty(project: Path, name: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({name: ""}, {"HOME": str(project)}, str(project))
    assert caught.value.message == f"--{name}: {message}"


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("KLEIO_LEASE", "x", "KLEIO_LEASE: 'x' is not a duration such as 30s, 2m, 1h30m or 90"),
        ("KLEIO_JOURNAL", "foo", "KLEIO_JOURNAL: this is not an address such as sqlite:///PATH or mongodb://HOST/NAME"),
        ("KLEIO_DATA", "a/b", "KLEIO_DATA: 'a/b' is not an absolute path"),
        ("KLEIO_DB_TYPE", "redis", "KLEIO_DB_TYPE: 'redis' is not supported"),
    ],
)  # fmt: skip
def test_a_bad_variable_is_refused_by_its_name(project: Path, variable: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(project, **{variable: value})
    assert caught.value.message == message


def test_no_message_shows_what_stands_in_a_bad_address(project: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(project, KLEIO_JOURNAL="mongo://ada:PASSWORD@host/x")
    assert "PASSWORD" not in f"{caught.value.message}{caught.value.hint}"


def test_a_broken_file_is_named_with_the_line(project: Path) -> None:
    (project / "kleio.toml").write_text("lease = 3\nheartbeat = = 4\n")
    with pytest.raises(SettingsError, match=r"kleio.toml is not valid TOML: .*line 2"):
        load(project)


def test_a_file_that_is_no_text_is_named(project: Path) -> None:
    path = write_user(project, "")
    path.write_bytes(b"lease = '\xff'")
    with pytest.raises(SettingsError) as caught:
        load(project)
    assert caught.value.message == f"{path} is not UTF-8 text (byte 9)"


def test_a_heartbeat_must_fit_twice_into_the_lease(project: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(project, KLEIO_LEASE="20s")
    assert caught.value.message == "heartbeat (15 s, default) must be at most half of lease (20 s, KLEIO_LEASE)"


def test_a_list_that_begins_with_a_plus_adds_to_the_default(project: Path) -> None:
    settings = load(project, KLEIO_VARIABLES="+, MY_*", KLEIO_COMPARE="python packages")
    assert settings.variables == (*Settings().variables, "MY_*")
    assert settings.compare == ("python", "packages")


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({"KLEIO_DB_NAME": "lab"}, "mongodb://localhost/lab"),
        ({"KLEIO_DB_ADDRESS": "db.example:27018"}, "mongodb://db.example:27018/kleio"),
        ({"KLEIO_DB_TYPE": "MongoDB", "KLEIO_DB_NAME": "lab", "KLEIO_DB_ADDRESS": "a,b"}, "mongodb://a,b/lab"),
        (
            {"KLEIO_DB_NAME": "lab", "KLEIO_DB_ADDRESS": "mongodb://u:p@a,b/?replicaSet=r"},
            "mongodb://u:p@a,b/lab?replicaSet=r",
        ),
        ({"KLEIO_DB_NAME": "lab", "KLEIO_DB_ADDRESS": "mongodb://a/other"}, "mongodb://a/other"),
        ({"KLEIO_DB_TYPE": "sqlite", "KLEIO_DB_ADDRESS": "/x/y.db"}, "sqlite:///x/y.db"),
        ({"KLEIO_DB_NAME": "lab", "KLEIO_JOURNAL": "mongodb://new/one"}, "mongodb://new/one"),
    ],
)
def test_the_variables_of_the_prototype_are_honoured(project: Path, environ: dict[str, str], address: str) -> None:
    assert load(project, **environ).journal == address


def test_variables_that_nothing_reads_are_found_with_what_was_meant() -> None:
    environ = {"KLEIO_JOURNL": "x", "KLEIO_ZZZZZZ": "x", "KLEIO_LEASE": "x", "KLEIO_SPOOL": "x", "OTHER": "x"}
    assert unknown_variables(environ) == [("KLEIO_JOURNL", "KLEIO_JOURNAL"), ("KLEIO_ZZZZZZ", None)]


def test_without_a_home_the_message_names_the_variable_that_mends_it(project: Path) -> None:
    environ = {"HOME": "not/absolute"}
    with pytest.raises(SettingsError) as caught:
        load_settings({}, environ, str(project))
    assert caught.value.message == "there is no home directory to keep data in"
    assert caught.value.hint == "set HOME, or KLEIO_DATA"
    assert user_file(environ) is None
    assert load_settings({"data": "/x"}, environ, str(project)).journal == "sqlite:///x/journal.sqlite"


def test_relative_xdg_directories_are_ignored_as_their_specification_demands(project: Path) -> None:
    assert load(project, XDG_DATA_HOME="rel").data == f"{project.parent}/home/.local/share/kleio"
    assert load(project, XDG_DATA_HOME="/abs/").data == "/abs/kleio"


def test_a_tilde_in_the_data_directory_is_the_home(project: Path) -> None:
    assert load(project, KLEIO_DATA="~/x/../y").data == f"{project.parent}/home/y"


def test_the_data_directory_is_made_private(project: Path) -> None:
    settings = load(project, KLEIO_DATA=str(project / "a" / "b"))
    assert prepare_data(settings) == settings.data
    assert os.stat(settings.data).st_mode & 0o777 == 0o700


def test_a_data_directory_that_cannot_be_made_is_a_settings_error(project: Path) -> None:
    (project / "file").write_text("")
    with pytest.raises(SettingsError) as caught:
        prepare_data(load(project, KLEIO_DATA=str(project / "file" / "x")))
    assert caught.value.message == (
        f"the data directory {project}/file/x (KLEIO_DATA) cannot be written: Not a directory"
    )
    assert caught.value.hint == "set KLEIO_DATA to a directory of yours on a local disk"


def test_no_toml_parser_is_imported_without_a_file_that_needs_one(project: Path) -> None:
    (project / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    code = (
        "import sys; from kleio.settings import load_settings\n"
        f"load_settings({{}}, {{'HOME': '/nowhere'}}, {str(project)!r})\n"
        "print(sorted({'tomllib', 'tomli', 'click', 'difflib', 'pathlib'} & set(sys.modules)))"
    )
    environ = {"PYTHONPATH": str(Path(kleio.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, env=environ)
    assert done.stdout == "[]\n"


@given(st.dictionaries(st.sampled_from([f"KLEIO_{name.upper()}" for name in NAMES]), st.text()))
def test_any_environment_gives_settings_or_a_settings_error(environ: dict[str, str]) -> None:
    try:
        load_settings({}, {"HOME": "/nowhere", **environ}, "/")
    except SettingsError as error:
        assert error.message
