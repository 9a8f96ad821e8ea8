"""What ``kleio/journal/contract.py`` promises, held against every backend."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from contract.samples import BODIES, DOCUMENTS, batch, new_trial, same, trial_id
from hypothesis import given, settings

from kleio.errors import JournalError
from kleio.journal.change import event_segment
from kleio.journal.contract import SCHEMA, Segment, TrialQuery
from kleio.trial.statement import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kleio.journal.contract import Journal

FREE = frozenset({"new", "failover"})
MOVE = {"id": "m1", "why": "claimed"}


# --- trials ---------------------------------------------------------------------------------------------------------


def test_a_new_trial_comes_back_equal_with_revision_and_heartbeat(journal: Journal) -> None:
    document = new_trial()
    assert journal.insert_trial(document)
    found = journal.trial(document["_id"])
    assert found is not None
    assert found.pop("rvn") == 0
    assert found.pop("hb") == pytest.approx(journal.ping().now, abs=30)
    assert found == document


@settings(max_examples=60)
@given(content=DOCUMENTS)
def test_odd_values_come_back_equal_in_documents(journal: Journal, content: dict) -> None:
    document = new_trial(odd=content)
    journal.insert_trial(document)
    found = journal.trial(document["_id"])
    assert found is not None
    assert same(found["odd"], content)
    changed = journal.compare_and_set(document["_id"], {"rvn": 0}, {"other": content})
    assert changed is not None
    assert same(changed["other"], content)
    assert same(journal.trial(document["_id"]), changed)


@settings(max_examples=20)
@given(name=DOCUMENTS)
def test_odd_field_names_come_back_equal(journal: Journal, name: dict) -> None:
    fields = {f"x{key}": 1 for key in name}
    document = new_trial(**fields)
    journal.insert_trial(document)
    found = journal.trial(document["_id"]) or {}
    assert {key: found.get(key) for key in document} == document


def test_integers_of_any_size_come_back_equal(journal: Journal) -> None:
    document = new_trial(large=1 << 20_000, least=-(1 << 20_000))
    journal.insert_trial(document)
    found = journal.trial(document["_id"]) or {}
    assert (found["large"] == 1 << 20_000, found["least"] == -(1 << 20_000)) == (True, True)


def test_a_trial_is_inserted_once(connect: Callable[[], Journal]) -> None:
    one, other = connect(), connect()
    document = new_trial()
    assert one.insert_trial(document)
    assert not other.insert_trial({**document, "name": "again"})
    assert (one.trial(document["_id"]) or {})["name"] is None


def test_what_the_caller_changes_later_is_not_stored(journal: Journal) -> None:
    document = new_trial()
    journal.insert_trial(document)
    document["configuration"]["lr"] = 9
    found = journal.trial(document["_id"])
    assert found is not None
    assert found["configuration"] == {"lr": 0.1, "_pos_0": "data"}
    found["tags"].append("mine")
    assert (journal.trial(document["_id"]) or {})["tags"] == []


@pytest.mark.parametrize("trial", ["", "0", "no such trial", "a" * 64, "\ud800", "%", "\0"])
def test_an_unknown_trial_is_none(journal: Journal, trial: str) -> None:
    assert journal.trial(trial) is None
    assert journal.compare_and_set(trial, {}, {"status": "running"}) is None
    assert list(journal.find_trials(TrialQuery(ids=[trial]))) == []
    assert list(journal.find_trials(TrialQuery(id_prefix=trial or "0"))) == []
    assert not journal.delete_trial("a" * 64)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({1: "a"}, "the key 1 is not text"),
        (b"bytes", "a value of type bytes cannot be stored"),
        ({"set"}, "a value of type set cannot be stored"),
        (object(), "a value of type object cannot be stored"),
    ],
    ids=["key", "bytes", "set", "object"],
)
def test_what_no_journal_can_hold_is_refused(journal: Journal, value: object, message: str) -> None:
    document = new_trial(odd=value)
    with pytest.raises(ValueError, match=f"^trial '{document['_id']}': {message}$"):
        journal.insert_trial(document)
    assert journal.trial(document["_id"]) is None


def nested(levels: int) -> dict:
    value: dict = {}
    for _ in range(levels):
        value = {"a": value}
    return value


def test_deep_documents_are_kept_and_deeper_ones_refused(journal: Journal) -> None:
    deep = new_trial(odd=nested(62))
    journal.insert_trial(deep)
    assert (journal.trial(deep["_id"]) or {})["odd"] == deep["odd"]
    for levels in (64, 10_000):
        with pytest.raises(ValueError, match="nested more than 64 levels deep"):
            journal.insert_trial(new_trial(odd=nested(levels)))


# --- trials from elsewhere ------------------------------------------------------------------------------------------


def test_a_trial_from_elsewhere_replaces_an_older_state_whole(journal: Journal) -> None:
    trial = trial_id()
    journal.insert_trial(new_trial(trial, tags=["old", "both"], name="before", only_here=1, **{"a.b": 1}))
    brought = new_trial(
        trial, status="completed", fence=3, tags=["both", "new"], refers={"parent": "p"}, rvn=90, hb=1.0,
        event={"id": "e7", "status": "completed"}, configuration={"lr": 7}, **{"c.d": {"$x": 1}},
    )  # fmt: skip
    assert journal.replace_trial(brought, 0)
    found = journal.trial(trial)
    assert found is not None
    assert found.pop("hb") == pytest.approx(journal.ping().now, abs=30)
    assert found | {"hb": 1.0} == {**brought, "rvn": 1}
    assert [one["_id"] for one in journal.find_trials(TrialQuery(tags=["new"], statuses=["completed"]))] == [trial]
    assert [one["_id"] for one in journal.find_trials(TrialQuery(where=parse("config.lr > 1")))] == [trial]
    assert list(journal.find_trials(TrialQuery(where=parse("config.lr < 1")))) == []
    assert list(journal.find_trials(TrialQuery(tags=["old"]))) == []
    assert list(journal.find_trials(TrialQuery(name="before"))) == []
    assert events(journal, trial) == [(0, "e0"), (3, "e7")]


def test_a_trial_that_moved_on_is_not_replaced(connect: Callable[[], Journal]) -> None:
    one, other = connect(), connect()
    document = new_trial()
    one.insert_trial(document)
    other.compare_and_set(document["_id"], {}, {"status": "reserved"}, claim=True, event=MOVE)
    before = one.trial(document["_id"])
    assert not one.replace_trial({**document, "status": "completed", "fence": 9}, 0)
    assert one.trial(document["_id"]) == before
    assert not one.replace_trial(new_trial(), 0)


def test_the_next_claim_of_a_trial_from_elsewhere_counts_on(journal: Journal) -> None:
    document = new_trial(status="failover", fence=3)
    journal.insert_trial(document)
    after = journal.compare_and_set(document["_id"], {"fence": 3}, {"status": "reserved"}, claim=True, event=MOVE)
    assert after is not None
    assert after["fence"] == 4


# --- compare and set ------------------------------------------------------------------------------------------------


def test_a_claim_counts_fence_and_revision_and_keeps_the_rest(journal: Journal) -> None:
    document = new_trial()
    journal.insert_trial(document)
    after = journal.compare_and_set(
        document["_id"],
        {"status": FREE},
        {"status": "reserved", "owner": "me", "holder": {"host": "h"}},
        claim=True,
        event=MOVE,
    )
    assert after is not None
    assert after == journal.trial(document["_id"])
    assert (after["fence"], after["rvn"], after["owner"], after["holder"]) == (1, 1, "me", {"host": "h"})
    assert after["configuration"] == document["configuration"]
    assert after["hb"] == pytest.approx(journal.ping().now, abs=30)


@pytest.mark.parametrize(
    ("expected", "fits"),
    [
        ({}, True),
        ({"status": "new"}, True),
        ({"status": "running"}, False),
        ({"status": {"running", "new"}}, True),
        ({"status": ("running", "broken")}, False),
        ({"status": frozenset()}, False),
        ({"owner": None}, True),
        ({"missing": None}, True),
        ({"owner": "me"}, False),
        ({"owner": {None, "me"}}, True),
        ({"fence": 0, "owner": None, "status": FREE}, True),
        ({"fence": 0, "owner": None, "status": "broken"}, False),
        ({"fence": 1}, False),
        ({"rvn": 0}, True),
        ({"rvn": 1}, False),
        ({"a.b": 1}, True),
        ({"a.b": 2}, False),
        ({"name": "\ud800"}, True),
        ({"name": "other"}, False),
        ({"flag": True}, True),
        ({"flag": 1}, False),
    ],
)
@pytest.mark.parametrize("event", [None, {"id": "e1"}], ids=["plain", "event"])
def test_the_change_is_made_only_if_all_is_as_expected(
    journal: Journal, expected: dict, fits: bool, event: dict | None
) -> None:
    document = new_trial(name="\ud800", flag=True, **{"a.b": 1})
    journal.insert_trial(document)
    before = journal.trial(document["_id"])
    after = journal.compare_and_set(document["_id"], expected, {"status": "reserved"}, event=event)
    assert (after is not None) == fits
    assert journal.trial(document["_id"]) == (after if fits else before)


@pytest.mark.parametrize("field", ["_id", "rvn", "hb", "fence", "event"])
def test_the_fields_of_the_journal_are_not_for_others(journal: Journal, field: str) -> None:
    document = new_trial()
    journal.insert_trial(document)
    with pytest.raises(ValueError, match=f"^only the journal changes {field}$"):
        journal.compare_and_set(document["_id"], {}, {field: 7})


def test_lists_are_not_compared(journal: Journal) -> None:
    document = new_trial()
    journal.insert_trial(document)
    with pytest.raises(ValueError, match="compares text, numbers and None, not list"):
        journal.compare_and_set(document["_id"], {"tags": []}, {})


def test_the_second_of_two_claims_finds_nothing_to_claim(connect: Callable[[], Journal]) -> None:
    one, other = connect(), connect()
    document = new_trial()
    one.insert_trial(document)
    claims = [
        client.compare_and_set(
            document["_id"], {"status": FREE}, {"status": "reserved", "owner": owner}, claim=True, event=MOVE
        )
        for client, owner in ((one, "1"), (other, "2"))
    ]
    assert claims[0] is not None
    assert claims[1] is None
    assert (other.trial(document["_id"]) or {})["owner"] == "1"


def test_a_superseded_holder_changes_nothing(connect: Callable[[], Journal]) -> None:
    paused, cure = connect(), connect()
    document = new_trial()
    trial = document["_id"]
    paused.insert_trial(document)
    paused.compare_and_set(trial, {"status": FREE}, {"status": "running", "owner": "old"}, claim=True, event=MOVE)
    cure.compare_and_set(trial, {"fence": 1, "owner": "old", "rvn": 1}, {"status": "failover"})
    cure.compare_and_set(trial, {"status": FREE}, {"status": "running", "owner": "new"}, claim=True, event=MOVE)
    assert paused.compare_and_set(trial, {"fence": 1, "owner": "old"}, {"status": "completed"}) is None
    found = paused.trial(trial) or {}
    assert (found["fence"], found["owner"], found["status"]) == (2, "new", "running")


def events(journal: Journal, trial: str) -> list[tuple[int, str]]:
    return sorted((segment.attempt, segment.writer) for segment in journal.segments(trial, stream="status"))


def test_every_event_is_kept_under_its_attempt(journal: Journal) -> None:
    document = new_trial()
    trial = document["_id"]
    journal.insert_trial(document)
    journal.compare_and_set(trial, {}, {"status": "reserved"}, claim=True, event={"id": "e1", "why": "run"})
    journal.compare_and_set(trial, {}, {"status": "running"}, event={"id": "e2"})
    journal.compare_and_set(trial, {}, {"seen": 1})
    after = journal.compare_and_set(trial, {}, {"status": "failover"}, event={"id": "e3"})
    assert after is not None
    assert after["event"] == {"id": "e3"}
    assert events(journal, trial) == [(0, "e0"), (1, "e1"), (1, "e2"), (1, "e3")]
    kept = {segment.writer: segment for segment in journal.segments(trial)}
    assert kept["e1"].body == {"id": "e1", "why": "run"}
    assert (kept["e1"].first, kept["e1"].last) == (0, 0)


def test_an_event_that_a_crash_left_out_is_kept_by_the_next_move(journal: Journal) -> None:
    # The crash: a document whose event never became a segment, as an inserted one is.
    document = new_trial(event={"id": "lost"}, fence=4)
    trial = document["_id"]
    journal.insert_trial(document)
    assert events(journal, trial) == []
    journal.compare_and_set(trial, {}, {}, claim=True, event={"id": "next"})
    assert events(journal, trial) == [(4, "lost"), (5, "next")]


def test_a_claim_needs_an_event(journal: Journal) -> None:
    document = new_trial()
    journal.insert_trial(document)
    with pytest.raises(ValueError, match=r"^a claim is a move, and needs an event$"):
        journal.compare_and_set(document["_id"], {}, {}, claim=True)
    with pytest.raises(ValueError, match=r"^an event needs an id$"):
        journal.compare_and_set(document["_id"], {}, {}, event={"why": "x"})


def test_a_refused_move_leaves_no_event(journal: Journal) -> None:
    document = new_trial()
    journal.insert_trial(document)
    assert journal.compare_and_set(document["_id"], {"status": "running"}, {}, event={"id": "e1"}) is None
    assert "e1" not in [writer for _, writer in events(journal, document["_id"])]


def test_a_document_without_event_moves_as_well(journal: Journal) -> None:
    document = new_trial(event=None)
    assert event_segment(document) is None
    journal.insert_trial(document)
    assert journal.compare_and_set(document["_id"], {}, {}, claim=True, event={"id": "e1"})
    assert events(journal, document["_id"]) == [(1, "e1")]


# --- finding --------------------------------------------------------------------------------------------------------


def found(journal: Journal, **query: object) -> list[str]:
    return [document["name"] for document in journal.find_trials(TrialQuery(**query))]


@pytest.fixture
def populated(journal: Journal) -> Journal:
    for number, (name, fields) in enumerate(
        {
            "a": {"tags": ["x", "y"], "project": {"id": "p2"}},
            "b": {"status": "broken", "tags": ["y"]},
            "c": {"status": "completed", "refers": {"parent": "f" * 64}},
            "d": {"tags": ["\ud800", "x"], "status": "broken"},
            "t": {"tags": ["x"], "trashed": {"time": 1.0, "offset": 0}},
        }.items()
    ):
        journal.insert_trial(new_trial(f"{name}{number}".ljust(64, "0"), 1000.0 + number, **{"name": name, **fields}))
    return journal


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, "dcba"),
        ({"limit": 2}, "dc"),
        ({"limit": 0}, ""),
        ({"name": "b"}, "b"),
        ({"name": "\ud800"}, ""),
        ({"project": "p2"}, "a"),
        ({"statuses": ["broken"]}, "db"),
        ({"statuses": ["broken", "completed"], "limit": 2}, "dc"),
        ({"statuses": []}, ""),
        ({"tags": ["y"]}, "ba"),
        ({"tags": ["x", "y"]}, "a"),
        ({"tags": ["\ud800"]}, "d"),
        ({"tags": ["x"], "statuses": {"broken"}}, "d"),
        ({"parent": "f" * 64}, "c"),
        ({"id_prefix": "b1"}, "b"),
        ({"id_prefix": "b2"}, ""),
        ({"id_prefix": ""}, "dcba"),
        ({"ids": ["a0".ljust(64, "0"), "c2".ljust(64, "0"), "missing"]}, "ca"),
        ({"ids": ["a0".ljust(64, "0"), "c2".ljust(64, "0")], "limit": 1}, "c"),
        ({"ids": ["a0".ljust(64, "0")], "statuses": ["broken"]}, ""),
        ({"ids": []}, ""),
        ({"trash": True}, "t"),
        ({"trash": None}, "tdcba"),
        ({"trash": None, "tags": ["x"]}, "tda"),
        ({"trash": True, "statuses": ["completed"]}, ""),
        ({"ids": ["t4".ljust(64, "0")]}, ""),
        ({"ids": ["t4".ljust(64, "0")], "trash": True}, "t"),
    ],
)
def test_queries_find_what_fits_newest_first(populated: Journal, query: dict, names: str) -> None:
    assert "".join(found(populated, **query)) == names
    if "limit" not in query:
        assert populated.count_trials(TrialQuery(**query)) == len(names)


def test_a_change_is_found_by_its_new_values(populated: Journal) -> None:
    populated.compare_and_set("a0".ljust(64, "0"), {}, {"status": "broken", "tags": ["z"], "name": "new"})
    assert found(populated, statuses=["broken"], tags=["z"]) == ["new"]
    assert found(populated, tags=["x"]) == ["d"]
    assert found(populated, name="a") == []


def test_a_trial_goes_to_the_trash_and_comes_back(populated: Journal) -> None:
    one = "b1".ljust(64, "0")
    assert populated.compare_and_set(one, {"trashed": None}, {"trashed": {"time": 1.0}}) is not None
    assert populated.compare_and_set(one, {"trashed": None}, {"status": "reserved"}) is None
    assert (found(populated), found(populated, trash=True)) == (list("dca"), list("tb"))
    assert found(populated, tags=["y"]) == ["a"]
    assert populated.compare_and_set(one, {}, {"trashed": None}) is not None
    assert found(populated) == list("dcba")


def test_the_limit_does_not_limit_the_count(populated: Journal) -> None:
    assert populated.count_trials(TrialQuery(limit=1)) == 4


def test_trials_of_the_same_time_are_ordered_by_id(journal: Journal) -> None:
    for name in "bac":
        journal.insert_trial(new_trial(name * 64, name=name))
    journal.insert_trial({"_id": "d" * 64, "name": "d"})
    assert found(journal) == ["c", "b", "a", "d"]


def test_many_trials_are_read_page_by_page(connect: Callable[[], Journal]) -> None:
    journal, other = connect(), connect()
    ids = [f"{number:064x}" for number in range(450)]
    for number, trial in enumerate(ids):
        journal.insert_trial(new_trial(trial, float(number // 3)))
    reading = journal.find_trials(TrialQuery())
    first = next(reading)
    other.insert_trial(new_trial("f" * 64, 9e9))  # a reader who pauses stops no writer
    assert [first["_id"], *(document["_id"] for document in reading)] == ids[::-1]
    assert [document["_id"] for document in journal.find_trials(TrialQuery(ids=ids, limit=400))] == ids[:49:-1]


# --- segments -------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(body=BODIES)
def test_odd_values_come_back_equal_in_segments(journal: Journal, body: dict) -> None:
    segment = Segment(trial_id(), 1, "statistics", "w", 0, 0, body)
    assert journal.append([segment]) == [0]
    (stored,) = journal.segments(segment.trial)
    assert same(dict(stored.body), body)


def test_large_bytes_come_back_equal(journal: Journal) -> None:
    body = {"data": os.urandom(300_000), "more": b"z" * 300_000, "empty": b""}
    segment = Segment(trial_id(), 1, "output", "w", 0, 599_999, body)
    journal.append([segment])
    assert list(journal.segments(segment.trial)) == [segment]


def test_the_last_segment_takes_more_records(connect: Callable[[], Journal]) -> None:
    journal, other = connect(), connect()
    trial = trial_id()
    journal.append([batch(trial, 0, 3), batch(trial, 4, 5), batch(trial, 0, 9, writer="w2")])
    assert journal.extend(batch(trial, 4, 8), 5) == 8
    assert other.last_sequence(trial, 1, "output", "w1") == 8
    assert journal.extend(batch(trial, 4, 8), 5) == 8, "a lost reply: sent once more"
    assert other.extend(batch(trial, 4, 9), 5) == 8, "somebody else was faster"
    assert other.extend(batch(trial, 4, 9), 8) == 9
    assert journal.extend(batch(trial, 10, 12), 9) == -1, "there is none"
    assert journal.append([batch(trial, 4, 5), batch(trial, 10, 11)]) == [9, 11]
    expected = [batch(trial, 0, 3), batch(trial, 4, 9), batch(trial, 10, 11), batch(trial, 0, 9, writer="w2")]
    assert list(other.segments(trial)) == expected
    with pytest.raises(ValueError, match="segment"):
        journal.extend(Segment(trial, 1, "output", "w1", 10, 12, {"x": {1, 2}}), 11)
    assert list(other.segments(trial)) == expected


def test_segments_come_in_order(journal: Journal) -> None:
    trial = trial_id()
    places = [
        (attempt, stream, writer, first)
        for attempt in (1, 2, 10)
        for stream in ("out", "out-2", "out.x", "output")
        for writer in ("host-1", "host-1-0", "host.x", "hosts")
        for first in (0, 9, 10, 1000)
    ]
    mixed = sorted(places, key=lambda place: hash(place) % 997)
    journal.append([batch(trial, first, first, attempt=a, stream=s, writer=w) for a, s, w, first in mixed])
    read = [(segment.attempt, segment.stream, segment.writer, segment.first) for segment in journal.segments(trial)]
    assert read == places


def test_segments_are_chosen_by_every_part(journal: Journal) -> None:
    trial, other = trial_id(), trial_id()
    for owner in (trial, other):
        for attempt in (1, 2):
            for stream in ("a", "b"):
                for writer in ("v", "w"):
                    journal.append(
                        [batch(owner, at, at + 4, attempt=attempt, stream=stream, writer=writer) for at in (0, 5, 10)]
                    )

    def count(**parts: object) -> int:
        return len(list(journal.segments(trial, **parts)))

    assert count() == 24
    assert count(attempt=1) == 12
    assert count(stream="a") == 12
    assert count(writer="w") == 12
    assert count(attempt=2, writer="w") == 6
    assert count(attempt=2, stream="b", writer="w") == 3
    assert count(attempt=2, stream="b", writer="w", first=5) == 2
    assert count(attempt=2, stream="b", writer="w", first=6) == 1
    assert count(first=10) == 8
    assert count(stream="c") == count(attempt=3) == 0


def test_many_segments_are_read_page_by_page(connect: Callable[[], Journal]) -> None:
    journal, other = connect(), connect()
    trial = trial_id()
    segments = [Segment(trial, 1, "s", "w", n, n, {"n": n, "fill": os.urandom(9_000)}) for n in range(1_200)]
    assert journal.append(segments) == list(range(1_200))
    reading = journal.segments(trial)
    assert next(reading) == segments[0]
    other.append([batch(trial, 5_000, 5_000, stream="z")])  # a reader who pauses stops no writer
    assert [segment.body["n"] for segment in reading if segment.stream == "s"] == list(range(1, 1_200))


def test_sending_twice_stores_once(journal: Journal) -> None:
    trial = trial_id()
    segments = [batch(trial, 0, 9), batch(trial, 10, 19)]
    assert journal.append(segments) == [9, 19]
    assert journal.append(segments) == [9, 19]
    assert journal.append([*segments, batch(trial, 20, 29), *segments]) == [9, 19, 29, 9, 19]
    assert list(journal.segments(trial)) == [*segments, batch(trial, 20, 29)]
    assert journal.append([]) == []


def test_the_reply_says_where_to_go_on_when_the_borders_moved(journal: Journal) -> None:
    trial = trial_id()
    journal.append([batch(trial, 0, 99)])
    # The reply was lost; a new shipper reads the same spool and cuts it elsewhere.
    assert journal.append([batch(trial, 0, 49)]) == [99]
    assert journal.append([batch(trial, 0, 199)]) == [99]
    assert journal.append([batch(trial, 100, 199)]) == [199]
    records = [record for segment in journal.segments(trial) for record in segment.body["records"]]
    assert records == list(range(200))


def test_the_last_sequence_is_the_highest_stored(journal: Journal) -> None:
    trial = trial_id()
    assert journal.last_sequence(trial, 1, "output", "w1") == -1
    journal.append([batch(trial, 0, 99), batch(trial, 100, 120), batch(trial, 50, 60)])
    assert journal.last_sequence(trial, 1, "output", "w1") == 120
    assert journal.last_sequence(trial, 1, "output", "w") == -1
    assert journal.last_sequence(trial, 2, "output", "w1") == -1
    assert journal.last_sequence(trial_id(), 1, "output", "w1") == -1


@pytest.mark.parametrize(
    "segment",
    [
        Segment("t", 1, "s", "w", 0, 0, {"bad": object()}),
        Segment("t", 1, "s", "a b", 0, 0),
        Segment("t", 1, "s", "", 0, 0),
        Segment("t", 1, "s\n", "w", 0, 0),
        Segment("t", 1, "é", "w", 0, 0),
        Segment("t", -1, "s", "w", 0, 0),
        Segment("t", 10**6, "s", "w", 0, 0),
        Segment("t", 1, "s", "w", -1, 0),
        Segment("t", 1, "s", "w", 5, 3),
        Segment("t", 1, "s", "w", 0, 10**15),
    ],
)
def test_a_segment_that_cannot_be_stored_is_named(journal: Journal, segment: Segment) -> None:
    with pytest.raises(ValueError, match=r"^segment ") as raised:
        journal.append([segment])
    assert repr(segment.id) in str(raised.value)
    assert list(journal.segments("t")) == []


# --- the whole ------------------------------------------------------------------------------------------------------


def test_the_streams_of_a_trial_are_known(journal: Journal) -> None:
    one, other = new_trial(), new_trial()
    for document in (one, other):
        journal.insert_trial(document)
    journal.append([batch(one["_id"], 0, 9), Segment(one["_id"], 2, "capture", "w", 0, 0, {})])
    journal.append([Segment(other["_id"], 1, "notes", "w", 0, 0, {})])
    assert journal.streams(one["_id"]) == {batch("", 0, 9).stream, "capture"}
    assert journal.streams(trial_id()) == set()


def test_deleting_a_trial_takes_all_of_it_and_nothing_else(journal: Journal) -> None:
    gone, stays = new_trial(tags=["x"]), new_trial(tags=["x"])
    for document in (gone, stays):
        journal.insert_trial(document)
        journal.append([batch(document["_id"], 0, 9)])
    assert journal.delete_trial(gone["_id"])
    assert not journal.delete_trial(gone["_id"])
    assert journal.trial(gone["_id"]) is None
    assert list(journal.segments(gone["_id"])) == []
    assert journal.last_sequence(gone["_id"], 1, "output", "w1") == -1
    assert [document["_id"] for document in journal.find_trials(TrialQuery(tags=["x"]))] == [stays["_id"]]
    assert list(journal.segments(stays["_id"])) == [batch(stays["_id"], 0, 9)]
    assert journal.insert_trial(gone)


def test_clients_see_each_others_writes(connect: Callable[[], Journal]) -> None:
    one, other = connect(), connect()
    document = new_trial()
    one.insert_trial(document)
    assert other.trial(document["_id"]) is not None
    other.append([batch(document["_id"], 0, 9)])
    assert one.last_sequence(document["_id"], 1, "output", "w1") == 9
    assert one.count_trials(TrialQuery()) == other.count_trials(TrialQuery()) == 1


def test_reading_an_empty_journal_finds_nothing(journal: Journal) -> None:
    assert list(journal.find_trials(TrialQuery())) == []
    assert journal.count_trials(TrialQuery(statuses=["new"])) == 0
    assert list(journal.segments("a" * 64)) == []


def test_ping_tells_what_and_how(journal: Journal) -> None:
    health = journal.ping()
    assert health.server
    assert health.schema >= SCHEMA
    assert health.writable
    assert 0 <= health.latency < 30


def test_a_closed_journal_says_so(journal: Journal) -> None:
    journal.close()
    journal.close()
    with pytest.raises(JournalError, match=r"is closed$"):
        journal.trial("a" * 64)


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("sqlite://{}/journal.sqlite", "sqlite3"),
        ("mongodb://127.0.0.1:1/nobody_listens", "pymongo"),
        ("memory://only", "kleio.journal.memory"),
    ],
)
def test_only_the_backend_asked_for_is_imported(address: str, wanted: str, tmp_path: Path) -> None:
    code = (
        "import contextlib, sys; from kleio.errors import JournalUnreachable\n"
        "from kleio.journal.registry import open_journal\n"
        "with contextlib.suppress(JournalUnreachable): open_journal(sys.argv[1], timeout=0.1)\n"
        "print(*[m for m in ('sqlite3', 'pymongo', 'kleio.journal.memory', 'gridfs') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code, address.format(tmp_path)]
    seen = subprocess.run(command, capture_output=True, text=True, check=True)
    assert seen.stdout.split() == [wanted]
