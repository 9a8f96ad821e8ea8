"""The table of moves."""

from __future__ import annotations

import pytest

from kleio.trial import status
from kleio.trial.status import HELD, MOVES, RESERVABLE, STATUSES, may_move


def test_every_status_that_can_be_reached_is_in_the_table() -> None:
    assert set().union(*MOVES.values()) | {status.NEW} <= STATUSES


@pytest.mark.parametrize("word", sorted(STATUSES))
def test_exactly_the_reservable_may_be_reserved(word: str) -> None:
    assert may_move(word, status.RESERVED) == (word in RESERVABLE)


@pytest.mark.parametrize("word", sorted(HELD))
def test_what_is_held_can_fail_over(word: str) -> None:
    assert may_move(word, status.FAILOVER)


@pytest.mark.parametrize("word", [status.COMPLETED, status.ACKNOWLEDGED])
def test_ends_stay_ends(word: str) -> None:
    assert MOVES[word] == frozenset()
