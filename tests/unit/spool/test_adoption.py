"""An attempt that ran offline finds its place in the journal, and never in somebody else's trial."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kleio.clock import FakeClock
from kleio.encoding import digest_of
from kleio.errors import SpoolError
from kleio.journal.memory import MemoryJournal
from kleio.journal.registry import open_journal
from kleio.spool.adoption import adopt, as_if_offline
from kleio.spool.attempt.directory import AttemptFile, create, read_attempt
from kleio.trial import status
from kleio.trial.document import new_document, new_event
from kleio.trial.snapshot import CommandLine, Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

TRIAL = "ab" * 32
OWNER = "0" * 32
CLOCK = FakeClock()


def document(code: str = "c", **more: Any) -> dict[str, Any]:
    made = new_document(
        TRIAL,
        CommandLine(("true",), ("true",), {"_pos_0": "true"}),
        Project("p", "p", "/p", ""),
        CLOCK,
        event=new_event(status.NEW, CLOCK, who={}, why="registered"),
    )
    return {**made, "code": {"digest": code}, "environment": {"digest": "e"}, **more}


@pytest.fixture
def journal(request: pytest.FixtureRequest) -> Any:
    journal = open_journal(f"memory://{request.node.name}")
    assert isinstance(journal, MemoryJournal)
    return journal


@pytest.fixture
def offline(tmp_path: Path) -> tuple[str, AttemptFile]:
    holder = {"host": "h", "pid": 1}
    ran = document(owner=OWNER, holder=holder)
    attempt = AttemptFile(TRIAL, 0, OWNER, "memory://x", holder=holder, offline=ran)
    directory, _ = create(attempt, [str(tmp_path / "spool")])
    return directory, read_attempt(directory)


def test_unknown_trial_is_made_and_reserved(journal: Any, offline: tuple[str, AttemptFile]) -> None:
    directory, attempt = offline
    adopted = adopt(directory, attempt, journal, CLOCK)
    assert (adopted.trial, adopted.attempt, adopted.offline) == (TRIAL, 1, None)
    assert read_attempt(directory) == adopted
    stored = journal.trial(TRIAL)
    assert (stored["status"], stored["owner"], stored["code"]) == (status.RESERVED, OWNER, {"digest": "c"})


def test_adopting_twice_comes_to_the_same(journal: Any, offline: tuple[str, AttemptFile]) -> None:
    directory, attempt = offline
    assert adopt(directory, attempt, journal, CLOCK) == adopt(directory, attempt, journal, CLOCK)
    assert journal.trial(TRIAL)["fence"] == 1


def test_attempt_with_a_number_is_left_alone(journal: Any, offline: tuple[str, AttemptFile]) -> None:
    directory, attempt = offline
    numbered = replace(attempt, attempt=3, offline=None)
    assert adopt(directory, numbered, journal, CLOCK) is numbered
    assert journal.trial(TRIAL) is None


@pytest.mark.parametrize(
    "change",
    [{"status": status.COMPLETED}, {"status": status.RUNNING, "owner": "1" * 32}, {"code": {"digest": "other"}}],
    ids=["completed", "running", "other code"],
)
def test_trial_that_is_not_to_be_had_makes_the_attempt_a_trial_of_its_own(
    journal: Any, offline: tuple[str, AttemptFile], change: dict[str, Any]
) -> None:
    directory, attempt = offline
    journal.insert_trial({**document(), **change})
    before = journal.trial(TRIAL)
    adopted = adopt(directory, attempt, journal, CLOCK)
    assert adopted.trial != TRIAL
    assert journal.trial(TRIAL) == before
    assert journal.trial(adopted.trial)["owner"] == OWNER
    assert adopt(directory, attempt, journal, CLOCK) == adopted


def test_suspended_trial_with_the_same_code_gets_one_more_attempt(
    journal: Any, offline: tuple[str, AttemptFile]
) -> None:
    directory, attempt = offline
    journal.insert_trial(document(status=status.SUSPENDED, fence=2))
    assert adopt(directory, attempt, journal, CLOCK).attempt == 3


def test_what_was_adopted_can_be_entered_into_another_journal_again(journal: Any, offline: tuple[str, Any]) -> None:
    directory, attempt = offline
    adopted = as_if_offline(adopt(directory, attempt, journal, CLOCK), CLOCK)
    assert as_if_offline(adopted, CLOCK) is adopted  # cut short the last time, and asked again
    other = MemoryJournal("another")
    again = adopt(directory, adopted, other, CLOCK)
    assert (again.trial, again.attempt) == (attempt.trial, 1)
    assert other.trial(attempt.trial)["argv"] == journal.trial(attempt.trial)["argv"]


def test_an_attempt_that_finds_no_trial_is_no_fault_of_the_journal(journal: Any, offline: tuple[str, Any]) -> None:
    """Whoever sends what was left goes on with the next attempt."""
    directory, attempt = offline
    own = digest_of({"offline": attempt.owner, "trial": attempt.trial})
    for trial in (attempt.trial, own):
        journal.insert_trial({**document(), "_id": trial, "status": status.COMPLETED, "owner": None})
    with pytest.raises(SpoolError, match="cannot be reserved"):
        adopt(directory, attempt, journal, CLOCK)
