"""What the MongoDB journal asks its server when trials are listed and counted."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from contract.filtering import store
from contract.samples import new_trial
from pymongo import MongoClient, monitoring
from pymongo.errors import InvalidOperation

from kleio.connection import mongodb
from kleio.journal.contract import TrialQuery
from kleio.journal.mongodb import search
from kleio.journal.mongodb.codec import documents
from kleio.journal.mongodb.query import TRIAL_INDEXES
from kleio.journal.mongodb.search import LONG_PAGE, PAGE, Search
from kleio.journal.mongodb.table import FIELDS, tabulate
from kleio.journal.registry import open_journal
from kleio.trial.statement import parse, parse_order
from kleio.trial.table import FIGURES, Table, listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

pytestmark = pytest.mark.mongo


class Commands(monitoring.CommandListener):
    """Keeps what is sent to the server."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.sent.append(dict(event.command))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


@pytest.fixture
def commands() -> Commands:
    return Commands()


@pytest.fixture
def trials(mongodb_address: str, commands: Commands) -> Iterator[Any]:
    """The collection of a journal with trials of all sorts."""
    journal = open_journal(mongodb_address)
    store(journal)
    journal.close()
    with MongoClient(mongodb_address, event_listeners=[commands]) as client:
        yield client.get_default_database().trials


def test_trials_are_counted_by_status_and_tag_in_one_pass(trials: Any, commands: Commands) -> None:
    tally = Search(trials, TrialQuery(), documents).tally()
    assert tally.statuses
    assert tally.tags
    assert len([one for one in commands.sent if "aggregate" in one]) == 1


def test_what_a_filter_and_a_query_ask_of_different_fields_stands_side_by_side(trials: Any, commands: Commands) -> None:
    """The test server looks at indexes for such a filter only."""
    query = TrialQuery(project="p1", where=parse("status = broken and duration > 60"))
    list(Search(trials, query, documents).documents())
    (asked,) = [one["filter"] for one in commands.sent if "find" in one]
    assert asked.keys() == {"project.id", "trashed", "status", "duration"}


def test_of_trials_that_only_kleio_can_order_those_that_are_wanted_are_sent_whole(
    trials: Any, commands: Commands
) -> None:
    order = parse_order("command")
    every = [one["_id"] for one in Search(trials, TrialQuery(sort=order), documents).documents()]
    commands.sent.clear()
    found = Search(trials, TrialQuery(sort=order, offset=3, limit=2), documents).documents()
    assert [one["_id"] for one in found] == every[3:5]
    whole = [one["filter"]["_id"]["$in"] for one in commands.sent if "$in" in one.get("filter", {}).get("_id", {})]
    assert whole == [every[3:5]]


def test_of_trials_that_only_kleio_can_judge_those_that_fit_are_sent_whole(trials: Any, commands: Commands) -> None:
    query = TrialQuery(where=parse('status matches "e"'), limit=2)
    found = [one["_id"] for one in Search(trials, query, documents).documents()]
    assert len(found) == 2
    looked, fetched = [one for one in commands.sent if "find" in one]
    assert looked["projection"] == {"status": 1, "created": 1}
    assert fetched["filter"] == {"_id": {"$in": found}}


def test_a_server_that_must_sort_knows_how_many_are_wanted(trials: Any, commands: Commands) -> None:
    """It then keeps so many in memory, not all that may fit."""
    query = TrialQuery(where=parse("stats.loss.last < 1e9"), sort=parse_order("stats.loss.last"), limit=2)
    assert len(list(Search(trials, query, documents).documents())) == 2
    assert [one["limit"] for one in commands.sent if "find" in one] == [PAGE]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_where_too_few_of_the_foremost_fit_the_others_are_looked_at(
    mongodb_address: str, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """A text may read as a number, which the server cannot tell."""
    monkeypatch.setattr(search, "PAGE", 1)
    journal = open_journal(mongodb_address)
    for number in range(12):
        last = 0.5 if number in (2, 3, 7, 11) else "a text"
        summary = {"statistics": {"loss": {"last": last}}}
        journal.insert_trial(new_trial(f"{number:064x}", 5000.0, duration=float(-number), summary=summary))
    query = TrialQuery(where=parse("stats.loss.last < 1"), sort=parse_order("-duration"), limit=limit)
    found = [int(one["_id"], 16) for one in journal.find_trials(query)]
    journal.close()
    assert found == [2, 3, 7, 11][:limit]


@pytest.mark.parametrize(("limit", "size"), [(None, LONG_PAGE), (PAGE + 1, LONG_PAGE), (PAGE - 1, PAGE), (20, PAGE)])
def test_a_long_list_comes_in_long_pages(trials: Any, commands: Commands, limit: int | None, size: int) -> None:
    list(Search(trials, TrialQuery(limit=limit), documents).documents())
    assert [one["batchSize"] for one in commands.sent if "find" in one] == [size]


@pytest.mark.parametrize(
    ("query", "equal"),
    [
        (TrialQuery(limit=2), set()),
        (TrialQuery(project="p1", limit=2), {"project.id"}),
        (TrialQuery(where=parse("status = broken"), limit=2), {"status"}),
    ],
)
def test_the_newest_are_the_beginning_of_an_index(
    query: TrialQuery, equal: set[str], trials: Any, commands: Commands
) -> None:
    """A server with a hundred thousand trials need not look at more than it sends, but for the trash."""
    list(Search(trials, query, documents).documents())
    (asked,) = [one for one in commands.sent if "find" in one]
    assert asked["limit"] == 2
    assert asked["filter"].keys() - {"trashed"} == equal
    led = [index for index in TRIAL_INDEXES if {name for name, _ in index[: len(equal)]} == equal]
    assert list(asked["sort"].items()) in [index[len(equal) :] for index in led]


@pytest.mark.parametrize("where", ["", "status = broken", 'status matches "e"'])
def test_a_table_is_sent_what_it_shows(trials: Any, commands: Commands, where: str) -> None:
    """As long as the server knows which trials fit, or it has told which may."""
    query = TrialQuery(where=parse(where) if where else None, trash=None)
    expected = Table.of(Search(trials, query, documents).documents(), FIGURES).columns()
    commands.sent.clear()
    found = tabulate(trials, query, FIGURES, documents)
    assert {name: list(map(repr, listed(cells))) for name, cells in found.items()} == {
        name: list(map(repr, cells)) for name, cells in expected.items()
    }
    assert [one["projection"] for one in commands.sent if "find" in one][-1] == FIELDS


STATISTICS = b"\x03summary\0\x2f\0\0\0\x03statistics\0\x05\0\0\0\0".decode()
"""What looks like the beginning of a summary, as text."""
LONG = b"\x03summary\0\x7e\x7e\x7e\x7e\x03statistics\0\x7e\x7e\x7e\x7e".decode()
NEGATIVE = b"\x03summary\0\0\0\xc2\x80\x03statistics\0\0\0\xc2\x80".decode()
LOOKALIKES: dict[str, dict[str, Any]] = {
    "a name": {"name": STATISTICS},
    "a name, and no summary": {"name": STATISTICS, "summary": None},
    "a name of more bytes than there are": {"name": LONG},
    "a name of less than no bytes": {"name": NEGATIVE},
    "a name of less than no bytes, and no summary": {"name": NEGATIVE, "summary": None},
    "a section": {"configuration": {"summary": {"statistics": {"loss": {"last": 3.0}}}}},
    "a section, and no summary": {"configuration": {"summary": {"statistics": {}}}, "summary": None},
    "two sections": {"configuration": {"summary": {"summary": {"statistics": {"loss": {"last": 3.0}}}}}},
    "a count of artifacts": {"summary": {"artifacts": {"statistics": {}}, "statistics": {"loss": {"last": 2.0}}}},
    "a statistic": {"summary": {"statistics": {"statistics": {"last": 1}, "summary": {"last": 2}}}},
    "text before statistics": {"summary": {"artifacts": STATISTICS[9:], "statistics": {"loss": {"last": 2.0}}}},
    "no statistics": {"summary": {"artifacts": 2}},
}


@pytest.mark.parametrize("lookalike", sorted(LOOKALIKES))
def test_what_looks_like_a_summary_is_not_taken_for_it(mongodb_address: str, lookalike: str) -> None:
    ordinary = {"summary": {"artifacts": 1, "statistics": {"loss": {"last": 0.5}}}}
    journal = open_journal(mongodb_address)
    journal.insert_trial(new_trial("0" * 64, 5000.0, **ordinary))
    journal.insert_trial(new_trial("1" * 64, 6000.0, **ordinary | LOOKALIKES[lookalike]))
    journal.insert_trial(new_trial("2" * 64, 7000.0, **ordinary))
    expected = Table.of(journal.find_trials(TrialQuery()), ("last",)).columns()
    found = journal.tabulate(TrialQuery(), ("last",))
    assert {name: listed(cells) for name, cells in found.items()} == expected
    journal.close()


def test_threads_that_open_one_journal_share_a_connection(
    mongodb_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[mongodb.Connection] = []
    meeting = threading.Barrier(2)

    class Slow(mongodb.Connection):
        def __init__(self, *given: Any) -> None:
            made.append(self)
            with suppress(threading.BrokenBarrierError):
                meeting.wait(0.5)  # for the other thread, if it comes here, too
            super().__init__(*given)

    monkeypatch.setattr(mongodb, "Connection", Slow)
    with ThreadPoolExecutor(2) as threads:
        journals = list(threads.map(open_journal, [mongodb_address] * 2))
    assert len(mongodb._OPEN) == 1
    journals[0].close()
    assert journals[1].trial("0" * 64) is None
    journals[1].close()
    assert not mongodb._OPEN
    for connection in made:
        with pytest.raises(InvalidOperation, match="after close"):
            connection.client.admin.command("ping")
