"""One word before a command: it runs as ever, and is a trial from then on."""

from __future__ import annotations

import os
import re

TRAIN = ("python", "train.py", "--epochs")


def test_command_is_recorded_and_runs_as_ever(kleio):
    """S01: the same output, and two commands are two trials; without kleio there is none."""
    bare = kleio.bare(*TRAIN, "3")
    assert kleio.ids() == []
    done = kleio(*TRAIN, "3")
    assert done.code == 0, done.words
    assert [line for line in done.out.splitlines() if line.startswith(b"epoch")] == [
        b"epoch 1 lr 1",
        b"epoch 2 lr 1",
        b"epoch 3 lr 1",
    ]
    assert set(done.out.splitlines()) <= set(bare.out.splitlines())
    assert kleio.status(done.trial) == "completed"
    assert kleio("cat", done.trial).out == done.out
    again = kleio("run", *TRAIN, "2")
    assert again.code == 0, again.words
    assert again.trial != done.trial
    assert len(kleio.ids()) == 2


def test_quiet_says_nothing(kleio):
    done = kleio("-q", "echo", "hello")
    assert (done.code, done.out, done.err) == (0, b"hello\n", b"")
    assert len(kleio.ids()) == 1


def test_running_trial_is_not_run_twice(kleio, repo):
    """S05: the second launcher is told who runs it, and the first goes on."""
    first = kleio.background("python", "hold.py")
    first.until_file()
    second = kleio("python", "hold.py")
    words = second.refused(75)
    assert first.trial in words
    assert f"already running on {os.uname().nodename}, process {first.pid}, for " in words
    (repo / "go").touch()
    assert first.wait().code == 0
    assert len((repo / "ran.log").read_text().splitlines()) == 1
    (trial,) = kleio.ids()
    assert trial.startswith(first.trial)
    assert kleio.status(trial) == "completed"


def test_completed_trial_is_not_run_again(kleio, repo):
    first = kleio("bash", "-c", "echo ran >>ran.log")
    second = kleio("bash", "-c", "echo ran >>ran.log")
    words = second.refused()
    assert first.trial in words
    assert "kleio cat" in words
    assert (repo / "ran.log").read_text() == "ran\n"
    assert kleio.info(first.trial)["attempts"] == 1


def test_broken_trial_runs_again_only_if_asked(kleio):
    line = ("bash", "-c", "exit ${CODE:-3}")
    first = kleio(*line)
    assert first.code == 3
    assert "switch-over" in kleio(*line).refused()
    again = kleio("run", "--switch-over", *line, env={"CODE": "0"})
    assert again.code == 0, again.words
    assert again.trial == first.trial
    info = kleio.info(first.trial)
    assert info["status"] == "completed"
    assert [attempt["status"] for attempt in info["history"]] == ["broken", "completed"]


def test_host_environment_and_times_are_recorded(kleio, repo):
    """S60: who, where, on what and when; the pause between two attempts is no part of the duration."""
    line = ("python", "train.py", "--sleep", ".5")
    first = kleio.part(*line, env={"CLUSTER": "c1"})
    second = kleio(*line, env={"CLUSTER": "c1", "START": "12"})
    assert second.code == 0, second.words
    assert second.trial == first.trial
    info = kleio.info(first.trial)
    one, two = info["history"]
    for attempt in (one, two):
        assert attempt["host"]
        assert attempt["user"]
        assert attempt["duration"] > 0
    assert info["duration"] == one["duration"] + two["duration"]
    for moment in (info["created"], info["started"], info["ended"]):
        assert re.search(r"[+-]\d\d:\d\d$", moment["iso"]), moment
    assert info["created"]["time"] <= info["started"]["time"] < info["ended"]["time"]
    facts = {**info["environment"]["compared"], **info["environment"]["recorded"]}
    assert facts["env.CLUSTER"] == "c1"
    assert facts["host"] == kleio.bare("hostname").out.decode().strip()
    python = kleio.bare("python", "-c", "import platform; print(platform.python_version())").out.decode().strip()
    assert python in facts["python"]
    assert facts["os"]
    assert facts["cpu"]
    shown = kleio("info", first.trial).out.decode()
    for word in (facts["host"], facts["user"], "c1", python):
        assert word in shown


def test_missing_helper_programs_leave_only_their_facts_out(kleio):
    """S60: neither git nor nvidia-smi nor lscpu is needed."""
    from harness.command import program

    done = kleio.bare(*program(), "/bin/echo", "hi", env={"PATH": "/nonexistent"})
    assert done.code == 0, done.words
    assert done.out == b"hi\n"
    assert "Traceback" not in done.words
    assert kleio.status(done.trial) == "completed"
