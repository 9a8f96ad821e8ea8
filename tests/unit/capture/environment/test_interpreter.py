"""It is the command's Python that counts, however it is named."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from kleio.capture.environment.interpreter import find_interpreter, inspect_interpreter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A directory of programs; ``python`` and ``python3`` among them."""
    place = tmp_path / "bin"
    for name in ("python", "python3", "python3.11", "pypy3"):
        executable(place / name, "")
    for name in ("env", "nohup", "torchrun", "uv"):
        executable(place / name, "\x7fELF")
    executable(place / "tool", f"#!{place}/python3.11 -u\n")
    executable(place / "tool2", "#!/usr/bin/env -S python3 -u\n")
    executable(place / "shell", "#!/bin/sh\n")
    return place


@pytest.mark.parametrize(
    ("argv", "found"),
    [
        (("python", "t.py"), "python"),
        (("python3.11",), "python3.11"),
        (("pypy3", "t.py"), "pypy3"),
        (("env", "X=1", "python3", "t.py"), "python3"),
        (("nohup", "nice", "python"), "python"),
        (("uv", "run", "python", "t.py"), "python"),
        (("tool", "x"), "python3.11"),
        (("tool2", "x"), "python3"),
        (("shell", "python"), None),
        (("python-config",), None),
        (("nosuchcmd",), None),
        ((), None),
        (("a\0b",), None),
    ],
)
def test_the_interpreter_is_found(argv: tuple[str, ...], found: str | None, programs: Path) -> None:
    path = find_interpreter(argv, {"PATH": str(programs)}, "/")
    assert path == (str(programs / found) if found else None)


def test_relative_and_absolute_paths_are_found(programs: Path) -> None:
    assert find_interpreter(["bin/python"], {"PATH": ""}, str(programs.parent)) == str(programs / "python")
    assert find_interpreter([str(programs / "python")], {"PATH": ""}, "/") == str(programs / "python")
    script = executable(programs.parent / "run.py", f"#!{programs}/python3\n")
    assert find_interpreter(["./run.py"], {"PATH": ""}, str(script.parent)) == str(programs / "python3")


@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_otherwise_it_is_the_active_environments(variable: str, programs: Path) -> None:
    environ = {"PATH": str(programs), variable: str(programs.parent)}
    assert find_interpreter(["make", "all"], environ, "/") == str(programs / "python")


@pytest.mark.parametrize("wrapped", [(), ("nohup",)])
def test_a_compiled_program_of_the_project_uses_none(programs: Path, wrapped: tuple[str, ...]) -> None:
    program = executable(programs.parent / "build" / "simulate", "\x7fELF")
    environ = {"PATH": str(programs), "VIRTUAL_ENV": str(programs.parent)}
    assert find_interpreter([*wrapped, "build/simulate"], environ, str(programs.parent)) is None
    assert find_interpreter([*wrapped, str(program)], environ, "/") is None


def test_a_shell_script_may_use_the_active_environment(programs: Path) -> None:
    executable(programs.parent / "run.sh", "#!/bin/sh\n")
    environ = {"PATH": str(programs), "VIRTUAL_ENV": str(programs.parent)}
    assert find_interpreter(["./run.sh"], environ, str(programs.parent)) == str(programs / "python")
    assert find_interpreter([str(programs / "uv"), "x"], environ, "/") == str(programs / "python")


def inspect(path: str, tmp_path: Path, **environ: str) -> tuple[str | None, tuple[str, ...]]:
    variables: Mapping[str, str] = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **environ}
    found = inspect_interpreter(path, variables, str(tmp_path), str(tmp_path / "data"))
    return found.version, found.sites


def test_version_and_directories_are_the_interpreters_own(tmp_path: Path) -> None:
    version, sites = inspect(sys.executable, tmp_path)
    assert version == platform.python_version()
    assert any(os.path.samefile(os.path.dirname(pytest.__path__[0]), site) for site in sites)


def test_a_virtual_environment_is_seen_alone(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "v")], check=True)
    version, sites = inspect(str(tmp_path / "v/bin/python"), tmp_path)
    assert version == platform.python_version()
    assert [os.path.realpath(site) for site in sites] == [
        os.path.realpath(tmp_path / f"v/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages")
    ]


def test_a_virtual_environment_may_see_the_base(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", str(tmp_path / "v")], check=True
    )
    assert len(inspect(str(tmp_path / "v/bin/python"), tmp_path)[1]) >= 2


def test_the_python_path_counts(tmp_path: Path) -> None:
    (tmp_path / "extra").mkdir()
    _, sites = inspect(sys.executable, tmp_path, PYTHONPATH=f"{tmp_path}/extra:/nonexistent:relative")
    assert sites[0] == str(tmp_path / "extra")
    assert "/nonexistent" not in sites


def counting(tmp_path: Path) -> tuple[Path, Path]:
    """An interpreter that counts its runs."""
    runs = tmp_path / "runs"
    path = executable(tmp_path / "bin/python", f'#!/bin/sh\necho x >>{runs}\nexec {sys.executable} "$@"\n')
    return path, runs


def test_an_interpreter_is_run_once(tmp_path: Path) -> None:
    path, runs = counting(tmp_path)
    assert inspect(str(path), tmp_path) == inspect(str(path), tmp_path)
    assert runs.read_text() == "x\n"
    os.utime(path, (1, 1))
    inspect(str(path), tmp_path)
    assert runs.read_text() == "x\nx\n"


def test_what_steers_a_shim_makes_it_run_again(tmp_path: Path) -> None:
    path, runs = counting(tmp_path)
    inspect(str(path), tmp_path)
    (tmp_path / ".python-version").write_text("3.12\n")
    inspect(str(path), tmp_path)
    inspect(str(path), tmp_path, PYENV_VERSION="3.11")
    assert runs.read_text() == "x\nx\nx\n"


@pytest.mark.parametrize("script", ["exit 1", "echo nonsense", "echo '[1]'", "echo '{}'; exit 0"])
def test_an_interpreter_that_does_not_answer_leaves_the_fields_out(script: str, tmp_path: Path) -> None:
    path = executable(tmp_path / "bin/python", f"#!/bin/sh\n{script}\n")
    assert inspect(str(path), tmp_path) == (None, ())


def test_a_virtual_environment_without_its_base_still_tells_its_version(tmp_path: Path) -> None:
    executable(tmp_path / "v/bin/python", "#!/bin/sh\nexit 1\n")
    (tmp_path / "v/pyvenv.cfg").write_text("home = /gone\nversion = 3.9.1\n")
    (tmp_path / "v/lib/python3.9/site-packages").mkdir(parents=True)
    assert inspect(str(tmp_path / "v/bin/python"), tmp_path) == (
        "3.9.1",
        (f"{tmp_path}/v/lib/python3.9/site-packages",),
    )
