from __future__ import annotations

import pytest

from kleio.journal.change import changed, event_segment, matches


def test_a_change_leaves_the_document_before_as_it_was() -> None:
    before = {"_id": "a", "rvn": 4, "fence": 2, "event": {"id": "e1"}, "kept": 1}
    after = changed(before, {"status": "running"}, claim=True, event={"id": "e2"}, now=7.0)
    assert after == {
        "_id": "a", "rvn": 5, "fence": 3, "event": {"id": "e2"}, "kept": 1, "status": "running", "hb": 7.0,
    }  # fmt: skip
    assert before == {"_id": "a", "rvn": 4, "fence": 2, "event": {"id": "e1"}, "kept": 1}


@pytest.mark.parametrize("event", [None, {}, {"id": 3}, "text"])
def test_what_is_no_event_is_not_kept(event: object) -> None:
    assert event_segment({"_id": "a", "event": event}) is None


def test_an_event_is_kept_under_the_attempt_it_began() -> None:
    segment = event_segment({"_id": "a", "fence": 3, "event": {"id": "e1", "why": "x"}})
    assert segment is not None
    assert segment.id == "a 000003 status e1 000000000000000"
    assert segment.body == {"id": "e1", "why": "x"}


def test_a_missing_field_counts_as_none() -> None:
    assert matches({}, {"owner": None})
    assert not matches({"owner": "me"}, {"owner": None})
