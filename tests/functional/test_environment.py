"""The command gets the user's environment, plus exactly the four variables that name its spool."""

from __future__ import annotations

import os

import pytest

from harness.command import program

OURS = {b"KLEIO_TRIAL_ID", b"KLEIO_ATTEMPT", b"KLEIO_SPOOL", b"KLEIO_PROTOCOL"}


def variables(output: bytes) -> dict[bytes, bytes]:
    return dict(entry.split(b"=", 1) for entry in output.split(b"\0") if entry)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"LC_ALL": None, "LANG": None},  # the interpreter sets LC_CTYPE for itself then
        {"LC_ALL": "C"},
        {"LC_ALL": "no_SUCH.locale"},
        {"PYTHONWARNINGS": "error", "PYTHONOPTIMIZE": "2", "PYTHONUNBUFFERED": "1"},
        {"ODD": "a=b\nc\udcff é", "EMPTY": ""},
        {"TERM": None, "HOME": "/nonexistent", "USER": None, "LOGNAME": None, "SHELL": None},
        {"KLEIO_OUTPUT": "pipe"},
    ],
    ids=lambda change: "+".join(change) or "as-it-is",
)
def test_environment_of_the_command_is_the_users(kleio, tmp_path, change):
    environment = {**kleio.environment, "KLEIO_DATA": str(tmp_path / "data")}
    for name, value in change.items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = value
    kleio.environment.clear()
    kleio.environment.update(environment, TEST_MARK="x")
    bare = variables(kleio.bare("env", "-0").out)
    done = kleio("env", "-0")
    assert done.code == 0, done.words
    assert "Traceback" not in done.words
    seen = variables(done.out)
    assert {name: value for name, value in seen.items() if name not in OURS} == bare
    assert seen.keys() - bare.keys() == OURS


def test_order_of_variables_is_kept(kleio):
    bare = kleio.bare("env", "-0").out.split(b"\0")
    seen = [entry for entry in kleio("env", "-0").out.split(b"\0") if entry.partition(b"=")[0] not in OURS]
    assert seen == bare


def test_limits_directory_and_umask_are_the_users(kleio, repo):
    script = "ulimit -a; umask; pwd -P; ps -o ni= -p $$"
    setup = "ulimit -c 0; ulimit -n 200; umask 027; exec nice -n 3"
    bare = kleio.bare("bash", "-c", f"{setup} bash -c '{script}'")
    done = kleio.bare("bash", "-c", f"{setup} {' '.join(program())} -q bash -c '{script}'")
    assert done.code == 0, done.words
    assert without_pipes(done.out) == without_pipes(bare.out)


def without_pipes(limits: bytes) -> list[bytes]:
    """Without the one line that tells how large the pipe on stdout is."""
    return [line for line in limits.splitlines() if not line.startswith(b"pipe size")]


def test_command_stays_in_the_shells_session_and_group(kleio):
    """So that Ctrl-C, Ctrl-Z and prompts work without code."""
    line = ("python", "-c", "import os; print(os.getsid(0), os.getpgrp())")
    assert kleio("-q", *line).out == kleio.bare(*line).out == b"%d %d\n" % (os.getsid(0), os.getpgrp())


def test_spool_named_to_the_command_is_private_and_holds_the_attempt(kleio):
    script = 'stat -c "%a" $KLEIO_SPOOL; ls $KLEIO_SPOOL; echo $KLEIO_ATTEMPT $KLEIO_TRIAL_ID'
    done = kleio("bash", "-c", script)
    lines = done.out.decode().splitlines()
    assert lines[0] == "700"
    number, trial = lines[-1].split()
    assert number == "1"
    assert trial == kleio.info(done.trial)["id"]
