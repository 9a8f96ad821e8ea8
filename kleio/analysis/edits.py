"""What people added to a trial by hand, oldest first."""

from __future__ import annotations

from kleio.analysis.moment import Moment
from kleio.dataclass import dataclass, field
from kleio.trial.edits import EDITS, NAME, NOTE, RESTORED, TRASHED, VERIFIED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.journal.contract import Journal


@dataclass(frozen=True)
class Edit:
    """A note (``text``), a change of tags (``added``, ``removed``) or of the name (``text`` is the new one), a way to
    the trash (``text`` says why) and back, or the verdict of a verification (``text``; ``content`` holds all of it):
    when and by whom."""

    kind: str
    moment: Moment
    who: Mapping[str, Any]
    text: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    content: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.kind in (NOTE, VERIFIED):
            return self.text
        if self.kind == NAME:
            return f"named {self.text}" if self.text else "the name was taken away"
        if self.kind in (TRASHED, RESTORED):
            words = "put into the trash" if self.kind == TRASHED else "taken out of the trash"
            return f"{words}: {self.text}" if self.text else words
        return " ".join([*(f"+{tag}" for tag in self.added), *(f"-{tag}" for tag in self.removed)])


def read_edits(journal: Journal, trial: str) -> list[Edit]:
    """All edits of a trial."""
    found = [_edit(segment.body) for segment in journal.segments(trial, stream=EDITS)]
    return sorted(found, key=lambda edit: edit.moment)


def _edit(body: Mapping[str, Any]) -> Edit:
    return Edit(
        kind=str(body.get("kind")),
        moment=Moment.of(body) or Moment(0.0),
        who=body.get("who") or {},
        text=str(body.get("text") or ""),
        added=tuple(body.get("added") or ()),
        removed=tuple(body.get("removed") or ()),
        content=body.get("content") or {},
    )
