"""What the launch path and the client must not load: every command, and every script, would pay for it."""

from __future__ import annotations

import pytest

FORBIDDEN = {
    "click", "rich", "pymongo", "bson", "gridfs", "git", "psutil", "filelock", "yaml", "tomllib", "asyncio", "logging",
    "importlib.metadata", "subprocess", "urllib.request", "email", "numpy", "dataclasses", "inspect", "ast", "typing",
}  # fmt: skip
DRIVER = {
    "pymongo", "bson", "gridfs", "asyncio", "logging", "subprocess", "email", "importlib.metadata", "dataclasses",
    "inspect", "ast", "typing",
}  # fmt: skip
"""What the MongoDB driver loads."""
FILTERING = {"kleio.trial.clauses", "kleio.trial.holding", "kleio.trial.pattern"}

WATCH = """
import atexit, os, sys
real = os._exit
def dump(code=0):
    with open(os.environ["SEEN"], "a") as file:
        file.write("\\n".join(sys.modules) + "\\n")
def leave(code):
    dump()
    real(code)
os._exit = leave
atexit.register(dump)
"""


@pytest.fixture
def watched(tmp_path):
    """Environment under which every Python process writes the modules it had loaded at its end into ``seen``."""
    place = tmp_path / "watch"
    place.mkdir()
    (place / "usercustomize.py").write_text(WATCH)
    (place / "sitecustomize.py").write_text(WATCH)
    return {"PYTHONPATH": str(place), "SEEN": str(tmp_path / "seen")}


def loaded(watched):
    with open(watched["SEEN"]) as file:
        return set(file.read().split())


@pytest.mark.parametrize("line", [("--version",), ("true",), ("run", "--tags", "a", "true")])
def test_launch_path_loads_nothing_that_it_does_not_need(kleio, watched, line):
    forbidden = FORBIDDEN - DRIVER if kleio.environment["KLEIO_JOURNAL"].startswith("mongodb") else FORBIDDEN
    environment = {**watched, "PYTHONPATH": f"{watched['PYTHONPATH']}:{kleio.environment.get('PYTHONPATH', '')}"}
    done = kleio(*line, env=environment)
    assert done.code == 0, done.words
    assert "kleio.cli.main" in loaded(watched)
    assert not (forbidden | FILTERING) & loaded(watched)


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
@pytest.mark.parametrize("command", ["ls", "status", "info", "cat"])
def test_commands_do_without_the_dataclasses_of_the_standard_library(kleio, watched, command):
    line = [command, kleio("true").trial] if command in ("info", "cat") else [command]
    environment = {**watched, "PYTHONPATH": f"{watched['PYTHONPATH']}:{kleio.environment.get('PYTHONPATH', '')}"}
    done = kleio(*line, env=environment)
    assert done.code == 0, done.words
    assert "click" in loaded(watched)
    assert "dataclasses" not in loaded(watched)


def test_client_loads_the_standard_library_only(kleio, watched):
    line = "import kleio.client.logger"
    environment = {**watched, "PYTHONPATH": f"{watched['PYTHONPATH']}:{kleio.environment.get('PYTHONPATH', '')}"}
    done = kleio.bare("python", "-c", line, env=environment)
    assert done.code == 0, done.words
    seen = loaded(watched)
    assert "kleio.client.logger" in seen
    assert not (FORBIDDEN | {"socket", "sqlite3"}) & seen
