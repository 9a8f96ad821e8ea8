from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

import kleio.errors as errors
from kleio.cli.failures import guarded
from kleio.cli.terminal.console import Console

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def outcome(call: Callable[[], int | None]) -> tuple[int, str]:
    stderr = io.StringIO()
    code = guarded(call, Console(io.StringIO(), stderr, environ={}))
    return code, stderr.getvalue()


def raising(error: BaseException) -> Callable[[], int | None]:
    def call() -> int | None:
        raise error

    return call


@pytest.mark.parametrize(("result", "code"), [(None, 0), (0, 0), (7, 7)])
def test_what_a_command_returns_is_the_exit_code(result: int | None, code: int) -> None:
    assert outcome(lambda: result) == (code, "")


@pytest.mark.parametrize(
    "error", [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.KleioError)]
)
def test_an_expected_error_is_its_message_its_hint_and_its_code(error: type[errors.KleioError]) -> None:
    assert outcome(raising(error("it failed", hint="do this"))) == (
        error.exit_code,
        "kleio: it failed\nkleio: hint: do this\n",
    )
    assert outcome(raising(error())) == (error.exit_code, f"kleio: {(error.__doc__ or '').strip()}\n")


def test_a_line_that_click_refuses_is_a_usage_error() -> None:
    @click.command("x")
    def command() -> None:
        """Nothing."""

    assert outcome(lambda: command.main(["--no"], "kleio x", standalone_mode=False)) == (
        2,
        "kleio: No such option '--no'.\nkleio: hint: see `kleio x --help`\n",
    )


def test_a_full_disk_is_no_bug() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    assert outcome(raising(full)) == (125, "kleio: the output cannot be written: No space left on device\n")
    full.filename = "/a/file"
    assert outcome(raising(full)) == (125, "kleio: /a/file cannot be written: No space left on device\n")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_is_130_without_a_word(error: BaseException) -> None:
    assert outcome(raising(error)) == (130, "")


@pytest.mark.parametrize(("argument", "code"), [(None, 0), (5, 5), ("text", 1)])
def test_an_exit_keeps_its_code(argument: object, code: int) -> None:
    assert outcome(raising(SystemExit(argument))) == (code, "")


def test_a_bug_is_3_and_a_private_log_with_versions_and_no_traceback_on_the_terminal(home: Path) -> None:
    code, said = outcome(raising(ZeroDivisionError("mongodb://ada:PASSWORD@host/x")))
    logs = list((home / ".local" / "share" / "kleio" / "logs").iterdir())
    assert code == 3
    assert len(logs) == 1
    assert said == (
        f"kleio: this is a bug in kleio (ZeroDivisionError); the details are in {logs[0]}\n"
        "kleio: hint: please report it with that file; `kleio doctor` may show what is unusual here\n"
    )
    log = logs[0].read_text()
    assert "Traceback" in log
    assert "SQLite" in log
    assert "PASSWORD" not in log
    assert logs[0].stat().st_mode & 0o777 == 0o600


def test_a_bug_without_a_data_directory_is_logged_elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("")
    monkeypatch.setenv("KLEIO_DATA", str(home / "file" / "x"))
    monkeypatch.setattr("tempfile.tempdir", str(home))
    code, said = outcome(raising(ValueError()))
    assert code == 3
    assert f"the details are in {home}/bug-" in said


def test_a_reader_that_goes_away_ends_the_command_quietly() -> None:
    code = (
        "import sys; from kleio.cli.terminal.console import Console; from kleio.cli.failures import guarded\n"
        "console = Console()\n"
        "def call():\n"
        "    while True: console.line('x' * 1000)\n"
        "sys.exit(guarded(call, console))"
    )
    environ = {**os.environ, "PYTHONPATH": str(Path(errors.__file__).parents[1])}
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ
    )
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr as stderr:
        assert stderr.read() == b""
    assert process.wait() == 141
