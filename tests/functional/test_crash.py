"""Whoever of kleio's processes is killed: what was kept is kept, nothing runs unrecorded, and the trial goes on."""

from __future__ import annotations

import os
import signal

import pytest

from harness.processes import children
from harness.waiting import until

pytestmark = pytest.mark.kill

SCRIPT = """\
import os, sys, time
from kleio.client.logger import kleio_logger
print('out', flush=True)
print('err', file=sys.stderr, flush=True)
kleio_logger.log_statistic(step=1, loss=.5)
open('pid.txt', 'w').write(str(os.getpid()))
while not os.path.exists('go'):
    time.sleep(.05)
kleio_logger.log_statistic(step=2, loss=.25)
print('more', flush=True)
sys.exit(int(os.environ.get('CODE', 0)))
"""


@pytest.fixture
def started(kleio, repo):
    """A command that has printed and logged, and waits for the file ``go``; its processes by name."""
    (repo / "script.py").write_text(SCRIPT)
    background = kleio.background("python", "script.py")
    background.command = int(background.until_file())
    (background.supervisor,) = children(background.pid)
    return background


@pytest.mark.parametrize("code", [0, 4])
def test_command_outlives_the_front_and_is_recorded(kleio, repo, code):
    """The front is killed: the command goes on; its output, statistics and exit are in the journal soon after."""
    (repo / "script.py").write_text(SCRIPT)
    started = kleio.background("python", "script.py", env={"CODE": str(code)})
    command = int(started.until_file())
    trial = started.trial
    os.kill(started.pid, signal.SIGKILL)
    assert started.wait().code == -signal.SIGKILL
    assert alive(command)
    until(lambda: kleio.status(trial) == "running", "the front's successor to say that it runs")
    (supervisor,) = [pid for pid in kleio.leftovers() if command in children(pid)]
    named = f"its launcher died, and its supervisor, process {supervisor}, takes care of it"
    assert named in kleio("python", "script.py").refused(75)
    assert named.split(", ", 1)[1] in " ".join(kleio("cure").out.decode().split())
    (repo / "go").touch()
    until(lambda: not alive(command), "the command to end")
    until(lambda: kleio.status(trial) != "running", "its end to be in the journal")
    info = kleio.info(trial)
    assert info["status"] == ("broken" if code else "completed")
    assert info["outcome"] == {"code": code, "signal": None, "why": f"exit {code}", "cause": "exit"}
    assert kleio("cat", trial).out == b"out\nmore\n"
    assert b"err\n" in kleio("cat", "--stderr", trial).out
    assert info["statistics"]["loss"]["count"] == 2
    assert f"exit {code}" in kleio("info", trial).out.decode()


def test_signals_reach_the_command_when_the_front_is_gone(kleio, started):
    os.kill(started.pid, signal.SIGKILL)
    started.wait()
    os.kill(started.supervisor, signal.SIGTERM)
    until(lambda: not alive(started.command), "the command to end")
    until(lambda: kleio.status(started.trial) == "interrupted", "the trial to be interrupted")


def test_command_ends_with_its_supervisor(kleio, repo, started):
    """Nothing runs unrecorded: the command is ended, what it printed and logged is kept, and it may run again."""
    trial = started.trial
    os.kill(started.supervisor, signal.SIGKILL)
    ended = started.wait()
    assert ended.status == 128 + signal.SIGKILL
    assert not alive(started.command)
    assert "supervisor" in ended.words
    info = kleio.info(trial)
    assert info["status"] == "failover"
    assert kleio("cat", trial).out == b"out\n"
    assert info["statistics"]["loss"]["count"] == 1
    (repo / "go").touch()
    again = kleio("python", "script.py")
    assert (again.code, again.trial) == (0, trial), again.words
    info = kleio.info(trial)
    assert [attempt["status"] for attempt in info["history"]] == ["failover", "completed"]
    assert kleio("cat", trial).out == b"out\nout\nmore\n"


def test_trial_goes_on_when_all_of_kleio_was_killed(kleio, repo, started):
    """S09: no process of the dead launch lives, and the same command resumes the same trial."""
    trial = started.trial
    os.kill(started.pid, signal.SIGSTOP)  # it must not notice
    os.kill(started.supervisor, signal.SIGKILL)
    os.kill(started.pid, signal.SIGKILL)
    started.wait()
    until(lambda: not alive(started.command), "the command to end")
    assert kleio.status(trial) == "failover"
    (repo / "go").touch()
    again = kleio("python", "script.py")
    assert (again.code, again.trial) == (0, trial), again.words
    info = kleio.info(trial)
    assert [attempt["status"] for attempt in info["history"]] == ["failover", "completed"]
    assert kleio("cat", trial).out == b"out\nout\nmore\n"
    assert info["statistics"]["loss"]["count"] == 3


def test_whole_group_killed_is_a_failover(kleio, repo, started):
    """As the out-of-memory killer of a cluster does."""
    trial = started.trial
    started.signal(signal.SIGKILL, group=True)
    started.wait()
    until(lambda: not kleio.leftovers(), "all of it to end")
    assert kleio.status(trial) == "failover"
    (repo / "go").touch()
    assert kleio("run", trial).code == 0
    assert kleio.info(trial)["statistics"]["loss"]["count"] == 3


def test_never_two_copies_of_one_trial(kleio, repo):
    """S09: killing the launcher alone leaves the command running, so that a second one is refused."""
    started = kleio.background("python", "hold.py")
    started.until_file()
    until(lambda: b"[running]" in kleio("ls").out, "the journal to know that it runs")
    os.kill(started.pid, signal.SIGKILL)
    started.wait()
    assert "already running" in kleio("python", "hold.py").refused(75)
    assert len((repo / "ran.log").read_text().split()) == 1
    (repo / "go").touch()
    until(lambda: kleio.status(started.trial) == "completed", "the first one to complete")


def test_orphan_of_a_killed_command_is_not_run_beside(kleio, repo):
    """What the command started lives on after both of kleio's processes were killed: the trial waits for its end."""
    (repo / "fork.sh").write_text("setsid python hold.py & while ! [ -e go ]; do sleep .05; done; wait")
    started = kleio.background("sh", "fork.sh")
    orphan = int(started.until_file())
    trial = started.trial
    started.signal(signal.SIGKILL, group=True)
    started.wait()
    assert alive(orphan)
    assert str(orphan) in kleio("sh", "fork.sh").refused(75)
    (repo / "go").touch()
    until(lambda: not alive(orphan), "the orphan to end")
    again = kleio("sh", "fork.sh")
    assert (again.code, again.trial) == (0, trial), again.words


def test_killed_command_is_broken_with_its_signal(kleio, started):
    os.kill(started.command, signal.SIGKILL)
    ended = started.wait()
    assert ended.code == -signal.SIGKILL
    info = kleio.info(started.trial)
    assert info["status"] == "broken"
    assert info["outcome"]["why"] == "killed by SIGKILL"
    assert kleio("cat", started.trial).out == b"out\n"
    assert info["statistics"]["loss"]["count"] == 1


@pytest.mark.parametrize(
    ("point", "word"),
    [
        ("before_reserve", "new"),
        ("after_reserve", "failover"),
        ("after_spool_open", "failover"),
    ],
)
def test_launcher_killed_before_the_start_has_run_nothing(kleio, repo, point, word):
    """The supervisor leaves without running anything, and the next launch runs it."""
    (repo / "go").touch()
    done = kleio("python", "hold.py", env={"KLEIO_FAILPOINT": f"{point}:kill"})
    assert done.code == -signal.SIGKILL
    until(lambda: not kleio.leftovers(), "the supervisor to leave")
    assert not (repo / "ran.log").exists()
    (trial,) = kleio.ids()
    assert kleio.status(trial) == word
    again = kleio("python", "hold.py")
    assert again.code == 0, again.words
    assert trial.startswith(again.trial)
    assert kleio.status(trial) == "completed"


@pytest.mark.parametrize("point", ["after_spawn", "before_exit_record"])
def test_supervisor_killed_at_its_worst_moment_is_a_failover(kleio, repo, point):
    (repo / "go").touch()
    done = kleio("python", "hold.py", env={"KLEIO_FAILPOINT": f"{point}:kill"})
    assert done.status == 128 + signal.SIGKILL
    (trial,) = kleio.ids()
    assert kleio.status(trial) == "failover"
    assert kleio("python", "hold.py").code == 0


def test_supervisor_killed_after_the_exit_record_loses_nothing(kleio, repo):
    (repo / "go").touch()
    done = kleio("python", "hold.py", env={"KLEIO_FAILPOINT": "after_exit_record:kill"})
    assert done.code == 0, done.words
    (trial,) = kleio.ids()
    assert kleio.status(trial) == "completed"
    assert kleio("cat", trial).out == b"held\n"


@pytest.mark.parametrize("point", ["before_ship", "after_ship", "before_ack", "before_close", "after_close"])
def test_shipping_killed_anywhere_loses_and_doubles_nothing(kleio, repo, point):
    """The front dies while it ships. The supervisor's replacement or the next kleio brings the rest, once."""
    done = kleio("python", "train.py", "--epochs", "3", env={"KLEIO_FAILPOINT": f"{point}:kill"})
    assert done.code == -signal.SIGKILL
    until(lambda: not kleio.leftovers(), "the replacement to give up or to end")
    kleio("-q", "true")  # any next command ships what was left
    (trial,) = [trial for trial in kleio.json("ls", "--json") if trial["argv"][0] == "python"]
    info = kleio.info(trial["id"])
    assert info["status"] == "completed"
    assert info["statistics"]["epoch"]["count"] == 3
    assert info["artifacts"] == 3
    assert [line for line in kleio("cat", trial["id"]).out.splitlines() if line.startswith(b"epoch")] == [
        b"epoch 1 lr 1",
        b"epoch 2 lr 1",
        b"epoch 3 lr 1",
    ]


def alive(pid: int) -> bool:
    """Whether it runs, and is no zombie."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
