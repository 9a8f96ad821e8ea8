"""Any command line has a configuration, and the words that run are never touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.capture.commandline.reading import is_option, read_command_line
from kleio.capture.secrets.redactor import Redactor
from kleio.encoding import canonical, digest
from kleio.trial.snapshot import CommandLine, ConfigFile

REDACTOR = Redactor(b"s" * 32, {})


def read(*argv: str, cwd: str = "/nonexistent") -> CommandLine:
    return read_command_line(argv, REDACTOR, cwd)


def options(*argv: str, cwd: str = "/nonexistent") -> dict[str, object]:
    """The configuration of ``python t.py …`` without these two words."""
    configuration = dict(read("python", "t.py", *argv, cwd=cwd).configuration)
    assert (configuration.pop("_pos_0"), configuration.pop("_pos_1")) == ("python", "t.py")
    return configuration


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ((), {}),
        (("--lr", "0.1"), {"lr": 0.1}),
        (("--lr=0.1",), {"lr": 0.1}),
        (("-lr", "1"), {"lr": 1}),
        (("--x", "1", "-x"), {"x": [1, True]}),
        (("--verbose",), {"verbose": True}),
        (("--verbose", "--lr", "1"), {"verbose": True, "lr": 1}),
        (("--flag=",), {"flag": ""}),
        (("--k=v=w",), {"k": "v=w"}),
        (("k=v=w",), {"_pos_2": "k=v=w"}),
        (("-0.5",), {"_pos_2": -0.5}),
        (("--lr", "-1e-3"), {"lr": -1e-3}),
        (("--off", "-5", "-.5"), {"off": [-5, -0.5]}),
        (("-",), {"_pos_2": "-"}),
        (("--in", "-"), {"in": "-"}),
        (("--", "--lr", "-x"), {"_pos_2": "--lr", "_pos_3": "-x"}),
        (("--", "--"), {"_pos_2": "--"}),
        (("--r", "1", "--r", "2"), {"r": [1, 2]}),
        (("--r", "1", "2", "--r", "3"), {"r": [1, 2, 3]}),
        (("--tag-name", "a", "--tag_name", "b"), {"tag-name": "a", "tag_name": "b"}),
        (("--_z", "3", "--c--d", "4", "--a.b", "2"), {"_z": 3, "c--d": 4, "a.b": 2}),
        (("---x", "1"), {"x": 1}),
        (("---",), {"_pos_2": "---"}),
        (("--=x",), {"_pos_2": "--=x"}),
        (
            ("", "a b", "é☃", "n\nl", "\udcff"),
            {"_pos_2": "", "_pos_3": "a b", "_pos_4": "é☃", "_pos_5": "n\nl", "_pos_6": "\udcff"},
        ),
        (("--layers", "64", "32", "data.csv"), {"layers": [64, 32], "_pos_2": "data.csv"}),
        (("--names", "a", "b"), {"names": ["a", "b"]}),
        (("--verbose", "data.csv"), {"verbose": "data.csv"}),
        (("--flag", "true", "--other", "null"), {"flag": True, "other": None}),
        (("a", "--x", "1", "--", "b"), {"_pos_2": "a", "x": 1, "_pos_3": "b"}),
    ],
)
def test_every_spelling_is_read(argv: tuple[str, ...], expected: dict[str, object]) -> None:
    assert options(*argv) == expected


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (("python", "-u", "s.py", "x"), {"_pos_0": "python", "u": True, "_pos_1": "s.py", "_pos_2": "x"}),
        (
            ("python3.11", "-W", "error", "-X", "dev", "s.py"),
            {"_pos_0": "python3.11", "W": "error", "X": "dev", "_pos_1": "s.py"},
        ),
        (("python", "-m", "json.tool", "--help"), {"_pos_0": "python", "m": "json.tool", "help": True}),
        (("python", "-c", "print(1)", "a"), {"_pos_0": "python", "c": "print(1)", "_pos_1": "a"}),
        (
            ("env", "X=1", "python", "-u", "s.py"),
            {"_pos_0": "env", "_pos_1": "X=1", "_pos_2": "python", "u": True, "_pos_3": "s.py"},
        ),
        (("bash", "-c", "id"), {"_pos_0": "bash", "c": "id"}),
        (("./s.sh", "a"), {"_pos_0": "./s.sh", "_pos_1": "a"}),
        (("python",), {"_pos_0": "python"}),
        (("python", "-"), {"_pos_0": "python", "_pos_1": "-"}),
        ((), {}),
    ],
)
def test_interpreters_keep_their_own_options(argv: tuple[str, ...], expected: dict[str, object]) -> None:
    assert read(*argv).configuration == expected


@given(
    st.lists(
        st.text(max_size=20) | st.sampled_from(["--", "-", "--x", "-x=", "--x=1", "-1", "=", "--=", "\udc80", "a.yaml"])
    )
)
def test_nothing_is_refused_and_nothing_is_changed(argv: list[str]) -> None:
    command = read_command_line(argv, REDACTOR, "/nonexistent")
    assert command.argv == tuple(argv)
    assert len(command.redacted) == len(argv)
    canonical(dict(command.configuration))


@given(st.from_regex(r"[a-z][a-z_.-]{0,10}", fullmatch=True), st.text(max_size=20))
def test_one_word_and_two_words_are_the_same_option(name: str, value: str) -> None:
    if not is_option(value) and value != "--":
        assert options(f"--{name}={value}") == options(f"--{name}", value)


def test_secrets_are_in_argv_only() -> None:
    command = read("python", "t.py", "--api-key", "hunter2x", "--password=hunter2x")
    assert command.has_secrets
    assert command.argv[3] == "hunter2x"
    assert "hunter2x" not in repr((command.redacted, command.configuration))
    assert command.configuration["api-key"] == command.configuration["password"] == REDACTOR.fingerprint("hunter2x")


CONFIGS = {
    "c.yaml": (
        "lr: 0.1\nlayers: [1, 2]\nday: 2024-01-02\n3: x\n",
        {"lr": 0.1, "layers": [1, 2], "day": "2024-01-02", "3": "x"},
    ),
    "c.yml": ("a: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 1}}),
    "c.json": ('{"a": [1, null, NaN]}', {"a": [1, None, "nan"]}),
    "C.YAML": ("", None),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_configuration_file_is_inlined(name: str, tmp_path: Path) -> None:
    text, content = CONFIGS[name]
    (tmp_path / name).write_text(text)
    for argv in ((name,), ("--config", name), (f"--config={name}",), ("--", name)):
        command = read("python", "t.py", *argv, cwd=str(tmp_path))
        assert {"file": name, "content": content} in command.configuration.values()
        assert command.files == (ConfigFile(name, digest(text.encode()), content),)


def test_a_toml_file_is_inlined(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("[a]\nb = 1\n")
    (file,) = read("x", "c.toml", cwd=str(tmp_path)).files
    assert file.content in ({"a": {"b": 1}}, "[a]\nb = 1\n")


def test_a_file_named_twice_is_listed_once(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text("{}")
    assert len(read("x", "c.json", "--again", "c.json", cwd=str(tmp_path)).files) == 1


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("malformed.yaml", b"a: [1\n"),
        ("python.yaml", b"!!python/object/apply:os.system ['touch sprung']\n"),
        ("bomb.yaml", BOMB.encode()),
        ("loop.yaml", b"a: &a [*a]\n"),
        ("deep.json", b"[" * 100_000 + b"]" * 100_000),
        ("malformed.json", b"{"),
        ("binary.json", b"\xff\xfe\0"),
        ("large.json", b"[" + b"1," * 600_000 + b"1]"),
        ("two.yaml", b"a: 1\n---\nb: 2\n"),
    ],
)
def test_a_file_that_cannot_be_used_is_just_a_path(
    name: str, data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(data)
    command = read("x", "--config", name, cwd=str(tmp_path))
    assert command.configuration == {"_pos_0": "x", "config": name}
    assert command.files == ()
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("name", ["missing.yaml", "dir.yaml", "bad\0.yaml", "x" * 5000 + ".yaml"])
def test_what_is_no_file_is_just_a_word(name: str, tmp_path: Path) -> None:
    (tmp_path / "dir.yaml").mkdir()
    assert read("x", name, cwd=str(tmp_path)).configuration["_pos_1"] == name


def test_the_program_itself_is_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text("a: 1\n")
    assert read("./run.yaml", cwd=str(tmp_path)).files == ()


def test_secrets_in_configuration_files_are_redacted(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(json.dumps({"db": {"password": "hunter2x"}, "lr": 1}))
    command = read("x", "c.json", cwd=str(tmp_path))
    assert "hunter2x" not in repr(command.files) + repr(command.configuration)
    assert command.files[0].content["lr"] == 1
