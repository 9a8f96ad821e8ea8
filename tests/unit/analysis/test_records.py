from __future__ import annotations

from pathlib import Path

from harness.recorded import Recorder
from kleio.analysis.records import read_last, read_points
from kleio.analysis.series import read_statistics
from kleio.journal.contract import Segment
from kleio.journal.memory import MemoryJournal
from kleio.spool.records.reader import Record
from kleio.spool.records.segments import segment_of

TRIAL = "a" * 64


def log(journal: MemoryJournal, writer: str, records: list[tuple[float, dict[str, object]]], attempt: int = 1) -> None:
    made = [Record(at, "statistics", time, body, 0, 0) for at, (time, body) in enumerate(records)]
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


def test_the_last_points_are_those_at_the_end_of_all(tmp_path: Path) -> None:
    journal = MemoryJournal(str(tmp_path))
    recorder = Recorder.on(journal)
    for number in range(3):
        log(journal, "a", [(10.0 * number + at, {"epoch": 3 * number + at}) for at in range(3)], attempt=number + 1)
    log(journal, "b", [(11.5, {"epoch": 4, "x": 1}), (9.0, {"epoch": 4, "x": 2})], attempt=2)
    recorder.wrote(TRIAL, "resume", {"epoch": 3}, writer="c", attempt=3)
    recorder.wrote(TRIAL, "remarks", {"values": {"bleu": 27.5}, "creator": {"trial": "b" * 64}}, writer="d")
    for superseded in (False, True):
        found = read_points(journal, TRIAL, superseded=superseded)
        for count in range(1, 2 + len(found)):
            assert read_last(journal, TRIAL, count, lambda one: True, superseded=superseded) == found[-count:]
        for count in (1, 2, 3):
            having = [one for one in found if "x" in one.values]
            last = read_last(journal, TRIAL, count, lambda one: "x" in one.values, superseded=superseded)
            assert last == having[-count:]


def test_the_last_points_need_no_earlier_segment(tmp_path: Path) -> None:
    journal = MemoryJournal(str(tmp_path))
    journal.append([Segment(TRIAL, 1, "statistics", "a", 0, 9, {"format": 1, "records": "damaged"})])
    journal.append([Segment(TRIAL, 0, "statistics", "a", 0, 9, {"format": 1, "records": "damaged"})])
    made = [Record(10 + at, "statistics", at, {"i": at}, 0, 0) for at in range(3)]
    journal.append([segment_of(TRIAL, 1, "a", "statistics", made)])
    assert [one.values for one in read_last(journal, TRIAL, 2, lambda one: True)] == [{"i": 1}, {"i": 2}]
