"""What a launch means for a trial that the journal may already hold."""

from __future__ import annotations

import pytest

from kleio.trial import branching, status
from kleio.trial.branching import decide
from kleio.trial.snapshot import CodeVersion, Environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CODE = CodeVersion("git", "code")
ENVIRONMENT = Environment("environment", {})


def document(word: str, **more: Any) -> dict[str, Any]:
    seen = {"code": CODE.summary(), "environment": ENVIRONMENT.summary()}
    return {"status": word, **seen, **more}


def test_unknown_trial_is_new() -> None:
    assert decide(None, CODE, ENVIRONMENT).action == branching.NEW


@pytest.mark.parametrize(
    ("word", "action"),
    [(word, branching.RESUME) for word in sorted(status.RESERVABLE)]
    + [(word, branching.HELD) for word in sorted(status.HELD)]
    + [
        (status.COMPLETED, branching.COMPLETED),
        (status.BROKEN, branching.BROKEN),
        (status.BRANCHED, branching.CLOSED),
        (status.ACKNOWLEDGED, branching.CLOSED),
    ],
)
def test_action_of_each_status(word: str, action: str) -> None:
    decision = decide(document(word), CODE, ENVIRONMENT)
    assert (decision.action, decision.changes) == (action, ())


def test_changes_are_found_at_a_resume() -> None:
    decision = decide(document(status.SUSPENDED), CodeVersion("git", "other"), Environment("other", {}))
    assert decision.changes == (branching.CODE_CHANGED, branching.ENVIRONMENT_CHANGED)


def test_trial_that_never_ran_has_nothing_to_compare() -> None:
    fresh = document(status.NEW, code=None, environment=None)
    assert decide(fresh, CODE, ENVIRONMENT).changes == ()


@pytest.mark.parametrize("note", ["incomplete: git took longer than 10 s", "unstable"])
def test_uncertain_capture_is_not_compared(note: str) -> None:
    unsure = CodeVersion("git", "other", notes=(note,))
    assert decide(document(status.SUSPENDED), unsure, ENVIRONMENT).changes == ()
    assert decide(document(status.SUSPENDED, code=unsure.summary()), CODE, ENVIRONMENT).changes == ()
