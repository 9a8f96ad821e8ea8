"""The ground the other tests stand on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.command import MARK, Background, Kleio, trial_in
from harness.mongodb import database_of
from harness.sealing import REAL_HOME
from harness.terminal import Terminal
from harness.waiting import until


def test_home_is_an_empty_directory_of_the_test(home):
    assert Path.home() == home
    assert Path.home() != Path(REAL_HOME)
    assert [path.name for path in home.iterdir()] == [".gitconfig"]


def test_opening_kleios_files_in_the_real_home_is_an_error():
    with pytest.raises(PermissionError, match="real home"):
        open(os.path.join(REAL_HOME, ".config/kleio/kleio.toml"))


def test_variables_of_the_user_are_gone():
    assert not [name for name in os.environ if name.startswith(("KLEIO_", "GIT_"))]


def test_repo_is_committed_and_clean(repo, git):
    assert git("status", "--porcelain") == ""
    assert git("log", "--format=%an %s") == "Test Person c0\n"
    assert (repo / "hold.py").exists()


@pytest.mark.mongo
def test_each_test_has_a_database_of_its_own(mongodb_server, mongodb_address):
    with mongodb_server.client() as client:
        name = database_of(mongodb_address)
        assert client[name].list_collection_names() == []
        client[name].things.insert_one({"_id": 1})
        assert name in client.list_database_names()


@pytest.mark.mongo
def test_server_dies_with_its_tests(tmp_path):
    code = (
        "import os, pathlib, sys; sys.path.insert(0, sys.argv[1]); from harness.mongodb import OwnServer;"
        "server = OwnServer(pathlib.Path(sys.argv[2]), os.environ); print(server.pid, flush=True); os._exit(0)"
    )
    tests = str(Path(__file__).parents[1])
    pid = int(
        subprocess.run([sys.executable, "-c", code, tests, str(tmp_path)], check=True, capture_output=True).stdout
    )
    until(lambda: not os.path.exists(f"/proc/{pid}"), f"process {pid} to end")


def test_journal_address_names_a_journal_of_its_kind(journal_address):
    assert journal_address.startswith(("sqlite:///", "mongodb://"))


PYTHON = sys.executable


def test_terminal_shows_what_a_person_sees(tmp_path):
    code = "import os; print(os.get_terminal_size()[:2]); print('hi', input('name? '))"
    terminal = Terminal([PYTHON, "-c", code], tmp_path, os.environ, rows=10, columns=50)
    terminal.until("name?")
    terminal.type("Kleio\r")
    assert terminal.wait() == 0
    assert terminal.screen[:3] == ["(50, 10)", "name? Kleio", "hi Kleio"]


def test_terminal_reports_the_signal_that_ended_the_command(tmp_path):
    terminal = Terminal(["sleep", "60"], tmp_path, os.environ, rows=10, columns=50)
    terminal.type("\x03")
    assert terminal.wait() == -signal.SIGINT


def test_background_command_takes_ctrl_c(tmp_path):
    code = "import pathlib, time; pathlib.Path('pid.txt').write_text('1'); time.sleep(60)"
    started = Background([PYTHON, "-c", code], tmp_path, os.environ, tmp_path / "logs")
    assert started.until_file() == "1"
    started.interrupt()
    assert started.wait().status == 128 + signal.SIGINT


def test_processes_left_behind_are_found_and_ended(tmp_path):
    place = Kleio(tmp_path, tmp_path / "logs", {**os.environ, MARK: "left-behind"})
    place.bare("sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $!")
    (stray,) = place.leftovers()
    with pytest.raises(AssertionError, match="sleep 600"):
        place.close(patience=0.1)
    until(lambda: not os.path.exists(f"/proc/{stray}/cwd"), "it to end")


def test_last_reserved_trial_is_found():
    assert trial_in(b"kleio: trial reserved with id: 3f9c2ab\nx") == "3f9c2ab"
    assert trial_in(b"nothing") is None
