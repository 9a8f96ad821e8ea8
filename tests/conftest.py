"""Sealed home, fixed git identity, real repositories, one fixture a backend."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from harness.command import BIN, CHECKOUT, MARK, Kleio, program
from harness.mongodb import MongoServer, start_server
from harness.sealing import forbid_real_home, hear_signals, sealed_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIXTURES = Path(__file__).parent / "functional" / "fixtures"
GITCONFIG = """\
[user]
    name = Test Person
    email = test@example.org
[init]
    defaultBranch = main
[commit]
    gpgSign = false
[core]
    autocrlf = false
    hooksPath = /dev/null
[protocol "file"]
    allow = always
"""

IGNORED = """
out
err
o
e
l
t
b
raw
o[0-9]*
o.*
rc.*
w[12]
pid.txt
ran.log
go
__pycache__
"""

forbid_real_home()
hear_signals()

# The sealed home is an ordinary fixture, new for each test function but not for each of its examples: that is meant.
settings.register_profile("kleio", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile("kleio")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home directory with a git identity; every variable that leads to the real one is replaced."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(GITCONFIG)
    sealed = sealed_environment(home)
    for name in os.environ.keys() - sealed.keys():
        monkeypatch.delenv(name)
    for name, value in sealed.items():
        monkeypatch.setenv(name, value)
    return home


@pytest.fixture
def git(tmp_path: Path) -> Callable[..., str]:
    """``git("log", "-1")`` in the ``repo`` of this test, or in ``cwd``; returns what it printed."""

    def run(*arguments: str, cwd: Path | None = None) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=cwd or tmp_path / "r", check=True, capture_output=True, text=True
        ).stdout

    return run


@pytest.fixture
def repo(tmp_path: Path, git: Callable[..., str]) -> Path:
    """A git repository with the scenario scripts (args.py, hold.py, train.py …) in its first commit."""
    repo = tmp_path / "r"
    repo.mkdir()
    for script in FIXTURES.glob("*.py"):
        shutil.copy(script, repo)
    (repo / ".gitignore").write_text(IGNORED.lstrip())
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "c0")
    return repo


@pytest.fixture(scope="session")
def mongodb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """One server for the session (with xdist: for each worker). If none can be had, the tests that need it fail."""
    directory = tmp_path_factory.mktemp("mongodb")
    server = start_server(directory, sealed_environment(directory))
    yield server
    server.close()


@pytest.fixture
def mongodb_address(mongodb_server: MongoServer) -> Iterator[str]:
    """``mongodb://…/NAME`` of a new, empty database; dropped after the test."""
    database = f"kleio_test_{uuid.uuid4().hex[:12]}"
    yield mongodb_server.address(database)
    mongodb_server.drop(database)


@pytest.fixture
def sqlite_address(tmp_path: Path) -> str:
    """``sqlite:///PATH`` of a journal that does not exist yet."""
    return f"sqlite://{tmp_path}/journal/journal.sqlite"


@pytest.fixture(params=["sqlite", pytest.param("mongodb", marks=pytest.mark.mongo)])
def journal_address(request: pytest.FixtureRequest) -> str:
    """The address of an empty journal, once for each kind that lasts."""
    return request.getfixturevalue(f"{request.param}_address")


@pytest.fixture
def kleio(repo: Path, tmp_path: Path, journal_address: str) -> Iterator[Kleio]:
    """``kleio`` in ``repo`` with an empty journal; at the end no process of the test may live on."""
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "KLEIO_JOURNAL": journal_address,
        "KLEIO_PAGER": "",
        "PYTHONDONTWRITEBYTECODE": "1",
        MARK: uuid.uuid4().hex,
    }
    if len(program()) > 1:
        environment["PYTHONPATH"] = str(CHECKOUT)
    kleio = Kleio(repo, tmp_path / "logs", environment)
    yield kleio
    kleio.close()
