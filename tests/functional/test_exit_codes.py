"""Kleio ends as the command ended: with its exit code, or of its signal, with a terminal and without."""

from __future__ import annotations

import json
import shlex
import signal
import sys
from pathlib import Path

import pytest

from harness.command import program

CHILD = Path(__file__).parents[1] / "children" / "statuses.py"
HARMLESS = {"SIGCHLD", "SIGCONT", "SIGURG", "SIGWINCH", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"}
DEADLY = sorted(signal.valid_signals() - {getattr(signal, name) for name in HARMLESS})
CODES = range(256)


@pytest.fixture(params=["terminal", "pipe"])
def statuses(request, kleio, tmp_path):
    """``statuses(scripts)``: how kleio ended for each ``sh -c SCRIPT``."""

    def run(scripts):
        result = tmp_path / "statuses.json"
        line = [sys.executable, str(CHILD), str(result), shlex.join([*program(), "-q"]), *scripts]
        if request.param == "terminal":
            assert kleio.bare_terminal(*line).wait(250) == 0
        else:
            assert kleio.bare(*line, patience=250).code == 0
        return json.loads(result.read_text())

    return run


@pytest.mark.slow
@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
def test_every_exit_code_is_returned(kleio, statuses):
    """All 256. What kleio's own codes mean (75, 125, 126, 127) a command may say as well."""
    assert statuses([f"exit {code}" for code in CODES]) == list(CODES)
    trials = kleio.json("ls", "--json")
    assert {trial["outcome"]["code"]: trial["status"] for trial in trials} == {
        code: "completed" if code == 0 else "broken" for code in CODES
    }


@pytest.mark.slow
@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
def test_every_deadly_signal_is_passed_on(kleio, statuses):
    """A command that dies of a signal lets kleio die of the same one, so that the shell sees the same."""
    assert statuses([f"kill -{number} $$" for number in DEADLY]) == [-number for number in DEADLY]
    trials = kleio.json("ls", "--json")
    assert {trial["outcome"]["signal"]: trial["status"] for trial in trials} == dict.fromkeys(DEADLY, "broken")


@pytest.mark.parametrize("code", [0, 1, 2, 77, 255])
def test_exit_code_is_returned(kleio, code):
    """S11: completed only for 0."""
    done = kleio("bash", "-c", f"exit {code}")
    assert done.code == code, done.words
    info = kleio.info(done.trial)
    assert info["status"] == ("broken" if code else "completed")
    assert info["outcome"] == {"code": code, "signal": None, "why": f"exit {code}", "cause": "exit"}
    (attempt,) = info["history"]
    assert attempt["outcome"] == info["outcome"]


@pytest.mark.parametrize("name", ["SEGV", "KILL", "INT"])
def test_signal_is_returned(kleio, name):
    """S11: 139, 137, 130 to a shell, which prints of the signal what it always prints."""
    number = signal.Signals["SIG" + name]
    done = kleio("bash", "-c", f"ulimit -c 0; kill -{name} $$")
    assert done.code == -number, done.words
    assert f"killed by SIG{name}" in done.words
    info = kleio.info(done.trial)
    assert info["status"] == "broken"
    assert (info["outcome"]["code"], info["outcome"]["signal"]) == (None, number)


def test_code_of_a_pipeline_is_the_commands(kleio):
    """``set -o pipefail`` and ``$PIPESTATUS`` see the command's code through kleio."""
    line = f"{shlex.join(program())} bash -c 'echo out; exit 7' | cat; echo ${{PIPESTATUS[0]}}"
    assert kleio.bare("bash", "-c", line).out == b"out\n7\n"
