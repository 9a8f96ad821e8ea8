"""The chain of ancestors, and what a hand in the journal can do to it."""

from __future__ import annotations

import pytest

from kleio.errors import JournalCorrupt
from kleio.journal.lineage import ancestors
from kleio.journal.registry import open_journal
from kleio.trial.cut import Cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def trial(name: str, parent: str | None = None, cut: Cut | None = None) -> dict[str, Any]:
    refers = {"parent": parent, "cut": (cut or Cut(parent, 1)).as_document()} if parent else None
    event = {"id": name, "status": "new"}
    return {"_id": name, "status": "new", "fence": 0, "owner": None, "refers": refers, "event": event}


@pytest.fixture
def journal(request: pytest.FixtureRequest) -> Any:
    return open_journal(f"memory://{request.node.name}")


def chain(journal: Any, name: str) -> list[tuple[str, Cut]]:
    return [(one.document["_id"], one.cut) for one in ancestors(journal, journal.trial(name))]


def test_oldest_ancestor_comes_first(journal: Any) -> None:
    for document in (trial("a"), trial("b", "a", Cut("a", 1, 5.0)), trial("c", "b", Cut("b", 2))):
        journal.insert_trial(document)
    assert chain(journal, "c") == [("a", Cut("a", 1, 5.0)), ("b", Cut("b", 2))]
    assert chain(journal, "a") == []


def test_cut_in_the_inherited_part_skips_the_parent(journal: Any) -> None:
    for document in (trial("a"), trial("b", "a"), trial("c", "b", Cut("a", 1, 3.0))):
        journal.insert_trial(document)
    assert chain(journal, "c") == [("a", Cut("a", 1, 3.0))]


def test_missing_ancestor_ends_the_chain(journal: Any) -> None:
    journal.insert_trial(trial("b", "gone"))
    assert chain(journal, "b") == []


def test_circle_is_reported(journal: Any) -> None:
    journal.insert_trial(trial("a", "b"))
    journal.insert_trial(trial("b", "a"))
    with pytest.raises(JournalCorrupt, match="leads in a circle"):
        chain(journal, "a")
