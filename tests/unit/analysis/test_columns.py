from __future__ import annotations

from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.recorded import Recorder
from kleio.analysis.columns import Columns, read_columns
from kleio.analysis.curves import curve_of
from kleio.analysis.series import read_statistics
from kleio.journal.lineage import Ancestor
from kleio.journal.memory import MemoryJournal
from kleio.trial.cut import Cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TRIAL = "a" * 64


@pytest.fixture
def journal(tmp_path: Path) -> MemoryJournal:
    return MemoryJournal(str(tmp_path))


@pytest.fixture
def recorder(journal: MemoryJournal) -> Recorder:
    return Recorder.on(journal)


def test_numbers_are_arrays_and_the_rest_lists(journal: MemoryJournal, recorder: Recorder) -> None:
    recorder.logged(TRIAL, {"e": 1, "l": 0.5, "t": "x", "k": 7}, {"e": 2, "l": 0.25, "t": None, "k": 7})
    recorder.logged(TRIAL, {"e": 3, "l": float("inf"), "t": [1], "k": 7})
    found = read_columns(journal, TRIAL)
    assert found.values == {
        "e": array("q", [1, 2, 3]), "l": array("d", [0.5, 0.25, float("inf")]), "t": ["x", None, [1]],
        "k": array("q", [7, 7, 7]),
    }  # fmt: skip
    assert list(found.attempts) == [1, 1, 1]
    assert len(found) == 3
    assert found.times == array("d", sorted(found.times))


def test_a_column_of_integers_and_floats_keeps_both(journal: MemoryJournal, recorder: Recorder) -> None:
    recorder.logged(TRIAL, {"lr": 1})
    recorder.logged(TRIAL, {"lr": 0.5}, {"lr": 2})
    values = read_columns(journal, TRIAL).values["lr"]
    assert values == [1, 0.5, 2]
    assert [type(value) for value in values] == [int, float, int]


def test_only_what_is_asked_for_is_read(journal: MemoryJournal, recorder: Recorder) -> None:
    recorder.logged(TRIAL, {"e": 1, "l": 0.5}, {"note": "x"}, {"l": 0.25})
    found = read_columns(journal, TRIAL, ["l", "none"])
    assert found.values == {"l": array("d", [0.5, 0.25])}
    assert len(found) == 2


def test_a_name_is_not_mistaken_for_a_row_that_keys_of_a_restoration_need(
    journal: MemoryJournal, recorder: Recorder
) -> None:
    recorder.logged(TRIAL, {"e": 1, "l": 0.5}, {"e": 2, "l": 0.25}, {"l": 9.0})
    recorder.wrote(TRIAL, "resume", {"e": 1}, attempt=2)
    recorder.logged(TRIAL, {"e": 2, "l": 0.125}, attempt=2)
    assert read_columns(journal, TRIAL, ["l"]).values == {"l": array("d", [0.5, 9.0, 0.125])}
    assert len(read_columns(journal, TRIAL, ["l"], superseded=True)) == 4


def test_what_different_processes_attempts_and_ancestors_logged_is_told_apart(
    journal: MemoryJournal, recorder: Recorder
) -> None:
    parent = "b" * 64
    recorder.logged(parent, {"epoch": 1}, {"epoch": 2})
    recorder.logged(TRIAL, {"epoch": 2}, {"epoch": 3}, writer="v")
    recorder.logged(TRIAL, {"epoch": 3}, writer="w")
    recorder.logged(TRIAL, {"epoch": 3}, {"epoch": 4}, attempt=2)
    found = read_columns(journal, TRIAL, ancestors=[Ancestor({"_id": parent}, Cut(parent, 1))])
    assert list(found.writers) == [0, 0, 1, 1, 2, 3, 3]
    curve = curve_of({**found.values, "y": list(range(7))}, found.times, "y", "epoch", found.writers)
    assert ([*curve], curve.left_out) == ([(1, 0), (2, 2), (3, 5), (4, 6)], 3)


def test_what_one_creator_attached_belongs_together(journal: MemoryJournal, recorder: Recorder) -> None:
    parent, creators = "b" * 64, ({"user": "ada"}, {"user": "bob", "trial": "c" * 64})
    recorder.logged(TRIAL, {"epoch": 0})
    for trial, creator in ((TRIAL, 0), (TRIAL, 1), (TRIAL, 0), (parent, 0)):
        number = len(list(journal.segments(trial, stream="remarks")))
        remark = {"values": {"epoch": 0, "bleu": number}, "creator": creators[creator]}
        recorder.wrote(trial, "remarks", remark, attempt=0, writer=f"remark-{number}")
    found = read_columns(journal, TRIAL, ancestors=[Ancestor({"_id": parent}, Cut(parent, 1))])
    assert (list(found.values["bleu"]), list(found.writers)) == ([None, 0, 0, 1, 2], [1, 0, 2, 3, 2])
    assert len(set(read_statistics(journal, TRIAL).columns(["bleu"]).writers)) == 2


def test_every_batch_that_was_attached_is_a_point(journal: MemoryJournal, recorder: Recorder) -> None:
    for at in range(10):
        remark = {"values": {"epoch": at // 5, "batch": at % 5, "bleu": at}, "creator": {"user": "ada"}}
        recorder.wrote(TRIAL, "remarks", remark, attempt=0, writer=f"remark-{at}")
    found = read_columns(journal, TRIAL)
    curve = curve_of(found.values, found.times, "bleu", "epoch", found.writers)
    assert (list(curve.y), curve.left_out) == ([*range(10)], 0)


@pytest.mark.parametrize("swap", [False, True])
def test_columns_of_unknown_writers_stay_as_long_as_the_others(swap: bool) -> None:
    plain = Columns(array("d", [1.0, 2.0]), array("i", [1, 1]), {"a": array("q", [5, 6])})
    known = Columns(array("d", [3.0]), array("i", [1]), {"a": array("q", [7])}, array("i", [4]))
    first, second = (known, plain) if swap else (plain, known)
    first.extend(second)
    assert list(first.writers) == ([4, -1, -1] if swap else [-1, -1, 4])
    assert list(first.take([2, 0]).writers) == ([-1, 4] if swap else [4, -1])


NAMES = st.sampled_from(["a", "b", "c", ""])
CELLS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
POINTS = st.lists(st.dictionaries(NAMES, CELLS, max_size=3), min_size=1, max_size=6)
STEPS = st.lists(st.tuples(st.integers(1, 3), st.sampled_from("wv"), POINTS), max_size=5)
RESUMED = st.dictionaries(
    st.integers(1, 4), st.dictionaries(NAMES, st.integers(-3, 3), min_size=1, max_size=2), max_size=2
)


@given(STEPS, RESUMED)
def test_the_columns_say_what_the_records_say(steps: list[Any], resumed: dict[int, Any]) -> None:
    journal = MemoryJournal("columns and records")
    journal.delete_trial(TRIAL)
    recorder = Recorder.on(journal)
    for attempt, writer, points in steps:
        recorder.logged(TRIAL, *points, attempt=attempt, writer=writer)
    for attempt, keys in resumed.items():
        recorder.wrote(TRIAL, "resume", keys, attempt=attempt)
    records, columns = read_statistics(journal, TRIAL), read_columns(journal, TRIAL)
    assert len(columns) == len(records)
    assert list(columns.attempts) == [record.attempt for record in records.records]
    writers = [(record.attempt, record.writer) for record in records.records]
    assert len(set(zip(columns.writers, writers, strict=True))) == len(set(columns.writers)) == len(set(writers))
    for name, values in columns.values.items():
        assert list(values) == [record.get(name) for record in records], name


def test_a_data_frame_has_the_columns(journal: MemoryJournal, recorder: Recorder) -> None:
    import pandas

    recorder.logged(TRIAL, {"e": 1, "l": 0.5})
    assert read_columns(journal, TRIAL).to_frame().equals(pandas.DataFrame({"e": [1], "l": [0.5]}))
    with pytest.raises(KeyError, match="nothing was logged as 'x'; there is 'e', 'l'"):
        read_columns(journal, TRIAL).to_frame("x")
