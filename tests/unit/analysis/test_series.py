from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.recorded import Recorder
from kleio.analysis.series import Statistic, Statistics, read_statistics
from kleio.journal.memory import MemoryJournal
from kleio.spool.reader import Record
from kleio.spool.segments import segment_of

TRIAL = "a" * 64


def of(*values: dict[str, object]) -> Statistics:
    return Statistics([Statistic(value, float(at), 1, "w") for at, value in enumerate(values)])


def log(journal: MemoryJournal, writer: str, records: list[tuple[float, dict[str, object]]], attempt: int = 1) -> None:
    made = [Record(at, "statistics", time, time, body, 0, 0) for at, (time, body) in enumerate(records)]
    journal.append([segment_of(TRIAL, attempt, writer, "statistics", made)])


def test_statistics_come_in_the_order_of_logging_over_processes_and_attempts(tmp_path: Path) -> None:
    journal = MemoryJournal(str(tmp_path))
    log(journal, "b", [(1.0, {"i": 1}), (3.0, {"i": 3, "x": "y"})])
    log(journal, "a", [(2.0, {"i": 2}), (4.0, {"i": 4})])
    log(journal, "a", [(0.5, {"i": 5})], attempt=2)
    found = read_statistics(journal, TRIAL)
    assert list(found) == [{"i": 1}, {"i": 2}, {"i": 3, "x": "y"}, {"i": 4}, {"i": 5}]
    assert [(record.attempt, record.writer) for record in found.records[:2]] == [(1, "b"), (1, "a")]
    assert list(read_statistics(journal, TRIAL, attempt=2)) == [{"i": 5}]


def test_a_process_whose_clock_jumped_back_keeps_its_order(tmp_path: Path) -> None:
    journal = MemoryJournal(str(tmp_path))
    log(journal, "a", [(100.0, {"i": 1}), (1.0, {"i": 2}), (101.0, {"i": 3})])
    assert read_statistics(journal, TRIAL).i == [1, 2, 3]


def test_sorting_takes_numbers_as_numbers_and_puts_what_lacks_the_key_last() -> None:
    values = [{"e": 3, "l": 0.1}, {"e": 1, "l": 0.9}, {"e": 10, "l": 0.05}, {"e": 2, "l": 0.5}, {"note": "x"}]
    statistics = of(*values)
    assert statistics.sort_by("e").e == [1, 2, 3, 10]
    assert statistics.sort_by("l").l == [0.05, 0.1, 0.5, 0.9]
    assert statistics.sort_by("e")[-1] == {"note": "x"}
    assert statistics.sort_by("e", descending=True)[0] == values[2]
    assert statistics.sort_by("e", descending=True)[-1] == {"note": "x"}


@given(st.lists(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists)))
def test_sorting_never_raises_and_loses_nothing(values: list[object]) -> None:
    statistics = of(*({"k": value} for value in values))
    assert len(statistics.sort_by("k")) == len(values)
    numbers = [value for value in statistics.sort_by("k").column("k") if type(value) is int]
    assert numbers == sorted(numbers)


def test_a_column_is_an_attribute_and_an_index_is_a_record() -> None:
    statistics = of({"loss": 0.5}, {"note": "x"}, {"loss": 0.25})
    assert statistics.loss == [0.5, 0.25]
    assert statistics[1] == {"note": "x"}
    assert list(statistics[1:]) == [{"note": "x"}, {"loss": 0.25}]
    assert statistics.names() == ["loss", "note"]
    assert not hasattr(statistics, "nothing")
    with pytest.raises(AttributeError, match="nothing was logged as 'acc'"):
        _ = statistics.acc


def test_what_a_later_attempt_took_back_is_hidden_but_not_gone(tmp_path: Path) -> None:
    journal = MemoryJournal(str(tmp_path))
    recorder = Recorder.on(journal)
    recorder.logged(TRIAL, {"epoch": 1}, {"epoch": 2}, {"note": "x"}, {"epoch": 3})
    recorder.wrote(TRIAL, "resume", {"epoch": 2}, attempt=2)
    recorder.logged(TRIAL, {"epoch": 3, "again": True}, {"epoch": 4}, attempt=2)
    recorder.wrote(TRIAL, "resume", {"epoch": 3}, attempt=3)
    seen = read_statistics(journal, TRIAL)
    assert list(seen) == [{"epoch": 1}, {"epoch": 2}, {"note": "x"}, {"epoch": 3, "again": True}]
    assert read_statistics(journal, TRIAL, superseded=True).epoch == [1, 2, 3, 3, 4]
    assert list(read_statistics(journal, TRIAL, attempt=2)) == [{"epoch": 3, "again": True}]


def test_ranks_are_told_apart_and_keep_their_order(tmp_path: Path) -> None:
    journal = MemoryJournal(str(tmp_path))
    recorder = Recorder.on(journal)
    recorder.wrote(TRIAL, "writer", {"rank": 1, "world_size": 2}, writer="a")
    recorder.logged(TRIAL, {"i": 1}, {"i": 2}, writer="a")
    recorder.logged(TRIAL, {"i": 3}, writer="b")
    assert [record.rank for record in read_statistics(journal, TRIAL).records] == [1, 1, None]


def test_what_others_attached_comes_last_with_its_creator(tmp_path: Path) -> None:
    journal = MemoryJournal(str(tmp_path))
    recorder = Recorder.on(journal)
    recorder.wrote(TRIAL, "remarks", {"values": {"bleu": 27.5}, "creator": {"trial": "b" * 64}}, writer="b")
    recorder.logged(TRIAL, {"loss": 0.5})
    own, attached = read_statistics(journal, TRIAL).records
    assert (own.values, own.creator) == ({"loss": 0.5}, None)
    assert (attached.values, attached.creator) == ({"bleu": 27.5}, {"trial": "b" * 64})
