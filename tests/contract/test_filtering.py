"""Every journal gives the same answer to a filter as the evaluation of its documents, one by one."""

from __future__ import annotations

import pytest
from contract.filtering import CLAUSES, FIELDS, ORDERS, ordinary_trials, store
from contract.samples import new_trial
from hypothesis import given, settings
from hypothesis import strategies as st

from kleio.journal.contract import TrialQuery
from kleio.journal.sifting import sifted, tallied
from kleio.trial.clauses import Among, Compare, Order
from kleio.trial.fields import field_of
from kleio.trial.table import FIGURES, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.journal.contract import Journal

ORDER = Order(field_of("stats.loss.min", "stats.loss.min", 0), True)


@pytest.fixture
def stored(journal: Journal) -> tuple[Journal, list[dict[str, Any]]]:
    """A journal with trials of all sorts, and what they are, newest first."""
    store(journal)
    return journal, list(journal.find_trials(TrialQuery(trash=None)))


@settings(max_examples=100)
@given(where=CLAUSES, sort=st.none() | ORDERS, offset=st.integers(0, 3), limit=st.none() | st.integers(0, 70))
def test_a_filter_means_the_same_everywhere(
    stored: tuple[Journal, list[dict[str, Any]]], where: Any, sort: Any, offset: int, limit: int | None
) -> None:
    journal, documents = stored
    query = TrialQuery(where=where, sort=sort, offset=offset, limit=limit, trash=None)
    expected = [document["_id"] for document in sifted(documents, query)]
    assert [document["_id"] for document in journal.find_trials(query)] == expected
    whole = TrialQuery(where=where, trash=None)
    fitting = list(sifted(documents, whole))
    assert journal.count_trials(whole) == len(fitting)
    assert journal.tally(whole) == tallied(fitting)


def test_statistics_that_are_texts_are_sorted_behind_those_that_are_numbers(
    stored: tuple[Journal, list[dict[str, Any]]],
) -> None:
    journal, documents = stored
    for order in [Order(field, falling) for field in FIELDS if field.root == "stats" for falling in (False, True)]:
        query = TrialQuery(sort=order, trash=None)
        expected = [one["_id"] for one in sifted(documents, query)]
        assert [one["_id"] for one in journal.find_trials(query)] == expected, order


def test_a_statistic_that_is_a_text_is_compared_as_the_number_that_it_reads_as(
    stored: tuple[Journal, list[dict[str, Any]]],
) -> None:
    journal, documents = stored
    for field in [field for field in FIELDS if field.root == "stats"]:
        for where in (Compare(field, ">", 0.4), Compare(field, "<=", 7), Among(field, (7, 0.5))):
            query = TrialQuery(where=where, trash=None)
            expected = [one["_id"] for one in sifted(documents, query)]
            assert [one["_id"] for one in journal.find_trials(query)] == expected, where
            assert journal.count_trials(query) == len(expected), where


@pytest.mark.parametrize(
    "query", [{}, {"project": "p1"}, {"trash": None}, {"trash": True}, {"tags": ("a",)}, {"project": "none"}]
)
def test_trials_are_counted_by_status_and_tag(stored: tuple[Journal, list[dict[str, Any]]], query: Any) -> None:
    journal, _ = stored
    assert journal.tally(TrialQuery(**query)) == tallied(journal.find_trials(TrialQuery(**query)))


@settings(max_examples=50)
@given(
    where=st.none() | CLAUSES, sort=st.none() | ORDERS, limit=st.none() | st.integers(0, 70),
    figures=st.lists(st.sampled_from(FIGURES), unique=True),
)  # fmt: skip
def test_columns_are_what_the_documents_say(
    stored: tuple[Journal, list[dict[str, Any]]], where: Any, sort: Any, limit: int | None, figures: list[str]
) -> None:
    journal, documents = stored
    query = TrialQuery(where=where, sort=sort, limit=limit, trash=None)
    expected = Table.of(sifted(documents, query), figures).columns()
    assert same(journal.tabulate(query, figures), expected)


def test_columns_of_many_trials_are_the_same_whether_or_not_their_documents_are_read(journal: Journal) -> None:
    """So many that a journal may take another way than through the documents, and some among them that are odd."""
    for document in ordinary_trials(250):
        journal.insert_trial(document)
    plain = list(journal.find_trials(TrialQuery()))
    assert same(journal.tabulate(TrialQuery(), FIGURES), Table.of(plain, FIGURES).columns())
    store(journal)
    for query in (TrialQuery(trash=None), TrialQuery(tags=("b",)), TrialQuery(sort=ORDER, limit=230, offset=5)):
        expected = Table.of(journal.find_trials(query), ("last", "count"))
        assert same(journal.tabulate(query, ("last", "count")), expected.columns())


def test_a_number_that_becomes_an_equal_one_of_another_kind_is_that_one(journal: Journal) -> None:
    """1 and 1.0 are equal, and so are 0.0 and -0.0: frames tell them apart."""
    for place in range(220):
        statistics = {"loss": {"last": 1, "min": 0.0}}
        fields = {"configuration": {"lr": 1}, "summary": {"statistics": statistics}, "ended": {"time": 5, "offset": 0}}
        journal.insert_trial(new_trial(f"{place:064x}", 5000.0, **fields))
        statistics = {"loss": {"last": 1.0, "min": -0.0}}
        after = {
            "configuration": {"lr": 1.0},
            "summary": {"statistics": statistics},
            "ended": {"time": 5.0, "offset": 0},
        }
        journal.compare_and_set(f"{place:064x}", {}, after)
    expected = Table.of(journal.find_trials(TrialQuery()), ("last", "min")).columns()
    assert expected["config.lr"] == [1.0] * 220
    assert same(journal.tabulate(TrialQuery(), ("last", "min")), expected)


def test_a_figure_that_no_statistic_has_is_refused(journal: Journal) -> None:
    with pytest.raises(ValueError, match="'mean' is no figure of a statistic; there are first, last, min, max, count"):
        journal.tabulate(TrialQuery(), ["mean"])


def same(found: dict[str, list[Any]], expected: dict[str, list[Any]]) -> bool:
    """Equal, types and NaN included."""
    return {name: repr(cells) for name, cells in found.items()} == {
        name: repr(cells) for name, cells in expected.items()
    }


def test_a_trial_counts_once_for_a_tag_that_it_has_twice(journal: Journal) -> None:
    journal.insert_trial(new_trial(tags=["a", "b", "a"]))
    assert journal.tally(TrialQuery()).tags == {"a": {"new": 1}, "b": {"new": 1}}
