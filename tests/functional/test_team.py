"""``srun kleio python train.py``: several tasks with one line are one trial; stand-ins for SLURM set its variables."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from harness.waiting import until

TRAIN = """
import os, sys, time
from kleio.client.logger import kleio_logger as k
rank = int(os.environ["SLURM_PROCID"])
for step in range(3): k.log_statistic(step=step)
k.log_artifact("shard", b"%d" % rank, rank=rank)
print("ready", file=open(f"ready-{rank}", "w"))
while rank and not os.path.exists("go"): time.sleep(0.02)
k.log_statistic(last=rank)
sys.exit(4 if rank == 2 else 0)
"""


def task(rank: int, step: str = "0") -> dict[str, str]:
    return {"SLURM_JOB_ID": "7", "SLURM_STEP_ID": step, "SLURM_NTASKS": "3", "SLURM_PROCID": str(rank)}


def test_all_tasks_of_a_step_are_one_trial(kleio, repo):
    (repo / "task.py").write_text(TRAIN)
    tasks = {rank: kleio.background("python", "task.py", env=task(rank)) for rank in (2, 1, 0)}
    for rank in tasks:
        tasks[rank].until_file(f"ready-{rank}")
    assert tasks[0].running, "it waits for the others before it closes the trial"
    (repo / "go").touch()
    assert {rank: one.wait().code for rank, one in tasks.items()} == {0: 0, 1: 0, 2: 4}
    (trial,) = kleio.ids()
    assert kleio.status(trial) == "completed"
    points = kleio.json("stats", trial, "--json")
    assert sorted(point["rank"] for point in points) == [0] * 4 + [1] * 4 + [2] * 4
    assert {point["rank"]: point["values"]["last"] for point in points if "last" in point["values"]} == {
        0: 0,
        1: 1,
        2: 2,
    }
    assert len(kleio.json("artifacts", "ls", trial, "--json")) == 3
    assert kleio("fsck", trial).code == 0


def begin(kleio, repo, end: str):
    """Two tasks, of which 0 does ``end`` and 1 goes on until ``go``; neither has long for the journal."""
    text = TRAIN.replace("k.log_statistic(last=rank)", f"if not rank: {end}\nk.log_statistic(last=rank)")
    (repo / "task.py").write_text(text)
    env = {"SLURM_NTASKS": "2", "KLEIO_FLUSH_DEADLINE": "0.5"}
    tasks = [kleio.background("python", "task.py", env={**task(rank), **env}) for rank in (0, 1)]
    for rank in (0, 1):
        tasks[rank].until_file(f"ready-{rank}")
    return tasks


def check_both(kleio, trial: str) -> None:
    assert sorted(point["rank"] for point in kleio.json("stats", trial, "--json"))[-4:] == [1] * 4
    assert kleio("fsck", trial).code == 0


def test_the_trial_is_over_when_its_last_task_is(kleio, repo):
    first, second = begin(kleio, repo, "pass")
    until(lambda: b"ends with the last of its tasks" in first.err.read_bytes(), "it to say that it waits")
    assert kleio.status(first.trial) == "running"
    (repo / "go").touch()
    assert [one.wait().code for one in (first, second)] == [0, 0]
    assert kleio.spools() == []
    assert kleio.status(first.trial) == "completed"
    check_both(kleio, first.trial)


def test_a_failed_task_0_does_not_wait_for_those_that_may_hang(kleio, repo):
    first, second = begin(kleio, repo, "sys.exit(3)")
    done = first.wait()
    assert done.code == 3
    assert second.running
    (repo / "go").touch()
    assert second.wait().code == 0
    assert kleio("ls").code == 0
    kleio.until_settled()
    assert kleio.status(done.trial) == "broken"
    check_both(kleio, done.trial)


def test_a_task_0_that_waits_leaves_when_it_is_told_to(kleio, repo):
    first, second = begin(kleio, repo, "pass")
    until(lambda: b"ends with the last of its tasks" in first.err.read_bytes(), "it to say that it waits")
    first.signal(signal.SIGTERM)
    assert first.wait().code == 0
    assert second.running
    (repo / "go").touch()
    assert second.wait().code == 0
    assert kleio("ls").code == 0
    kleio.until_settled()
    assert kleio.status(first.trial) == "completed"
    check_both(kleio, first.trial)


def test_a_task_0_that_waits_bears_a_file_in_place_of_its_spool(kleio, repo):
    first, second = begin(kleio, repo, "pass")
    until(lambda: b"ends with the last of its tasks" in first.err.read_bytes(), "it to say that it waits")
    (name,) = kleio.spools()
    spool = Path(kleio.environment["HOME"]) / ".local/share/kleio/spool" / name
    spool.rename(f"{spool}-aside")
    spool.touch()
    done = first.wait()
    assert (done.code, b"bug" in done.err) == (0, False)
    (repo / "go").touch()
    assert second.wait().code == 0
    assert kleio("ls").code == 0
    kleio.until_settled()
    assert kleio.status(first.trial) == "completed"


@pytest.mark.parametrize(("command", "status"), [("kill", "broken"), ("suspend", "suspended")])
def test_what_is_asked_of_a_trial_whose_task_0_waits_ends_the_others(kleio, repo, command, status):
    first, second = begin(kleio, repo, "pass")
    until(lambda: b"ends with the last of its tasks" in first.err.read_bytes(), "it to say that it waits")
    done = kleio(command, first.trial)
    assert done.code == 0, done.words
    assert not second.running or second.wait().code < 0
    assert first.wait().status == {"kill": 128 + signal.SIGKILL, "suspend": 128 + signal.SIGTERM}[command]
    assert kleio.status(first.trial) == status
    assert "remotely by " in kleio.info(first.trial)["outcome"]["why"]
    assert kleio("fsck", first.trial).code == 0


@pytest.mark.parametrize("command", ["kill", "suspend"])
def test_what_is_asked_of_a_running_trial_is_asked_of_all_its_tasks(kleio, repo, command):
    first, second = begin(kleio, repo, "time.sleep(600)")
    assert kleio(command, first.trial).code == 0
    assert first.wait().code < 0
    assert second.wait().code < 0


def test_kill_ends_the_tasks_that_a_dead_task_0_left(kleio, repo):
    first, second = begin(kleio, repo, "pass")
    until(lambda: b"ends with the last of its tasks" in first.err.read_bytes(), "it to say that it waits")
    first.signal(signal.SIGKILL)
    first.wait()
    assert f"kleio kill {first.trial}" in kleio("run", first.trial).refused(75)
    done = kleio("kill", first.trial)
    assert done.code == 0, done.words
    assert second.wait().code == -signal.SIGKILL
    assert kleio.status(first.trial) == "completed"


def test_a_refusal_is_that_of_all_tasks_and_said_once(kleio, repo):
    assert kleio("true").code == 0
    tasks = [kleio.background("true", env=task(rank)) for rank in (1, 0, 2)]
    done = [one.wait() for one in tasks]
    assert [one.code for one in done] == [125] * 3
    assert [bool(one.err) for one in done] == [False, True, False]


def test_one_kleio_in_front_of_the_step_needs_no_team(kleio, repo):
    """``kleio srun python train.py``: the command's own processes log into one spool, each with its rank."""
    (repo / "task.py").write_text(TRAIN)
    (repo / "go").touch()
    (repo / "srun").write_text(
        '#!/bin/sh\nfor rank in 0 1 2; do SLURM_PROCID=$rank SLURM_NTASKS=3 SLURM_STEP_ID=1 "$@" & done; wait\n'
    )
    (repo / "srun").chmod(0o755)
    done = kleio("./srun", "python", "task.py", env={"SLURM_JOB_ID": "7", "SLURM_PROCID": "0", "SLURM_NTASKS": "3"})
    assert done.code == 0, done.words
    assert sorted(point["rank"] for point in kleio.json("stats", done.trial, "--json")) == [0] * 4 + [1] * 4 + [2] * 4


def test_a_process_on_a_node_without_the_spool_says_so_once_and_loses_nothing_else(kleio, repo):
    """Its values are printed, and what srun prints is recorded as the command's output."""
    (repo / "far.py").write_text(
        "import os\nos.environ['KLEIO_SPOOL'] += '-on-another-node'\n"
        "from kleio.client.logger import kleio_logger as k\nfor i in range(3): k.log_statistic(step=i)\n"
    )
    done = kleio("python", "far.py")
    assert done.code == 0, done.words
    assert kleio("cat", done.trial).out == b"step=0\nstep=1\nstep=2\n"
    assert done.err.count(b"this process is not recorded") == 1
    assert json.loads(kleio("stats", done.trial, "--format", "json").out)["data"] == []
