from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.attempt import TRIAL, World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An attempt whose journal is another than that of the command line."""
    world = World(tmp_path)
    monkeypatch.setenv("KLEIO_SPOOL_DIR", str(tmp_path / "spool"))
    yield world
    world.close()


def test_what_dead_launchers_left_is_sent_to_its_own_journal(kleio: Any, world: World) -> None:
    world.script.append("statistics", {"n": 1})
    world.start()
    world.exit()
    world.launcher_dies()
    said = kleio("ship")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"{TRIAL[:7]} attempt 1: 3 records, ")
    assert said.out.endswith(" sent; completed\n")
    assert world.trial["status"] == "completed"
    again = kleio("ship")
    assert (again.code, again.out, again.err) == (0, "", "kleio: nothing waits to be sent\n")


def test_what_still_runs_is_left_alone(kleio: Any, world: World) -> None:
    said = kleio("ship")
    assert said.err == "kleio: 1 still running: what they record is sent as they go\nkleio: nothing waits to be sent\n"
    assert json.loads(kleio("ship", "--json").out)["data"] == {"sent": [], "running": [world.directory], "aside": []}


def test_what_cannot_be_sent_is_exit_code_75(kleio: Any, world: World) -> None:
    Path(world.directory, "attempt.json").write_text("{")
    world.launcher_dies()
    said = kleio("ship")
    assert said.code == 75
    assert "waits to be sent: " in said.out
    assert "is damaged" in said.out


@pytest.fixture
def aside(kleio: Any, world: World) -> Path:
    """An attempt whose trial was deleted."""
    world.script.append("statistics", {"n": 1})
    world.launcher_dies()
    world.journal.delete_trial(TRIAL)
    said = kleio("ship")
    assert "if you deleted the trials: kleio gc --set-aside" in said.err
    assert "kleio gc --set-aside" in kleio("doctor").out
    (found,) = Path(world.root, "spool/.unknown").iterdir()
    return found


def test_what_was_set_aside_is_removed_when_that_is_asked_for(kleio: Any, aside: Path) -> None:
    said = kleio("gc")
    assert "aside: 1 attempt that their journals do not hold, " in said.out
    assert "remove them with: kleio gc --set-aside" in said.out
    told = json.loads(kleio("gc", "--set-aside", "--dry-run", "--json").out)["data"]["aside"]
    assert (told["attempts"], told["bytes"] > 0, told["remove"]) == (1, True, True)
    assert "would be freed" in kleio("gc", "--set-aside", "--dry-run").out.splitlines()[-1]
    assert aside.exists()
    said = kleio("gc", "--set-aside")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[-1].startswith("aside: 1 attempt that their journals do not hold, ")
    assert not aside.exists()
    assert "aside" not in kleio("gc", "--set-aside").out
    assert kleio("ship").err == "kleio: nothing waits to be sent\n"


def test_what_was_set_aside_stays_if_its_journal_holds_it_or_does_not_answer(
    kleio: Any, world: World, aside: Path
) -> None:
    path = aside / "attempt.json"
    attempt = json.loads(path.read_text())
    path.write_text(json.dumps({**attempt, "journal": f"sqlite://{world.root}/nowhere"}))
    said = kleio("gc", "--set-aside")
    assert (said.code, f"{aside} stays: there is no journal at {world.root}/nowhere" in said.err) == (75, True)
    path.write_text(json.dumps(attempt))
    world.journal.insert_trial(world.reserved)
    said = kleio("gc", "--set-aside")
    assert (said.code, "its journal holds it now, and `kleio ship` sends it" in said.err) == (75, True)
    assert aside.exists()


def test_what_was_set_aside_is_said_until_its_journal_holds_its_trial(kleio: Any, world: World) -> None:
    document = world.trial
    world.launcher_dies()
    world.journal.delete_trial(TRIAL)
    said = kleio("ship")
    assert said.code == 0
    assert said.out == f"{TRIAL[:7]} attempt 1: set aside, for its journal does not hold it\n"
    for again in (said, kleio("ship")):
        assert f"1 attempt set aside in {world.root}/spool/.unknown, " in again.err
    assert "set aside" in kleio("doctor").out
    world.journal.insert_trial(document)
    assert kleio("ship").out.startswith(f"{TRIAL[:7]} attempt 1: 0 records, ")
