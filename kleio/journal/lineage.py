"""The trials that a branch reads through: its ancestors, each up to where the next one left it."""

from __future__ import annotations

from kleio.dataclass import dataclass
from kleio.errors import JournalCorrupt
from kleio.trial.cut import Cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.journal.contract import Journal


@dataclass(frozen=True)
class Ancestor:
    """A trial's document and the part of it that counts."""

    document: Mapping[str, Any]
    cut: Cut


def ancestors(journal: Journal, document: Mapping[str, Any]) -> list[Ancestor]:
    """The ancestors of a trial, the oldest first; none if it is no branch.

    Raises ``JournalCorrupt`` for a lineage that leads in a circle. An ancestor that is not there any more ends it.
    """
    found: list[Ancestor] = []
    seen = {document["_id"]}
    refers = document.get("refers")
    while refers:
        cut = Cut.of(refers)
        if cut.trial in seen:
            raise JournalCorrupt(f"the lineage of trial {document['_id'][:7]} leads in a circle by {cut.trial[:7]}")
        seen.add(cut.trial)
        parent = journal.trial(cut.trial)
        if parent is None:
            break
        found.append(Ancestor(parent, cut))
        refers = parent.get("refers")
    return found[::-1]
