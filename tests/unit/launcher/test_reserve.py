from __future__ import annotations

import uuid

import pytest
from contract.samples import new_trial

from kleio.clock import SystemClock
from kleio.errors import JournalUnreachable, TrialBusy
from kleio.journal.memory import MemoryJournal
from kleio.launcher.reserve import reserve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any


class Unanswering(MemoryJournal):
    """Does a move, or does not, or lets another launcher make it; then there is no reply."""

    does = False
    rival: Mapping[str, Any] | None = None

    def compare_and_set(self, trial_id: str, expected: Any, changes: Any, **more: Any) -> Any:
        if self.does or self.rival:
            super().compare_and_set(trial_id, expected, {**changes, **(self.rival or {})}, **more)
        raise JournalUnreachable("no majority confirmed it")


@pytest.fixture
def journal() -> Iterator[Unanswering]:
    journal = Unanswering(uuid.uuid4().hex)
    yield journal
    journal.close()


@pytest.fixture
def trial(journal: Unanswering) -> str:
    document = new_trial()
    journal.insert_trial(document)
    return str(document["_id"])


def reserved(journal: Unanswering, trial: str, **more: Any) -> dict[str, Any]:
    return reserve(
        journal, trial, SystemClock(), held_by={"host": "here", "pid": 1}, changes={}, note={}, fence=0, **more
    )  # fmt: skip


def test_a_reservation_whose_reply_is_lost_holds(journal: Unanswering, trial: str) -> None:
    journal.does = True
    assert reserved(journal, trial)["fence"] == 1


def test_a_reservation_that_nobody_confirmed_was_not_made_by_another(journal: Unanswering, trial: str) -> None:
    with pytest.raises(JournalUnreachable, match="no majority confirmed it"):
        reserved(journal, trial)


def test_who_lost_the_reply_and_the_trial_is_told_who_has_it(journal: Unanswering, trial: str) -> None:
    journal.rival = {"owner": "rival", "holder": {"host": "there", "pid": 2}}
    with pytest.raises(TrialBusy, match="is already reserved on there"):
        reserved(journal, trial)


def test_the_token_of_a_reservation_may_be_the_callers(journal: Unanswering, trial: str) -> None:
    """Who runs offline after a reservation that nobody confirmed keeps it, should it turn out to be made."""
    with pytest.raises(JournalUnreachable):
        reserved(journal, trial, owner="mine")
    journal.does = True
    assert reserved(journal, trial, owner="mine")["owner"] == "mine"
