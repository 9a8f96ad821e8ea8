"""Finding and starting a command does what a shell does."""

from __future__ import annotations

import errno
import os
import signal

import pytest

from kleio.errors import CommandNotExecutable, CommandNotFound
from kleio.launcher.child import become, command_error, find_command, initial_environment, spawn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


def script(path: Path, text: str = "#!/bin/sh\n", mode: int = 0o755) -> str:
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def run(path: str, argv: list[str], environment: dict[bytes, bytes] | None = None) -> tuple[int | None, int, bytes]:
    """(error of exec, wait status, stdout)"""
    read, write = os.pipe()
    spawned = spawn(
        path, argv, environment or {b"PATH": b"/bin:/usr/bin"}, {1: write}, mask=set(), before_exec=lambda: None
    )
    os.close(write)
    with open(read, "rb") as file:
        output = file.read()
    if spawned.error is not None:
        return spawned.error, 0, output
    return None, os.waitpid(spawned.pid, 0)[1], output


def test_first_executable_on_the_path_wins(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    script(tmp_path / "a" / "tool", mode=0o644)
    wanted = script(tmp_path / "b" / "tool")
    script(tmp_path / "c" / "tool")
    assert find_command("tool", os.pathsep.join(str(tmp_path / name) for name in "abc")) == wanted


def test_empty_part_of_the_path_is_this_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path / "tool")
    monkeypatch.chdir(tmp_path)
    assert os.path.samefile(find_command("tool", "/nowhere::"), tmp_path / "tool")


@pytest.mark.parametrize("name", ["no-such-command", "./no-such-file", "/no/such/file", "", "a\0b"])
def test_missing_command_is_127(name: str) -> None:
    with pytest.raises(CommandNotFound) as caught:
        find_command(name)
    assert caught.value.exit_code == 127


def test_file_without_the_bit_is_126_and_says_how_to_mend_it(tmp_path: Path) -> None:
    path = script(tmp_path / "plain", mode=0o644)
    with pytest.raises(CommandNotExecutable) as caught:
        find_command(path)
    assert (caught.value.exit_code, caught.value.message) == (126, f"{path}: Permission denied")
    assert caught.value.hint == f"make it executable: chmod +x {path}"


def test_directory_is_126(tmp_path: Path) -> None:
    with pytest.raises(CommandNotExecutable, match="Is a directory"):
        find_command(f"{tmp_path}/")


def test_words_arrive_as_they_are() -> None:
    words = ["printf", r"%s\0", "a b", "", '"q"', "é☃", "\udcff", "-x", "n\nl"]
    error, status, output = run("/usr/bin/printf", words)
    assert (error, status) == (None, 0)
    assert output.split(b"\0")[:-1] == [os.fsencode(word) for word in words[2:]]


def test_script_without_interpreter_line_is_run_by_sh(tmp_path: Path) -> None:
    path = script(tmp_path / "plain", "echo ran $1\n")
    assert run(path, ["plain", "x"])[2] == b"ran x\n"


def test_binary_that_is_no_program_is_refused_by_the_kernel(tmp_path: Path) -> None:
    path = tmp_path / "junk"
    path.write_bytes(b"\x7fELF\0\0junk")
    path.chmod(0o755)
    assert run(str(path), ["junk"])[0] == errno.ENOEXEC
    assert command_error(str(path), errno.ENOEXEC).exit_code == 126


def test_missing_interpreter_is_named(tmp_path: Path) -> None:
    path = script(tmp_path / "tool", "#!/no/such/interpreter\n")
    error = run(path, ["tool"])[0]
    assert error == errno.ENOENT
    failure = command_error(path, error)
    assert (failure.exit_code, failure.message) == (127, f"{path}: bad interpreter or missing loader")


def test_command_does_not_inherit_what_python_ignores() -> None:
    _, status, _ = run("/bin/sh", ["sh", "-c", "kill -PIPE $$"])
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGPIPE


def test_initial_environment_is_what_the_process_was_given() -> None:
    with open("/proc/self/environ", "rb") as file:
        assert b"\0".join(b"%s=%s" % pair for pair in initial_environment().items()) in file.read()


def test_a_program_that_cannot_be_executed_leaves_the_process_as_it_was(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGPIPE)
    with pytest.raises(FileNotFoundError):
        become(str(tmp_path / "gone"), ["gone"], {})
    assert signal.getsignal(signal.SIGPIPE) == before
