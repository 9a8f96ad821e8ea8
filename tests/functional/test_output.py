"""What the command writes arrives where it should, byte for byte and at once, and is kept the same way."""

from __future__ import annotations

import json
import os
import random
import shlex
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from harness.command import program
from harness.waiting import until
from kleio.units import size_text

KLEIO = shlex.join(program())
NO_TEXT = random.Random(27).randbytes(100_000) + b"\xff\xfe\x00 end \t"
PROGRESS = (
    "import sys,time; sys.stdout.write('x'*10_000_000); "
    "[(sys.stdout.write('\\r%d%%'%i), sys.stdout.flush(), time.sleep(.02)) for i in range(101)]"
)


def test_streams_stay_apart_and_clean(kleio):
    """S02: stdout is what it is without kleio, and parses; kleio's own words go to stderr."""
    line = ("bash", "-c", "echo O; echo E >&2")
    done, bare = kleio(*line), kleio.bare(*line)
    assert done.out == bare.out == b"O\n"
    assert [word for word in done.err.splitlines(True) if not word.startswith(b"kleio: ")] == [bare.err]
    assert json.loads(kleio("python", "args.py", "a").out) == ["a"]


def test_each_stream_is_kept(kleio):
    done = kleio("bash", "-c", "echo O; echo E >&2")
    assert kleio("cat", done.trial).out == b"O\n"
    assert sorted(kleio("cat", "--stderr", done.trial).out.split()) == [b"E", b"O"]
    assert kleio.info(done.trial)["output"] == {"stdout": 2, "stderr": 2}


def test_bytes_that_are_no_text_are_kept(kleio, repo):
    """S27: live and stored, with trailing blanks and without a final newline."""
    (repo / "raw").write_bytes(NO_TEXT)
    done = kleio("run", "cat", "raw")  # `kleio cat` is kleio's own
    assert done.out == NO_TEXT
    assert kleio("cat", done.trial).out == NO_TEXT
    other = kleio("-q", "bash", "-c", "cat raw >&2")
    assert other.err == NO_TEXT
    (trial, _) = kleio.json("ls", "--json")
    assert kleio("cat", "--stderr", trial["id"]).out == NO_TEXT
    for reading in ("info", "tail", "cat"):
        result = kleio(reading, trial["id"])
        assert (result.code, result.err) == (0, b""), reading


def test_long_line_and_progress_bar_are_kept(kleio):
    """S29: 10 MB without a newline, then a bar drawn with carriage returns."""
    line = ("python", "-c", PROGRESS)
    done, bare = kleio(*line), kleio.bare(*line)
    assert done.code == 0, done.words
    assert done.out == bare.out
    assert kleio("cat", done.trial).out == bare.out
    assert kleio("tail", "-n", "1", done.trial).out == b"100%"


def test_part_of_a_line_is_seen_at_once(kleio, repo):
    """S29: no waiting for a newline."""
    (repo / "half.sh").write_text("printf '\\r50%%'; while ! [ -e go ]; do sleep .05; done")
    started = kleio.background("sh", "half.sh")
    started.until_output(b"\r50%")
    assert started.running
    (repo / "go").touch()
    assert started.wait().out == b"\r50%"


def test_hidden_output_is_kept(kleio):
    done = kleio("--hide-output", "bash", "-c", "echo O; echo E >&2")
    assert (done.code, done.out) == (0, b"")
    assert b"E" not in done.err.splitlines()
    assert sorted(kleio("cat", "--stderr", done.trial).out.split()) == [b"E", b"O"]


def test_output_off_keeps_nothing(kleio):
    done = kleio("--output", "off", "bash", "-c", "echo O; readlink /proc/self/fd/1")
    assert done.out.startswith(b"O\npipe:")
    assert kleio("cat", done.trial).out == b""


def test_output_that_goes_to_one_place_keeps_its_order(kleio):
    """Into one file, as ``>log 2>&1`` does."""
    script = "for i in $(seq 200); do echo o$i; echo e$i >&2; done"
    bare = kleio.bare("bash", "-c", f"bash -c {shlex.quote(script)} 2>&1")
    done = kleio.bare("bash", "-c", f"{KLEIO} -q bash -c {shlex.quote(script)} 2>&1")
    assert done.out == bare.out
    (trial,) = kleio.ids()
    assert kleio("cat", trial).out == bare.out


def test_split_output_is_recorded_apart_although_it_goes_to_one_place(kleio):
    done = kleio.bare("bash", "-c", f"{KLEIO} -q --output split bash -c 'echo O; echo E >&2' 2>&1")
    assert sorted(done.out.split()) == [b"E", b"O"]
    (trial,) = kleio.ids()
    assert kleio("cat", trial).out == b"O\n"


# stdin


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("seq 3 | K bash -c cat", b"1\n2\n3\n"),
        ("K bash -c cat </dev/null", b""),
        ("echo 'print(6*7)' | K python -", b"42\n"),
        ("K bash -c 'echo no stdin' <&-", b"no stdin\n"),
        (
            "K bash -c 'read x 2>&1 && echo got $x || echo closed' <&-",
            b"bash: line 1: read: read error: 0: Bad file descriptor\nclosed\n",
        ),
        ("K bash -c 'read x; echo $x' <<<here", b"here\n"),
        ("K -- cat <(echo one) <(echo two)", b"one\ntwo\n"),
        ("K bash -c 'echo to 3 >&3' 3>&1", b"to 3\n"),
        ("K bash -c 'cat <&3' 3<<<three", b"three\n"),
    ],
)
def test_input_arrives(kleio, line, out):
    """S30: piped, empty, a script, closed, and through descriptors of its own."""
    done = kleio.bare("bash", "-c", line.replace("K ", f"{KLEIO} -q "))
    assert (done.code, done.out, done.err) == (0, out, b"")
    assert "Traceback" not in done.words
    assert len(kleio.ids()) == 1


def test_closed_streams_stay_closed(kleio, repo):
    """A command started with stdout closed finds it closed, and no file of kleio's in its place."""
    script = "ls -l /proc/self/fd > fds.txt 2>/dev/null; readlink /proc/$$/fd/1 >>fds.txt || echo none >>fds.txt"
    done = kleio.bare("bash", "-c", f"{KLEIO} -q bash -c {shlex.quote(script)} >&- 2>&-")
    assert done.code == 0
    assert (repo / "fds.txt").read_text().endswith("none\n")


def test_command_inherits_only_what_the_user_gave(kleio):
    """No database, no lock, no pipe of kleio's leaks into the command."""
    line = ("python", "-c", "import os; print(sorted(map(int, os.listdir('/proc/self/fd')))[:-1])")
    assert kleio("-q", *line).out == kleio.bare(*line).out == b"[0, 1, 2]\n"


# readers and writers that go away


def test_reader_that_leaves_does_not_end_the_command(kleio, repo):
    """``kleio … | head -1``: the command goes on, and all it wrote is kept."""
    script = "import os, time\nfor i in range(20000): print('line', i, flush=True)\nopen('done.txt', 'w').write('1')"
    (repo / "much.py").write_text(script)
    done = kleio.bare("bash", "-c", f"{KLEIO} python much.py | head -1; echo ${{PIPESTATUS[0]}}")
    assert done.out == b"line 0\n0\n"
    assert (repo / "done.txt").exists()
    (trial,) = kleio.ids()
    assert kleio.status(trial) == "completed"
    assert kleio("cat", trial).out.splitlines()[-1] == b"line 19999"


def test_slow_reader_slows_the_command_and_loses_nothing(kleio, repo):
    reader, writer = os.pipe()
    script = "import os\nos.write(1, b'x' * 8_000_000)\nopen('done.txt', 'w')"
    process = subprocess.Popen(
        [*program(), "-q", "python", "-c", script], cwd=repo, env=kleio.environment, stdout=writer
    )
    os.close(writer)
    first = os.read(reader, 1000)
    assert not (repo / "done.txt").exists()
    with open(reader, "rb") as rest:
        assert len(first + rest.read()) == 8_000_000
    assert process.wait() == 0


def test_daemon_that_keeps_stdout_open_does_not_hold_kleio(kleio, repo):
    """Kleio returns when the command ends; what the daemon writes later is kept as well."""
    (repo / "daemon.sh").write_text(
        "(while ! [ -e go ]; do sleep .05; done; echo late; touch written) & echo early; exit 3\n"
    )
    with (repo / "o").open("wb") as out:
        done = subprocess.run(
            [*program(), "-q", "sh", "daemon.sh"], cwd=repo, env=kleio.environment, stdout=out, timeout=50
        )
    assert done.returncode == 3
    assert not (repo / "written").exists()
    (trial,) = kleio.ids()
    (repo / "go").touch()
    until(lambda: kleio("cat", trial).out == b"early\nlate\n", "what came late")
    assert kleio.status(trial) == "broken"


def test_output_to_a_socket_works(kleio, repo):
    """As under inetd: a socket cannot be opened again through /proc."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen(
            [*program(), "-q", "echo", "hello"], cwd=repo, env=kleio.environment, stdout=theirs, stdin=theirs
        )
        assert process.wait() == 0
        assert ours.recv(100) == b"hello\n"
    (trial,) = kleio.ids()
    assert kleio("cat", trial).out == b"hello\n"


def test_full_disk_at_the_users_side_does_not_end_the_command(kleio, repo):
    """``kleio … >/dev/full``: the command's output is kept all the same."""
    done = kleio.bare("bash", "-c", f"{KLEIO} -q bash -c 'echo kept; touch done.txt' >/dev/full")
    assert done.code == 0, done.words
    assert (repo / "done.txt").exists()
    (trial,) = kleio.ids()
    assert kleio("cat", trial).out == b"kept\n"


def test_reading_into_a_closed_pipe_ends_quietly(kleio):
    """``kleio cat ID | head -1`` ends as ``cat`` does."""
    first = kleio("-q", "seq", "200000")
    assert first.code == 0
    (trial,) = kleio.ids()
    done = kleio.bare("bash", "-c", f"{KLEIO} cat {trial} | head -1; echo ${{PIPESTATUS[0]}}")
    assert done.out.splitlines()[0] == b"1"
    assert int(done.out.splitlines()[1]) in (0, 128 + signal.SIGPIPE)
    assert done.err == b""


def test_output_that_never_ends_is_bounded_and_what_is_missing_is_said(kleio):
    limits = {"KLEIO_OUTPUT_HEAD": "100000", "KLEIO_OUTPUT_TAIL": "100000"}
    done = kleio("sh", "-c", "yes | head -c 3000000", env=limits)
    assert done.code == 0
    assert len(done.out) == 3_000_000
    shown = kleio("cat", done.trial)
    assert 200_000 <= len(shown.out) < 300_000
    missing = size_text(3_000_000 - len(shown.out))
    assert f"{missing} in the middle of the output of trial {done.trial} were not kept" in done.words
    assert f"{missing} in between were not kept" in shown.words
    checked = kleio("fsck", done.trial)
    assert checked.code == 0, checked.words
    quiet = kleio("-q", "sh", "-c", "yes | head -c 100000", env=limits)
    assert quiet.err == b""


def test_a_full_disk_behind_stdout_is_called_so(kleio):
    done = kleio.bare("sh", "-c", "kleio sh -c 'echo out' >/dev/full")
    assert done.code == 0
    assert "stdout takes no more (No space left on device); the command runs on and is recorded" in done.words
    assert kleio("cat", kleio.ids()[0]).out == b"out\n"


PRINTING = """\
import os, time
print("before", flush=True)
open("pid.txt", "w").write(str(os.getpid()))
while not os.path.exists("go"):
    time.sleep(.02)
print("after", flush=True)
"""


@pytest.mark.parametrize("again", [False, True], ids=["once", "until the end"])
def test_output_outlives_its_directory(kleio, repo, again):
    """The spool is removed under a running trial, and what was not in the journal yet is put back."""
    (repo / "printing.py").write_text(PRINTING)
    started = kleio.background("python", "printing.py")
    started.until_file()
    (place,) = kleio.spools()
    spool = Path(kleio.environment["HOME"], ".local/share/kleio/spool", place)
    spool.parent.rename(repo.parent / "away")
    if not again:
        until((spool / "attempt.json").exists, "the directory to be put back")
    (repo / "go").touch()
    done = started.wait()
    assert (done.code, done.out) == (0, b"before\nafter\n")
    kleio.until_settled()
    assert kleio.status(started.trial) == "completed"
    assert kleio("cat", started.trial).out == b"before\nafter\n"
    assert kleio("fsck", started.trial).code == 0
    assert kleio.spools() == []
