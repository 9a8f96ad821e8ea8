"""A queue of saved trials, and workers that drain it."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from pathlib import Path

import pytest

from harness.waiting import until

ROUNDS = int(os.environ.get("KLEIO_TEST_ROUNDS", "1"))


def statuses(kleio, *options: str) -> dict[str, int]:
    return dict(kleio.json("status", "--json", *options)["statuses"])


def test_two_workers_run_each_saved_trial_once(kleio, repo):
    """S51"""
    save = ("save", "--tags", "g", "python", "train.py")
    for rate in "123":
        saved = kleio(*save, "--epochs", "2", "--lr", rate)
        assert (saved.code, saved.out) == (0, b"")
        assert "trial registered with id: " in saved.words
    assert kleio(*save, "--die", "1").code == 0
    words = kleio("save", "python", "train.py", "--epochs", "2", "--lr", "1").refused()
    assert "already registered with id: " in words
    assert statuses(kleio, "--tags", "g") == {"new": 4}
    workers = [kleio.background("run", "--tags", "g") for _ in range(2)]
    done = [worker.wait() for worker in workers]
    assert [one.code for one in done] == [0, 0]
    assert statuses(kleio, "--tags", "g") == {"broken": 1, "completed": 3}
    assert all(kleio.info(trial)["attempts"] == 1 for trial in kleio.ids())
    output = b"".join(one.out for one in done).splitlines()
    expected = [f"epoch {epoch} lr {rate}".encode() for rate in "123" for epoch in (1, 2)]
    assert sorted(output) == sorted([*expected, b"epoch 1 lr 1"])
    kleio("save").refused(2)
    kleio("save", "").refused(2)
    kleio("save", "no-such-program").refused(127)


def test_counts_are_shown_total_first(kleio):
    kleio("--tags", "g;h", "true")
    kleio("--tags", "g", "false")
    assert kleio("status").out.split() == (
        b"total 2 broken 1 completed 1 g 2 broken 1 completed 1 h 1 completed 1".split()
    )
    assert kleio("status", "--short").out == b"2 trials: 1 broken, 1 completed\n"
    assert kleio("status", "--tags", "g;h", "--short").out == b"1 trial: 1 completed\n"


def test_suspending_one_trial_does_not_end_the_worker(kleio, repo):
    """S54: nor does the worker, or another one that is at work, begin it again."""
    kleio("save", "python", "hold.py")
    kleio("save", "python", "train.py", "--epochs", "1")
    worker = kleio.background("work")
    pid = worker.until_file()
    held = worker.trial
    done = kleio("suspend", held)
    assert done.code == 0, done.words
    assert not Path(f"/proc/{pid}").exists()
    ended = worker.wait()
    assert ended.code == 0
    assert b"epoch 1" in ended.out
    assert kleio.status(held) == "suspended"
    assert statuses(kleio) == {"completed": 1, "suspended": 1}
    (repo / "go").touch()
    assert kleio("work").code == 0
    assert kleio.status(held) == "completed"


def test_other_code_is_skipped(kleio, repo):
    kleio.part("python", "train.py", "--sleep", ".5")
    with (repo / "train.py").open("a") as file:
        file.write("#x\n")
    kleio("save", "python", "train.py", "--epochs", "1")
    worker = kleio("work")
    assert worker.code == 0
    assert "code changed" in worker.words
    assert "1 trial run, 1 could not run here" in worker.words
    assert statuses(kleio) == {"completed": 1, "suspended": 1}


def test_worker_ends_after_so_many_and_takes_the_oldest_first(kleio):
    for word in "abc":
        kleio("save", "echo", word)
    assert kleio("work", "--max", "2").out == b"a\nb\n"
    assert statuses(kleio) == {"completed": 2, "new": 1}


def test_worker_waits_for_what_comes(kleio):
    worker = kleio.background("work", "--idle-exit", "3")
    kleio("save", "echo", "late")
    worker.until_output(b"late")
    assert worker.wait().code == 0


def test_trials_of_another_project_are_left_alone(kleio, tmp_path):
    kleio("save", "echo", "here")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert kleio("work", cwd=elsewhere).out == b""
    assert kleio("work").out == b"here\n"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, "suspended"), (signal.SIGTERM, "interrupted")])
def test_signal_ends_the_worker_with_its_trial(kleio, number, status):
    kleio("save", "python", "hold.py")
    kleio("save", "echo", "never")
    worker = kleio.background("work")
    worker.until_file()
    worker.signal(number, group=number == signal.SIGINT)
    ended = worker.wait()
    assert ended.code == 128 + number
    assert b"never" not in ended.out
    assert kleio.status(worker.trial) == status


def test_worker_without_a_command_has_no_name(kleio):
    assert "--name is for one command" in kleio("run", "--name", "x").refused(2)
    kleio("run", "--").refused(2)


def test_sweep_registers_a_grid_once(kleio):
    line = ("sweep", "--tags", "s", "echo", "--lr", "0.1,0.01", "--seed", "1..3")
    done = kleio(*line)
    assert "6 trials registered" in done.words
    assert len(done.out.splitlines()) == 6
    assert "0 trials registered, 6 were there already" in kleio(*line).words
    ran = kleio("work", "--tags", "s")
    assert ran.out.splitlines()[0] == b"--lr 0.1 --seed 1"
    assert len(set(ran.out.splitlines())) == 6
    sampled = kleio("sweep", "--dry-run", "--sample", "2", *line[1:])
    assert len(sampled.out.splitlines()) == 2
    kleio("sweep", "echo", "--lr", "1").refused(2)
    for words in (("sweep",), ("sweep", "--dry-run")):
        assert "nothing-here: command not found" in kleio(*words, "nothing-here", "--lr", "1,2").refused(127)


@pytest.mark.slow
@pytest.mark.kill
def test_workers_drain_the_queue_although_launchers_are_killed(kleio, repo):
    """Every trial ends completed once, none twice, none is lost. Of all launches about a third lose a process of
    theirs, whichever: front, supervisor, or both with the command. What must not happen is that two copies of one
    trial run at once, or that one that has completed runs again."""
    workers, trials = min(16, 2 + ROUNDS), min(300, 12 * ROUNDS)
    (repo / "job.sh").write_text(
        "exec 9>lock.$1\n"  # inherited by sleep: also what a dead launcher left holds it
        "echo attempt $KLEIO_ATTEMPT pid $$ at $(date +%s.%N) >>ran.$1\n"
        "flock -n 9 || { cat ran.$1; ps -eo pid,ppid,lstart,stat,args; } >>twice.$1\n"
        "sleep 0.4\n"
        "echo done >>done.$1\n"
    )
    for number in range(trials):
        assert kleio("save", "bash", "job.sh", str(number)).code == 0
    started = [kleio.background("work", "--idle-exit", "3") for _ in range(workers)]
    _kill_some(started, random.Random(4))
    for worker in started:
        assert worker.wait(600).code == 0
    kleio("work")
    kleio.until_settled()
    assert statuses(kleio, "--all") == {"completed": trials}
    history = {trial: [each["status"] for each in kleio.info(trial)["history"]] for trial in kleio.ids()}
    assert all(Counter(words)["completed"] == 1 and words[-1] == "completed" for words in history.values())
    assert set(Counter(word for words in history.values() for word in words)) <= {"completed", "failover"}
    assert [path.read_text() for path in repo.glob("twice.*")] == []
    assert len(list(repo.glob("done.*"))) == trials
    # an empty directory is what a launcher leaves that was killed as it began or ended; it goes after a minute
    assert list(Path(kleio.environment["HOME"]).rglob("attempt.json")) == []


def _kill_some(workers, chance):
    """Of the launches that come up, kill 30 %: front, supervisor, or both. Until all workers have ended."""
    seen: set[int] = set()

    def next_launch():
        for front in (pid for worker in workers for pid in _children(worker.pid)):
            below = _children(front)
            if front not in seen and below and _children(below[0]):  # the command is there
                seen.add(front)
                return [front, below[0]]
        return None

    while found := until(lambda: next_launch() or all(not worker.running for worker in workers), "launches", 600):
        if found is True:
            return
        if chance.random() < 0.3:
            for pid in chance.choice([found[:1], found[1:], found]):
                _kill(pid)


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
