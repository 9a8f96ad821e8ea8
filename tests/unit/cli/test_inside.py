from __future__ import annotations

import io
import math
import socket
import subprocess
import sys
from binascii import a2b_base64
from pathlib import Path

import pytest

from harness.attempt import TRIAL, World
from kleio.cli import inside
from kleio.cli.failures import guarded
from kleio.cli.terminal.console import Console
from kleio.spool.handshake import child_environment
from kleio.spool.records.reader import Record, read_records
from kleio.spool.records.values import restore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A command that kleio started."""
    world = World(tmp_path)
    for name, value in child_environment({}, TRIAL, 1, world.directory).items():
        monkeypatch.setenv(name, value)
    yield world
    world.close()


def call(name: str, *words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    console = Console(out, err, environ={})
    code = guarded(lambda: inside.COMMANDS[name](words, console), console)
    return code, out.getvalue(), err.getvalue()


def recorded(world: World, stream: str) -> list[Any]:
    paths = sorted(Path(world.directory).glob("*.ksp"))
    items = [item for path in paths for item in read_records(str(path), final=True)]
    return [item.body for item in items if isinstance(item, Record) and item.stream == stream]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("-1", -1), ("0", 0), ("-0", 0), ("0.5", 0.5), ("1e-3", 0.001), ("1" * 30, int("1" * 30)),
        ("true", True),
        ("False", False), ("null", None), ("007", "007"), ("", ""), ("a b", "a b"), ("[1, 2]", [1, 2]),
        ('{"a": null}', {"a": None}), ('"1"', "1"), ("[1,", "[1,"), ("{x}", "{x}"), ("inf", math.inf),
        ("-inf", -math.inf),
        ("-.Inf", -math.inf), ("infinity", math.inf), ("on", "on"), ("1_000", "1_000"), ("--1", "--1"), ("²", "²"),
        ("-", "-"), ("[" * 100_000, "[" * 100_000), ("infant", "infant"), ("\udcff", "\udcff"),
    ],
)  # fmt: skip
def test_a_value_is_what_it_looks_like(text: str, value: Any) -> None:
    found = inside.value_of(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["nan", "NaN", ".nan", "-nan"])
def test_not_a_number_is_one(text: str) -> None:
    assert math.isnan(inside.value_of(text))


def test_inside_a_command_a_statistic_is_recorded_and_nothing_printed(world: World) -> None:
    assert call("log", "epoch=3", "loss=0.1", "note=a=b", "x=nan") == (0, "", "")
    assert call("log", "--durable", "epoch=4", "--x=1") == (0, "", "")
    first, second = recorded(world, "statistics")
    assert first == {"epoch": 3, "loss": 0.1, "note": "a=b", "x": {"$float": "nan"}}
    assert second == {"epoch": 4, "--x": 1}


def test_inside_a_command_a_file_is_stored(world: World, tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"weights")
    path = str(tmp_path / "model.bin")
    assert call("artifact", path, "--name", "weights", "--set", "epoch=3", "--set=best=true") == (0, "", "")
    assert call("artifact", "--durable", path) == (0, "", "")
    first, second = recorded(world, "artifacts")
    assert (first["name"], first["size"], restore(first["metadata"])) == ("weights", 7, {"epoch": 3, "best": True})
    assert (second["name"], second["metadata"]) == ("model.bin", {})
    assert a2b_base64(first["data"]) == b"weights"


def test_outside_both_print_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert call("log", "epoch=3", "note=a b") == (0, "epoch=3 note='a b'\n", "")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d").mkdir()
    for path in ("model.bin", "d/model.bin"):
        (tmp_path / path).touch()
    assert call("artifact", "model.bin", "--set", "epoch=3") == (0, "artifact 'model.bin' epoch=3\n", "")
    assert call("artifact", "d/model.bin", "-n", "w") == (0, "artifact 'w'\n", "")
    assert call("log", f"long={'y' * 2000}", "n=1") == (0, f"long='{'y' * 299}… (2002 characters) n=1\n", "")
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["log"], "there is nothing to log"), (["log", "epoch"], "'epoch' is no NAME=VALUE"),
        (["log", "=1"], "'=1' is no NAME=VALUE"), (["log", "a=1", "--durable"], "'--durable' is no NAME=VALUE"),
        (["artifact"], "one FILE is needed"), (["artifact", "a", "b"], "one FILE is needed"),
        (["artifact", "a", "--name"], "option --name needs a value"), (["artifact", "a", "--x"], "unknown option --x"),
        (["artifact", "a", "--set", "x"], "'x' is no NAME=VALUE"),
        (["log", "x=1", "y=2", "x=3"], "'x' is given twice"),
        (["artifact", __file__, "--set", "x=1", "--set=x=1"], "'x' is given twice"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_inside", [True, False])
def test_a_line_that_makes_no_sense_is_a_usage_error(
    world: World, words: list[str], said: str, is_inside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_inside:
        monkeypatch.delenv("KLEIO_SPOOL")
    code, out, err = call(*words)
    assert (code, out) == (2, "")
    assert err.startswith(f"kleio: {said}\nkleio: hint: ")
    assert recorded(world, "statistics") == []


@pytest.mark.parametrize("where", ["recorded", "refused", "outside"])
def test_a_pipe_is_read_to_its_end_whatever_becomes_of_it(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """A shell with pipefail would take the SIGPIPE of who writes into it for a failure."""
    if where == "outside":
        monkeypatch.delenv("KLEIO_SPOOL")
    if where == "refused":
        Path(world.directory, "full").touch()
    script = (
        "set -euo pipefail; seq 1 100000 | $KLEIO artifact - --name from-pipe; mkfifo fifo; seq 1 100000 >fifo &\n"
        "$KLEIO artifact fifo; wait $!; $KLEIO artifact - <one.txt"
    )
    (tmp_path / "one.txt").write_text("x")
    monkeypatch.setenv("KLEIO", f"{sys.executable} -m kleio")
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ("artifact 'from-pipe'\nartifact 'fifo'\nartifact 'stdin'\n" if where == "outside" else "")
    stored = [("from-pipe", 588895), ("fifo", 588895), ("stdin", 1)] if where == "recorded" else []
    assert [(one["name"], one["size"]) for one in recorded(world, "artifacts")] == stored


def test_a_socket_may_be_stdin(world: World) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"from a socket")
        ours.shutdown(socket.SHUT_WR)
        subprocess.run([sys.executable, "-m", "kleio", "artifact", "-"], stdin=theirs, check=True)
    assert recorded(world, "artifacts")[0]["size"] == 13


def test_a_file_that_cannot_be_read_is_a_failure(world: World) -> None:
    assert call("artifact", "/nonexistent") == (
        125,
        "",
        "kleio: /nonexistent cannot be read: No such file or directory\n",
    )
    assert recorded(world, "artifacts") == []


def test_a_file_that_cannot_be_read_is_a_failure_outside_of_a_command_as_well() -> None:
    for path, why in (("/nonexistent", "No such file or directory"), ("/", "Is a directory")):
        assert call("artifact", path) == (125, "", f"kleio: {path} cannot be read: {why}\n")


def test_what_stands_behind_two_dashes_is_no_option(world: World, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-f").touch()
    assert call("log", "--durable", "--", "-x=5") == (0, "", "")
    assert call("artifact", "--name", "n", "--", "-f") == (0, "", "")
    assert recorded(world, "statistics") == [{"-x": 5}]
    assert recorded(world, "artifacts")[0]["name"] == "n"


def test_a_hint_shows_the_command_that_was_meant() -> None:
    assert "hint: kleio artifact FILE" in call("artifact", "f", "--set", "bad")[2]


def test_what_cannot_be_kept_is_said_and_ends_no_script(world: World, tmp_path: Path) -> None:
    code, _, err = call("log", f"x={'y' * (1 << 20)}")
    assert code == 0
    assert err.startswith("kleio: warning: the statistic 'x' could not be recorded: a record holds at most 1 MiB")
    code, _, err = call("artifact", __file__, "--set", f"x={'y' * (1 << 20)}")
    assert code == 0
    assert err.startswith("kleio: warning: the artifact 'test_inside.py' could not be recorded: a record holds at most")
    assert "keep what is large in the file, not in its name or metadata" in " ".join(err.split())
    Path(world.directory, "full").touch()
    code, _, err = call("artifact", __file__)
    assert code == 0
    assert "the artifact 'test_inside.py' could not be recorded: too much waits for the journal" in err


def test_a_spool_that_cannot_be_trusted_is_said_and_values_are_printed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kleio.spool import complaint

    monkeypatch.setattr(complaint, "_told", set())
    monkeypatch.setenv("KLEIO_SPOOL", "relative")
    code, out, err = call("log", "n=1")
    assert (code, out) == (0, "n=1\n")
    assert err == "kleio: warning: this process is not recorded: KLEIO_SPOOL is not an absolute path\n"


@pytest.mark.parametrize("line", [["log", "n=1"], ["artifact", __file__, "--set", "n=1"]])
def test_nothing_is_loaded_that_a_loop_would_have_to_pay_for(world: World, line: list[str]) -> None:
    program = (
        "import os, sys\nfrom kleio.cli import main\n"
        "def show(code): sys.stdout.write(' '.join(sys.modules)); sys.stdout.flush(); real(code)\n"
        "real, os._exit = os._exit, show\nmain.main(sys.argv[1:])"
    )
    done = subprocess.run([sys.executable, "-c", program, *line], capture_output=True, text=True, check=True)
    heavy = {
        "click", "rich", "dataclasses", "inspect", "sqlite3", "pymongo", "psutil", "git", "yaml", "logging",
        "subprocess", "kleio.settings", "kleio.journal.contract", "kleio.cli.grammar",
    }  # fmt: skip
    assert heavy & set(done.stdout.split()) == set()
