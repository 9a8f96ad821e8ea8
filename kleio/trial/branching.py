"""What a launch means for a trial that the journal may already hold: run it for the first time, resume it, or not.

Pure: it looks at the document and at digests, and says what is to be done. The launcher does it.
"""

from __future__ import annotations

from kleio.dataclass import dataclass
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.trial.snapshot import CodeVersion, Environment

NEW = "new"
RESUME = "resume"
HELD = "held"
COMPLETED = "completed"
BROKEN = "broken"
CLOSED = "closed"
CODE_CHANGED = "code changed"
ENVIRONMENT_CHANGED = "environment changed"
CONFIGURATION_CHANGED = "configuration changed"
ALL_CHANGES = frozenset({CODE_CHANGED, ENVIRONMENT_CHANGED, CONFIGURATION_CHANGED})

UNSURE = ("incomplete", "unstable")
"""Remarks of capture that make a digest unfit for comparison: a difference could be kleio's own doing."""


@dataclass(frozen=True)
class Decision:
    """What to do. ``changes`` lists what differs from the latest attempt: ``CODE_CHANGED``, ``ENVIRONMENT_CHANGED``."""

    action: str
    changes: tuple[str, ...] = ()


def decide(document: Mapping[str, Any] | None, code: CodeVersion, environment: Environment) -> Decision:
    """What this launch means, given the trial's document (``None``: not in the journal)."""
    if document is None:
        return Decision(NEW)
    return Decision(_ACTIONS.get(document["status"], CLOSED), changes(document, code, environment))


_ACTIONS = {
    **dict.fromkeys(status.RESERVABLE, RESUME),
    **dict.fromkeys(status.HELD, HELD),
    status.COMPLETED: COMPLETED,
    status.BROKEN: BROKEN,
}


def changes(document: Mapping[str, Any], code: CodeVersion, environment: Environment) -> tuple[str, ...]:
    """What differs from the trial's latest attempt; nothing for a trial that never ran."""
    found = []
    before = document["code"]
    if before is not None and _sure(before["notes"]) and _sure(code.notes) and before["digest"] != code.digest:
        found.append(CODE_CHANGED)
    before = document["environment"]
    if before is not None and before["digest"] != environment.digest:
        found.append(ENVIRONMENT_CHANGED)
    return tuple(found)


def _sure(notes: Any) -> bool:
    return not any(note.startswith(UNSURE) for note in notes)
