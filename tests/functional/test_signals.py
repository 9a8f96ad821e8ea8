"""Every signal reaches the command once, wherever it was sent, and ends it as it would have without kleio."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from harness.command import program
from harness.waiting import until

CHILD = str(Path(__file__).parents[1] / "children" / "signals.py")
LISTEN = (sys.executable, CHILD)
LAST = signal.SIGRTMAX
"""The listener ends with this one."""
LEFT_ALONE = {
    "SIGKILL", "SIGSTOP", "SIGCHLD", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGCONT", "SIGWINCH", "SIGURG",  # job control
    "SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT", "SIGTRAP", "SIGSYS", "SIGPIPE",  # a process's own faults
    "SIGXFSZ",  # the interpreter ignores it
}  # fmt: skip
FORWARDED = sorted(signal.valid_signals() - {getattr(signal, name) for name in LEFT_ALONE} - {LAST})


@pytest.fixture
def heard(repo):
    """``heard()``: how often the command got each signal."""

    def count():
        path = repo / "signals.txt"
        return Counter(map(int, path.read_text().split())) if path.exists() else Counter()

    return count


@pytest.mark.parametrize("group", [False, True], ids=["kleio-alone", "whole-group"])
def test_every_signal_reaches_the_command_once(kleio, heard, group):
    """What is sent to kleio alone is forwarded; what the command got with its group is not given to it again."""
    started = kleio.background(*LISTEN)
    started.until_output(b"ready")
    for number in FORWARDED:
        started.signal(number, group=group)
        until(lambda: heard()[number], f"the command to get signal {number}")  # noqa: B023 - called at once
    started.signal(LAST)  # forwarded later than any of those could be
    assert started.wait().code == 0
    assert heard() == dict.fromkeys(FORWARDED, 1)


def test_signal_to_the_supervisor_alone_is_forwarded_once(kleio, heard):
    started = kleio.background(*LISTEN)
    started.until_output(b"ready")
    (supervisor,) = children(started.pid)
    os.kill(supervisor, signal.SIGUSR1)
    until(lambda: heard()[signal.SIGUSR1], "the command to get it")
    started.signal(LAST)
    assert started.wait().code == 0
    assert heard() == {signal.SIGUSR1: 1}


def test_second_signal_is_forwarded_as_well(kleio, heard):
    started = kleio.background(*LISTEN)
    started.until_output(b"ready")
    for count in (1, 2):
        started.signal(signal.SIGTERM)
        until(lambda: heard()[signal.SIGTERM] == count, f"SIGTERM number {count}")  # noqa: B023 - called at once
    started.signal(LAST)
    assert started.wait().code == 0


def test_third_sigterm_makes_kleio_leave_a_command_that_ignores_it(kleio, heard):
    """RELIABILITY 12: the front leaves at once, and says so; the command runs on and is recorded to its end."""
    started = kleio.background(*LISTEN)
    started.until_output(b"ready")
    for count in (1, 2, 3):
        started.signal(signal.SIGTERM)
        if count < 3:
            until(lambda: heard()[signal.SIGTERM] == count, "the command to get it")  # noqa: B023 - called at once
    ended = started.wait()
    assert ended.code == -signal.SIGTERM
    assert f"(end it with: kleio kill {ended.trial})" in ended.words
    assert kleio.leftovers()
    (record,) = kleio.json("ls", "--json")
    assert record["status"] == "running"
    assert kleio("kill", ended.trial).code == 0
    assert kleio.status(ended.trial) == "broken"


def test_ctrl_c_at_a_terminal_reaches_the_command_once(kleio, heard):
    terminal = kleio.terminal(*LISTEN)
    terminal.until("ready")
    for count in (1, 2):
        terminal.type("\x03")
        until(lambda: heard()[signal.SIGINT] == count, f"Ctrl-C number {count}")  # noqa: B023 - called at once
    terminal.type("\x1c")
    until(lambda: heard()[signal.SIGQUIT], "Ctrl-\\")
    os.kill(terminal.pid, LAST)
    assert terminal.wait() == 0
    assert heard() == {signal.SIGINT: 2, signal.SIGQUIT: 1}


@pytest.mark.parametrize(("number", "shell"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_scheduler_interrupts(kleio, repo, number, shell):
    """S10: the command is ended, the trial is interrupted, and goes on later."""
    started = kleio.background("python", "hold.py")
    command = int(started.until_file())
    started.signal(number)
    ended = started.wait()
    assert ended.status == shell
    assert not os.path.exists(f"/proc/{command}")
    info = kleio.info(started.trial)
    assert info["status"] == "interrupted"
    assert info["outcome"]["why"] == number.name
    assert "the same command" in ended.words
    (repo / "go").touch()
    again = kleio("python", "hold.py")
    assert (again.code, again.trial) == (0, started.trial), again.words
    assert kleio.status(started.trial) == "completed"


def test_command_that_obeys_its_scheduler_is_interrupted(kleio):
    """A script that writes its checkpoint at SIGTERM and leaves with 0 has obeyed, it is not done."""
    code = "import signal, sys; signal.signal(15, lambda *_: sys.exit(0)); print('ready', flush=True); signal.pause()"
    started = kleio.background("python", "-c", code)
    started.until_output(b"ready")
    started.signal(signal.SIGTERM)
    assert started.wait().code == 0
    assert kleio.status(started.trial) == "interrupted"


def test_ctrl_c_suspends(kleio):
    started = kleio.background("python", "hold.py")
    started.until_file()
    started.interrupt()
    assert started.wait().status == 130
    assert kleio.status(started.trial) == "suspended"


@pytest.mark.parametrize(
    "through",
    [("nohup",), ("sh", "-c", 'trap "" INT HUP; exec "$@"', "-")],
    ids=["nohup", "background-of-a-script"],
)
def test_ignored_signals_stay_ignored(kleio, repo, through):
    """S10: ``nohup kleio …`` survives the hang-up, and ``kleio … &`` in a script survives Ctrl-C."""
    ignored = [signal.SIGHUP] if through == ("nohup",) else [signal.SIGHUP, signal.SIGINT]
    started = kleio.background("python", "hold.py", through=through)
    command = started.until_file()
    for number in ignored:
        started.signal(number)
        started.signal(number, group=True)
    mask = sum(1 << (number - 1) for number in ignored)
    status = Path(f"/proc/{command}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("SigIgn")]
    assert int(line.split()[1], 16) & mask == mask
    (repo / "go").touch()
    assert started.wait().code == 0
    assert kleio.status(started.trial) == "completed"


def test_command_inherits_no_signal_setting_of_kleios(kleio):
    """Mask and ignored signals are those of a run without kleio."""
    line = ("grep", "-E", "^Sig(Blk|Ign|Cgt)", "/proc/self/status")
    assert kleio(*line).out == kleio.bare(*line).out


def test_timeout_ends_the_command(kleio):
    """``timeout`` signals kleio and then its whole group."""
    started = kleio.background("python", "hold.py", through=("timeout", "60"))
    started.until_file()
    started.signal(signal.SIGTERM)
    assert started.wait().status == 143
    assert kleio.status(started.trial) == "interrupted"


def test_signal_before_the_start_leaves_nothing_running(kleio, repo):
    """Ctrl-C while kleio still prepares: the command never runs, and the trial may be run later."""
    slow = {"KLEIO_FAILPOINT": "before_reserve:sleep=60"}
    started = kleio.background("python", "hold.py", env=slow)
    until(lambda: len(kleio.ids()) == 1, "the trial to be registered")
    started.interrupt()
    assert started.wait().status == 130
    assert not (repo / "ran.log").exists()
    (repo / "go").touch()
    assert kleio("python", "hold.py").code == 0


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def sent_to_each(kleio, fits) -> int:
    """What ``pkill`` does: SIGTERM to the processes that fit, one after the other. How many there were."""
    found = [pid for pid in sorted(kleio.leftovers()) if fits(Path(f"/proc/{pid}"))]
    for pid in found:
        os.kill(pid, signal.SIGTERM)
    return len(found)


@pytest.mark.parametrize("pattern", ["kleio", "kleio ./listen.py", "listen.py --lr", "./listen.py"])
def test_whomever_pkill_chooses_the_command_gets_it_once(kleio, repo, heard, pattern):
    """By name (``killall kleio``) or by command line (``pkill -f``)."""
    (repo / "listen.py").write_text(f"#!{sys.executable}\n{Path(CHILD).read_text()}")
    (repo / "listen.py").chmod(0o755)
    started = kleio.background("./listen.py", "--lr", "1")
    started.until_output(b"ready")
    words = pattern.encode().replace(b" ", b"\0")
    if pattern == "kleio":
        name = Path(program()[0]).name
        assert sent_to_each(kleio, lambda process: (process / "comm").read_text() == f"{name}\n") == 1
    else:
        assert sent_to_each(kleio, lambda process: words in (process / "cmdline").read_bytes())
    until(lambda: heard()[signal.SIGTERM], "the command to get it")
    started.signal(LAST)
    assert started.wait().code == 0
    assert heard() == {signal.SIGTERM: 1}
    info = kleio.info(started.trial)
    assert (info["status"], info["outcome"]["why"]) == ("interrupted", "SIGTERM")


def test_everything_called_kleio_is_killed_and_the_trial_is_recorded_to_its_end(kleio, repo):
    """``pkill -9 -f kleio``: the command and its supervisor are not called so, and a new shipper replaces the front."""
    started = kleio.background("python", "hold.py")
    command = started.until_file()
    for pid in kleio.leftovers():
        if b"kleio" in Path(f"/proc/{pid}/cmdline").read_bytes().replace(str(repo).encode(), b""):
            os.kill(pid, signal.SIGKILL)
    started.wait()
    assert os.path.exists(f"/proc/{command}")
    (repo / "go").touch()
    until(lambda: kleio.status(started.trial) == "completed", "the end of the trial")
    assert kleio("cat", started.trial).out == b"held\n"
