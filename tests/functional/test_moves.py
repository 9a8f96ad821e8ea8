"""Moves that a person makes: switchover, acknowledge, suspend, kill, cure."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from harness.waiting import until

STUBBORN = (
    "trap '' TERM; (trap '' TERM; echo $BASHPID >grandchild; while :; do sleep .1; done) & echo $$ >pid.txt; "
    "while :; do sleep .1; done"
)


def lives(pid: str | int) -> bool:
    try:
        return Path(f"/proc/{int(pid)}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def supervisor_of(front: int) -> int:
    children = Path(f"/proc/{front}/task/{front}/children").read_text().split()
    assert len(children) == 1
    return int(children[0])


def test_broken_switchover_acknowledge(kleio):
    """S53"""
    line = ("python", "train.py", "--die", "2")
    first = kleio(*line)
    assert first.code == 3
    words = kleio(*line).refused()
    assert f"kleio cat --stderr {first.trial}" in words
    assert "--switch-over" in words
    assert kleio("run", "--switch-over", *line).code == 3
    assert "no trial is called 'nope'" in kleio("switchover", first.trial, "nope").words
    assert kleio.status(first.trial) == "switchover"
    assert kleio(*line).code == 3
    done = kleio("acknowledge", "--why", "a bad seed", first.trial)
    assert done.code == 0, done.words
    assert kleio.status(first.trial) == "acknowledged"
    assert "cannot become acknowledged" in kleio("acknowledge", first.trial).refused()
    kleio(*line).refused()
    event = kleio.info(first.trial)["history"][-1]["events"][-1]
    assert (event["status"], event["why"]) == ("acknowledged", "a bad seed")


def test_switch_over_leaves_broken_what_is_refused_or_branched_off(kleio, repo):
    line = ("python", "train.py", "--die", "2")
    broken = kleio(*line).trial
    with (repo / "train.py").open("a") as file:
        file.write("#x\n")
    kleio("run", "--switch-over", *line).refused()
    assert kleio.status(broken) == "broken"
    for _ in range(2):  # the branch, and the branch again
        branch = kleio("run", "--switch-over", "--allow-code-change", *line)
        assert branch.code == 3
        assert (kleio.status(broken), kleio.status(branch.trial)) == ("broken", "broken")
    assert kleio.info(branch.trial)["attempts"] == 2


def test_each_of_several_is_handled_and_the_exit_code_tells(kleio):
    broken = [kleio("sh", "-c", f"exit {number}").trial for number in (3, 4)]
    completed = kleio("true").trial
    words = kleio("switchover", broken[0], completed, broken[1]).words
    assert f"trial {completed} is completed and cannot become switchover" in words
    assert [kleio.status(trial) for trial in (*broken, completed)] == ["switchover", "switchover", "completed"]
    assert kleio("switchover", completed).code == 125
    assert kleio("switchover").code == 2


@pytest.mark.parametrize("command", ["suspend", "kill", "note"])
def test_two_ids_where_one_is_wanted_is_a_usage_error(kleio, command):
    ids = [kleio("true").trial, kleio("false").trial]
    assert kleio(command, *ids, *["text"] * (command == "note")).code == 2


def test_suspend_returns_when_the_command_is_gone(kleio):
    """S54"""
    running = kleio.background("python", "hold.py")
    pid = running.until_file()
    done = kleio("suspend", running.trial)
    assert done.code == 0, done.words
    assert not lives(pid)
    trial = running.trial
    assert kleio.status(trial) == "suspended"
    assert running.wait().status == 143
    assert "there is nothing to suspend" in kleio("suspend", trial).refused()
    assert "suspended remotely by " in kleio.info(trial)["outcome"]["why"]


def test_suspend_ends_what_ignores_it_with_all_that_it_started(kleio, repo):
    running = kleio.background("bash", "-c", STUBBORN, env={"KLEIO_STOP_GRACE": "0.5s"})
    pids = [running.until_file(), running.until_file("grandchild")]
    until(lambda: kleio.status(running.trial) == "running", "the trial to run")
    done = kleio("suspend", running.trial)
    assert done.code == 0, done.words
    assert not any(lives(pid) for pid in pids)
    assert kleio.status(running.trial) == "suspended"


@pytest.mark.parametrize("command", ["suspend", "kill"])
def test_a_trial_whose_front_is_dead_obeys_as_well(kleio, command):
    running = kleio.background("python", "hold.py")
    pid = running.until_file()
    trial = running.trial
    running.signal(signal.SIGKILL)
    running.wait()
    assert lives(pid)
    done = kleio(command, trial)
    assert done.code == 0, done.words
    assert not lives(pid)
    assert kleio.status(trial) == {"suspend": "suspended", "kill": "broken"}[command]


def test_suspend_that_is_not_confirmed_tells_the_truth(kleio):
    """The command takes its time; what was asked of it comes true when that is over."""
    running = kleio.background("bash", "-c", STUBBORN, env={"KLEIO_STOP_GRACE": "5s"})
    pid = running.until_file()
    until(lambda: kleio.status(running.trial) == "running", "the trial to run")
    words = kleio("suspend", "--timeout", "0.3", running.trial).refused(75)
    assert "is still running after" in words
    assert "The request to suspend it stands" in words
    assert lives(pid)
    running.wait()
    assert kleio.status(running.trial) == "suspended"


def test_a_request_ends_with_its_attempt(kleio, repo):
    """What was asked of one attempt is not asked of the next."""
    running = kleio.background("python", "hold.py")
    running.until_file()
    assert kleio("suspend", running.trial).code == 0
    (repo / "go").touch()
    assert kleio("run", running.trial).code == 0
    assert kleio.status(running.trial) == "completed"


def test_kill_ends_at_once_and_for_good(kleio):
    running = kleio.background("bash", "-c", STUBBORN)
    pids = [running.until_file(), running.until_file("grandchild")]
    done = kleio("kill", running.trial)
    assert done.code == 0, done.words
    assert not any(lives(pid) for pid in pids)
    assert kleio.status(running.trial) == "broken"
    assert "is broken (killed remotely by " in kleio("run", running.trial).refused()


def test_kill_ends_what_a_dead_launcher_left(kleio):
    running = kleio.background("bash", "-c", "setsid sh -c 'echo $$ >left; exec sleep 600' & sleep 600")
    left = running.until_file("left")
    supervisor = supervisor_of(running.pid)
    running.signal(signal.SIGSTOP)
    os.kill(supervisor, signal.SIGKILL)
    running.signal(signal.SIGKILL)
    running.wait()
    until(lambda: lives(left), "the process that was left")
    trial = running.trial
    words = kleio("cure").refused(75)
    assert "processes that it started still run" in words
    assert f"kleio kill {trial}" in words
    done = kleio("kill", trial)
    assert done.code == 0, done.words
    assert not lives(left)
    assert kleio.status(trial) == "failover"


def test_cure_finds_the_dead_and_leaves_the_living(kleio, repo):
    """S55; whatever else kleio does on this machine would find the dead one as well."""
    living = kleio.background("sh", "-c", "echo $$ >living; while [ ! -e go ]; do sleep .1; done")
    living.until_file("living")
    dead = kleio.background("python", "hold.py")
    dead.until_file()
    for started in (living, dead):
        until(lambda: kleio.status(started.trial) == "running", "the trial to run")  # noqa: B023
    dead.signal(signal.SIGKILL, group=True)
    dead.wait()

    def found(*options: str) -> dict[str, tuple[str, str]]:
        done = kleio("cure", "--json", *options)
        assert done.code == 0, done.words
        return {one["trial"][:7]: (one["before"], one["after"]) for one in json.loads(done.out)["data"]}

    expected = {dead.trial: ("running", "failover"), living.trial: ("running", "running")}
    assert found("--threshold-coefficient", "0.1", "--print-only") == expected
    assert found("--dry-run") == expected
    assert found() == expected
    assert found("--threshold-coefficient", "0.1", "--extensive") == {living.trial: ("running", "running")}
    assert kleio.status(dead.trial) == "failover"
    assert kleio.status(living.trial) == "running"
    (repo / "go").touch()
    assert living.wait().code == 0
    assert kleio("run", dead.trial).code == 0


def test_switchover_of_a_reserved_trial_needs_a_dead_launcher(kleio):
    running = kleio.background("true", env={"KLEIO_FAILPOINT": "after_reserve:sleep=600"})
    until(lambda: kleio.ids(), "a trial")
    (trial,) = kleio.ids()
    until(lambda: kleio.status(trial) == "reserved", "the reservation")
    assert "is already reserved on" in kleio("switchover", trial).refused(75)
    running.signal(signal.SIGKILL)
    running.wait()
    kleio.until_settled()
    done = kleio("switchover", trial)
    assert done.code == 0, done.words
    assert kleio.status(trial) == "switchover"
    assert kleio("true").code == 0


def test_tags_and_notes(kleio):
    trial = kleio("--tags", "a;b", "true").trial
    assert kleio("tag", trial, "+c", "-a", "d e").out == b"b\nc\nd e\n"
    assert kleio("tag", trial, "--remove", "b;c").out == b"d e\n"
    assert kleio("tag", trial, "new\nline").code == 2
    assert kleio("note", trial, "looks odd: \x1b[31mred").code == 0
    assert kleio("note", trial, "").code == 2
    info = kleio.info(trial)
    assert info["tags"] == ["d e"]
    assert [edit.get("text") for edit in info["edits"]] == [None, None, "looks odd: \x1b[31mred"]
    assert info["status"] == "completed"
    assert [attempt["outcome"]["code"] for attempt in info["history"]] == [0]
    shown = kleio("info", trial)
    assert b"looks odd" in shown.out
    assert b"\x1b" not in shown.out
