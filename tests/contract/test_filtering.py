"""Every journal gives the same answer to a filter as the evaluation of its documents, one by one."""

from __future__ import annotations

import random
import sys
from datetime import datetime, timezone

import pytest
from contract.filtering import CLAUSES, FIELDS, ORDERS, ordinary_trials, store
from contract.samples import new_trial
from hypothesis import given, settings
from hypothesis import strategies as st

from kleio.journal.contract import TrialQuery
from kleio.journal.sifting import sifted, tallied
from kleio.trial.clauses import Among, Compare, Order
from kleio.trial.fields import field_of
from kleio.trial.statement import parse
from kleio.trial.table import FIGURES, Table, listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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


@pytest.mark.parametrize("where", [None, 'status matches "."', "config.lr == 0.5"])
def test_what_limits_a_list_does_not_limit_what_is_counted(
    stored: tuple[Journal, list[dict[str, Any]]], where: str | None
) -> None:
    journal, documents = stored
    query = TrialQuery(where=None if where is None else parse(where), limit=0, trash=None)
    fitting = list(sifted(documents, TrialQuery(where=query.where)))
    assert fitting
    assert journal.count_trials(query) == len(fitting)
    assert journal.tally(query) == tallied(fitting)
    assert list(journal.find_trials(query)) == []


def test_a_limit_may_be_as_large_as_any_number(stored: tuple[Journal, list[dict[str, Any]]]) -> None:
    journal, documents = stored
    for offset in (0, 1):
        query = TrialQuery(where=parse("stats.loss.last < 9"), sort=ORDER, offset=offset, limit=sys.maxsize, trash=None)
        assert [one["_id"] for one in journal.find_trials(query)] == [one["_id"] for one in sifted(documents, query)]


@settings(max_examples=30)
@given(
    second=st.integers(990, 2045),
    form=st.sampled_from([("%Y-%m-%d %H:%M:%S", 1), ("%Y-%m-%dT%H:%M", 60), ("%Y-%m-%d %H", 3600)]),
)
def test_a_time_means_any_time_of_its_second_minute_or_hour(
    stored: tuple[Journal, list[dict[str, Any]]], second: int, form: tuple[str, int]
) -> None:
    journal, documents = stored
    text = datetime.fromtimestamp(second, timezone.utc).strftime(form[0])
    for field in ("created", "started", "ended"):
        fits = {one["_id"] for one in documents if one[field] and one[field]["time"] // form[1] == second // form[1]}
        for sign, expected in (("==", fits), ("!=", {one["_id"] for one in documents} - fits)):
            query = TrialQuery(where=parse(f'{field} {sign} "{text}Z"'), trash=None)
            assert {one["_id"] for one in journal.find_trials(query)} == expected


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


FIGURES_OF = {
    "floats": lambda place: dict.fromkeys(("first", "last", "min", "max"), place / 7),
    "integers": lambda place: dict.fromkeys(("first", "last", "min", "max"), place),
    "both": lambda place: {"last": place, "min": -0.0, "max": 2.5 if place % 3 else 2, "first": float(place)},
    "gaps": lambda place: {"last": None, "min": 0.5} if place % 5 else {"last": 0.25, "min": 0.5, "max": 1e300},
    "texts": lambda place: {"first": "warm", "last": "up" if place % 4 else "7"},
    "truths": lambda place: {"first": place % 2 == 0, "last": True if place % 40 == 0 else 0.5},
    "edges": lambda place: {"last": (1 << 63) - 1, "min": -(1 << 63), "max": float("inf"), "first": 5e-324},
    "beyond": lambda place: (
        {"last": 1 << 63, "min": float("nan")} if place % 50 == 0 else {"last": 1 << 62, "min": 1.0}
    ),
    "strays": lambda place: {
        "last": 0.5 if place % 7 else float("nan"),
        "min": float("-inf") if place % 3 else float("inf"),
        "max": 1.0,
    },
    "nothing": lambda place: {},
}
"""What statistics of each kind say of the trial at this place."""


@pytest.mark.parametrize("share", [1, 3, 60])
def test_columns_of_statistics_that_differ_from_trial_to_trial(journal: Journal, share: int) -> None:
    """``share`` trials have the same statistics, and every tenth has none at all."""
    kinds = sorted(FIGURES_OF)
    for place in range(240):
        chance = random.Random(place // share)
        kept = [] if place % 10 == 9 else chance.sample(kinds, chance.randrange(1, 5))
        own = [f"own{place // share}"] if place % 10 == 0 else []
        statistics = {name: {"count": place, **FIGURES_OF[name](place)} for name in kept}
        statistics.update((name, {"count": 1, "last": 0.5}) for name in own)
        fields = {"summary": None if place % 20 == 9 else {"statistics": statistics}}
        journal.insert_trial(new_trial(f"{place:064x}", 5000.0 + place * 7919 % 240, **fields))
    for figures in (FIGURES, ("last",), ("first",), ("max", "min")):
        expected = Table.of(journal.find_trials(TrialQuery()), figures).columns()
        assert same(journal.tabulate(TrialQuery(), figures), expected)


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


def same(found: Mapping[str, Sequence[Any]], expected: Mapping[str, Sequence[Any]]) -> bool:
    """Equal, types and NaN included."""
    return {name: repr(listed(cells)) for name, cells in found.items()} == {
        name: repr(cells) for name, cells in expected.items()
    }


def test_a_trial_counts_once_for_a_tag_that_it_has_twice(journal: Journal) -> None:
    journal.insert_trial(new_trial(tags=["a", "b", "a"]))
    assert journal.tally(TrialQuery()).tags == {"a": {"new": 1}, "b": {"new": 1}}
