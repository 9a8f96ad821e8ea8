"""What a branch shares with its parent."""

from __future__ import annotations

import pytest

from kleio.trial.cut import Cut


@pytest.mark.parametrize(
    ("cut", "attempt", "time", "shared"),
    [
        (Cut("t", 2, 10.0), 1, 99.0, True),
        (Cut("t", 2, 10.0), 2, 10.0, True),
        (Cut("t", 2, 10.0), 2, 10.1, False),
        (Cut("t", 2, 10.0), 3, 1.0, False),
        (Cut("t", 2), 2, 1e12, True),
        (Cut("t", 2), 3, 0.0, False),
        (Cut("t", 0), 1, 0.0, False),
    ],
)
def test_what_lies_before_the_cut(cut: Cut, attempt: int, time: float, shared: bool) -> None:
    assert cut.admits(attempt, time) is shared


@pytest.mark.parametrize("cut", [Cut("a", 1, 2.5, 2.75), Cut("a", 3)])
def test_cut_survives_its_document(cut: Cut) -> None:
    assert Cut.of({"parent": "other", "cut": cut.as_document()}) == cut


def test_output_is_cut_a_moment_later() -> None:
    assert Cut("a", 1, 2.0, 2.5).for_output().admits(1, 2.4)
    assert not Cut("a", 1, 2.0, 2.5).admits(1, 2.4)
    assert Cut("a", 1).for_output() == Cut("a", 1)


def test_cut_without_a_trial_is_in_the_parent() -> None:
    assert Cut.of({"parent": "p", "cut": {"attempt": 1}}) == Cut("p", 1)
