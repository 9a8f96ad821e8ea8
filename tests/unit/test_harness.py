"""The ground the other tests stand on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from harness.sealing import REAL_HOME
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
        name = mongodb_address.rsplit("/", 1)[1].partition("?")[0]
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
