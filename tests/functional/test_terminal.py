"""At a terminal nothing feels different: programs of the whole screen, line editing, job control, sizes, modes."""

from __future__ import annotations

import os
import signal
import sys
import termios
from pathlib import Path

import pytest

from harness.command import program
from harness.waiting import until

CHILDREN = Path(__file__).parents[1] / "children"
ISATTY = "import sys; print(sys.stdin.isatty(), sys.stdout.isatty(), sys.stderr.isatty())"


@pytest.fixture(params=["bare", "kleio"])
def start(request, kleio):
    """``start(*argv)``: a command on a terminal, once without kleio: what holds there must hold with it."""

    def run(*argv, **more):
        if request.param == "bare":
            return kleio.bare_terminal(*argv, **more)
        return kleio.terminal("-q", *argv, **more)

    return run


@pytest.mark.parametrize("mode", ["merge", "split"])
def test_streams_are_terminals_where_they_were(kleio, mode):
    """S31"""
    terminal = kleio.terminal("--output", mode, "python", "-c", ISATTY)
    assert terminal.wait() == 0
    assert "True True True" in terminal.screen
    (trial,) = kleio.ids()
    assert kleio("cat", trial).out == b"True True True\n"


def test_piped_stream_is_no_terminal(kleio):
    """S31: each stream by itself."""
    line = f"{' '.join(program())} -q python -c '{ISATTY}' | cat"
    terminal = kleio.bare_terminal("sh", "-c", line)
    assert terminal.wait() == 0
    assert terminal.screen[0] == "True False True"


def test_curses_program_looks_the_same(kleio):
    """Its screen, its keys, its size; and what it leaves behind."""
    line = (sys.executable, str(CHILDREN / "screenful.py"))
    terminals = [kleio.bare_terminal(*line), kleio.terminal("-q", *line)]
    shown = []
    for terminal in terminals:
        terminal.until("ready?")
        before = modes(terminal)
        terminal.type("\r")
        terminal.until("a screenful")
        terminal.type("x")
        terminal.until_seen(b"drawn x ")
        first = terminal.screen
        terminal.resize(30, 100)
        terminal.until_seen(b"drawn KEY_RESIZE 100x30")
        second = terminal.screen
        terminal.type("q")
        terminal.until("left curses")
        assert modes(terminal) == before
        assert terminal.wait() == 0
        shown.append((first, second, terminal.screen))
    assert shown[0] == shown[1]


@pytest.mark.parametrize("way", ["open", "stderr"])
def test_pager_gets_its_keys_and_leaves_the_rest_to_stdin(start, way):
    """``less`` and ``more`` ask the terminal behind their output, not stdin."""
    terminal = start(sys.executable, str(CHILDREN / "pager.py"), way)
    terminal.until("--More--")
    terminal.type(" ")
    terminal.until("key b' '")
    terminal.type("typed\r")
    terminal.until("line typed")
    assert terminal.wait() == 0


def test_vim_looks_the_same(kleio, repo):
    for terminal in (kleio.bare_terminal("vim", "-u", "NONE", "f"), kleio.terminal("-q", "vim", "-u", "NONE", "f")):
        terminal.until("[New")
        terminal.type("ihello\x1b")
        terminal.type(":wq\r")
        assert terminal.wait() == 0
        assert (repo / "f").read_text() == "hello\n"
        (repo / "f").unlink()


def test_python_prompt_takes_input_and_ctrl_c(start):
    terminal = start(sys.executable, "-q")
    terminal.until(">>>")
    terminal.type("6 * 7\r")
    terminal.until("42")
    terminal.type("import time; print('sleep' + 'ing'); time.sleep(60)\r")
    terminal.until("sleeping")
    terminal.type("\x03")
    terminal.until("KeyboardInterrupt")
    terminal.type("print('still', 'here')\r")
    terminal.until("still here")
    terminal.type("\x04")
    assert terminal.wait() == 0


def test_line_editing_works(kleio):
    """The line is edited on stderr and answered on stdout, faster than a person types."""
    line = ("bash", "--norc", "-c", 'read -e -p "name? " x; echo "hi $x"')
    for terminal in (kleio.bare_terminal(*line), kleio.terminal("-q", *line)):
        terminal.until("name?")
        terminal.type("world\x01hello \x05!\r")  # to the line's begin, and to its end
        assert terminal.wait() == 0
        assert terminal.screen[:2] == ["name? hello world!", "hi hello world!"]


def test_prompt_and_hidden_password_work(start):
    terminal = start("bash", "-c", 'read -p "name? " x; read -s -p "word? " y; echo; echo "$x $y"')
    terminal.until("name?")
    terminal.type("ada\r")
    terminal.until("word?")
    terminal.type("lovelace\r")
    assert terminal.wait() == 0
    assert terminal.screen[:3] == ["name? ada", "word?", "ada lovelace"]


def test_resize_reaches_the_command(start):
    terminal = start(sys.executable, str(CHILDREN / "sizes.py"))
    terminal.until("size 80x24")
    terminal.resize(40, 120)
    terminal.until("size 120x40")
    terminal.resize(10, 50)
    terminal.until("size 50x10")
    terminal.type("\r")
    assert terminal.wait() == 0


def test_ctrl_z_and_fg_work(kleio, repo):
    """S31: under an interactive shell the job stops, the shell gets the terminal, and the job goes on."""
    shell = kleio.bare_terminal("bash", "--norc", "-i", env={"PS1": "$ "})
    shell.until("$")
    shell.type(" ".join([*program(), "python", "hold.py"]) + "\r")
    command = int(until(lambda: (repo / "pid.txt").exists() and (repo / "pid.txt").read_text(), "hold.py"))
    for _ in range(2):
        shell.type("\x1a")
        until(lambda: state(command) == "T", "the command to stop")
        shell.type("jobs -s; echo back-$((1 + 1))\r")
        shell.until("back-2")
        shell.until("Stopped")
        shell.type("clear; fg\r")
        until(lambda: state(command) != "T", "the command to go on")
    (repo / "go").touch()
    shell.until("held")
    shell.type("clear; echo code-$?\r")
    shell.until("code-0")
    shell.type("exit\r")
    shell.wait()
    (trial,) = kleio.ids()
    assert kleio.status(trial) == "completed"


@pytest.mark.parametrize(("word", "end"), [("suspend", "suspended"), ("kill", "broken")])
def test_a_job_stopped_by_ctrl_z_obeys_from_elsewhere(kleio, repo, word, end):
    """Nobody has to type `fg` first."""
    shell = kleio.bare_terminal("bash", "--norc", "-i", env={"PS1": "$ "})
    shell.until("$")
    shell.type(" ".join([*program(), "python", "hold.py"]) + "\r")
    command = int(until(lambda: (repo / "pid.txt").exists() and (repo / "pid.txt").read_text(), "hold.py"))
    (trial,) = until(kleio.ids, "the trial")
    until(lambda: kleio.status(trial) == "running", "the trial to run")
    shell.type("\x1a")
    until(lambda: state(command) == "T", "the command to stop")
    shell.until("Stopped")
    result = kleio(word, trial)
    assert result.code == 0, result.words
    assert kleio.status(trial) == end
    shell.type("clear; wait; echo back-$((1 + 1))\r")
    shell.until("back-2")
    shell.type("exit\r")
    shell.wait()


def test_background_job_runs_beside_the_shell(kleio, repo):
    shell = kleio.bare_terminal("bash", "--norc", "-i", env={"PS1": "$ "})
    shell.until("$")
    shell.type(" ".join([*program(), "python", "hold.py"]) + " &\r")
    until(lambda: (repo / "pid.txt").exists(), "hold.py")
    shell.type("echo front-$((1 + 1))\r")
    shell.until("front-2")
    (repo / "go").touch()
    shell.until("held")
    shell.type("wait; clear; echo code-$?\r")
    shell.until("code-0")
    shell.type("exit\r")
    shell.wait()


def test_bash_completes_a_word_wherever_it_parts_words_itself(kleio, repo, tmp_path):
    for name in ("o'brien", "with blank: and"):
        assert kleio("save", "--name", name, "echo", name).code == 0
    address = kleio.environment["KLEIO_JOURNAL"]
    env = {"PS1": "$ ", **kleio.name_on_path(tmp_path / "bin")}
    shell = kleio.bare_terminal("bash", "--norc", "-i", env=env, columns=300)
    shell.until("$")
    shell.type('eval "$(kleio completion bash)"; clear; echo read""y\r')
    shell.until("ready")
    for typed, completed in (
        ("info o'", r"info o''\''brien'"),
        ("info o", r"info o\'brien"),
        ("info with", r"info with\ blank:\ and"),
        ('info "with blank:', 'info "with blank: and"'),
        (f"--journal {address} info wi", rf"--journal {address} info with\ blank:\ and"),
        (f"--journal={address} info wi", rf"--journal={address} info with\ blank:\ and"),
        ("ls --sort -dur", "ls --sort -duration"),
        ("ls --sort=-dur", "ls --sort=-duration"),
        ("ls --where 'exit == 0 and dur", "ls --where 'exit == 0 and duration'"),
    ):
        shell.type(f"kleio {typed}\t#")
        shell.until(f"kleio {completed} #")
        shell.type("\x15clear\r")  # Ctrl-U
    shell.type("exit\r")
    shell.wait()


def test_modes_are_restored_when_a_raw_program_is_killed(kleio):
    """S31: curses cannot tidy up after ``kill -9``; the terminal must be usable all the same."""
    terminal = kleio.terminal("-q", sys.executable, str(CHILDREN / "screenful.py"))
    terminal.until("ready?")
    before = modes(terminal)
    terminal.type("\r")
    terminal.until("a screenful")
    assert modes(terminal) != before
    command = commands(terminal.pid, "screenful.py")[-1]  # before it, the supervisor that bears its words
    os.kill(command, signal.SIGKILL)
    assert terminal.wait() == -signal.SIGKILL
    assert modes(terminal) == before


def test_modes_set_through_stdin_are_restored_when_the_command_is_killed(kleio):
    """Its stdin is the real terminal, which no pty of kleio's sees."""
    shell = kleio.bare_terminal(
        "bash", "--norc", "-c", f"{' '.join(program())} -q sh -c 'stty -echo raw; kill -9 $$'; read x; echo got $x"
    )
    before = modes(shell)
    shell.until("Killed")
    assert modes(shell) == before
    shell.type("line\r")
    shell.until("got line")


def test_hang_up_of_the_terminal_ends_the_command(kleio, repo):
    """The window is closed: the command gets SIGHUP as ever, and the trial is interrupted."""
    terminal = kleio.terminal("python", "hold.py")
    command = int(until(lambda: (repo / "pid.txt").exists() and (repo / "pid.txt").read_text(), "hold.py"))
    trial = until(lambda: kleio.ids(), "the trial")[0]
    terminal.hang_up()
    until(lambda: not os.path.exists(f"/proc/{command}"), "the command to end")
    until(lambda: kleio.status(trial) == "interrupted", "the trial to be interrupted")


def test_output_of_a_terminal_is_recorded_as_written(kleio):
    """Colours and carriage returns; but not the terminal's own translation of newlines."""
    script = r"printf '\033[1mbold\033[0m\n50%%\r100%%\n'; printf 'wrong\n' >&2"
    terminal = kleio.terminal("-q", "sh", "-c", script)
    assert terminal.wait() == 0
    assert b"bold\x1b[0m\r\n" in terminal.seen
    (trial,) = kleio.ids()
    assert kleio("cat", trial).out == b"\x1b[1mbold\x1b[0m\n50%\r100%\nwrong\n"


def modes(terminal):
    """Modes of the terminal that a program may change."""
    found = termios.tcgetattr(terminal.descriptor)
    return found[:4] + found[6:]


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def commands(root: int, word: str) -> list[int]:
    """Processes below ``root`` that are python with ``word`` as its script."""
    found = []
    for child in Path(f"/proc/{root}/task/{root}/children").read_text().split():
        words = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
        if len(words) > 1 and words[1].endswith(word):
            found.append(int(child))
        found += commands(int(child), word)
    return found
