from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.recorded import Recorder
from kleio.analysis.columns import columns_of
from kleio.analysis.records import Statistic
from kleio.analysis.series import Statistics, read_statistics
from kleio.journal.memory import MemoryJournal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TRIAL = "a" * 64


def of(*values: dict[str, object]) -> Statistics:
    return Statistics([Statistic(value, float(at), 1, "w") for at, value in enumerate(values)])


def test_sorting_takes_numbers_as_numbers_and_puts_what_lacks_the_key_last() -> None:
    values = [{"e": 3, "l": 0.1}, {"e": 1, "l": 0.9}, {"e": 10, "l": 0.05}, {"e": 2, "l": 0.5}, {"note": "x"}]
    statistics = of(*values)
    assert statistics.sort_by("e").e == [1, 2, 3, 10]
    assert statistics.sort_by("l").l == [0.05, 0.1, 0.5, 0.9]
    assert statistics.sort_by("e")[-1] == {"note": "x"}
    assert statistics.sort_by("e", descending=True)[0] == values[2]
    assert statistics.sort_by("e", descending=True)[-1] == {"note": "x"}


def test_numbers_come_first_in_falling_order_too() -> None:
    statistics = of(*({"v": value} for value in (1, float("nan"), "text", None, 3, True, [1], "a")), {"w": 1})
    falling = statistics.sort_by("v", descending=True)
    assert [str(record.get("v")) for record in falling] == ["3", "1", "True", "nan", "text", "a", "[1]", "None", "None"]
    assert falling[-1] == {"w": 1}


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
    assert statistics["note"] == ["x"]
    assert "loss" in dir(statistics)
    assert not hasattr(statistics, "nothing")
    with pytest.raises(AttributeError, match=r"^nothing was logged as 'acc'; there is 'loss', 'note'$"):
        _ = statistics.acc
    with pytest.raises(KeyError, match="nothing was logged as ''"):
        _ = statistics[""]


def test_a_series_is_navigated_by_another_name() -> None:
    statistics = of({"epoch": 10, "loss": 0.5}, {"epoch": 2, "loss": 2}, {"loss": 9.0}, {"epoch": 2, "loss": 1.5})
    assert statistics.loss.epoch[10] == 0.5
    assert statistics.loss.epoch[2] == 1.5
    assert statistics.loss.epoch.all(2) == [2, 1.5]
    assert dict(statistics.loss.epoch) == {2: 1.5, 10: 0.5}
    assert list(statistics.loss.epoch) == [2, 10]
    assert statistics.loss.epoch[:10] == {2: 1.5}
    assert statistics.loss.epoch[3:] == {10: 0.5}
    with pytest.raises(KeyError, match="no 'loss' was logged with 'epoch' = 11"):
        _ = statistics.loss.epoch[11]
    with pytest.raises(AttributeError, match="nothing was logged as 'step' together with 'loss'"):
        _ = statistics.loss.step


def test_a_series_knows_its_ends_and_extremes() -> None:
    statistics = of({"l": 3}, {"l": float("nan")}, {"l": "x"}, {"l": 1}, {"l": True}, {"last": 5})
    assert (statistics.l.first, statistics.l.last, statistics.l.min, statistics.l.max) == (3, True, 1, 3)
    assert len(statistics.l) == 5
    assert statistics.l[2:4] == ["x", 1]
    assert statistics.last == [5]
    assert (of({"t": "x"}).t.min, of({"t": "x"}).t.max) == (None, None)
    assert statistics.l.times == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert repr(statistics.l) == "<Series l: 5 values [3, nan, 'x', 1, True]>"


def test_names_that_were_logged_cannot_command_the_terminal_of_a_prompt() -> None:
    statistics = of({"a\x1b[2J": 1, "n": 2})
    shown = [repr(statistics), repr(statistics["a\x1b[2J"]), repr(statistics["a\x1b[2J"].by("n"))]
    assert not [text for text in shown if "\x1b" in text or "a\\e[2J" not in text]


def test_values_that_cannot_be_keys_are_passed_over() -> None:
    assert dict(of({"k": [1], "v": 1}, {"k": None, "v": 2}, {"v": 3}).v.k) == {None: 2}


def test_a_name_that_a_class_uses_itself_is_reached_by_text() -> None:
    statistics = of({"names": 1, "by": 2}, {"names": 3, "by": 4})
    assert statistics["names"].by("by")[4] == 3


def test_records_are_read_when_first_looked_at_and_once() -> None:
    looked: list[str] = []

    def records() -> list[Statistic]:
        looked.append("records")
        return [Statistic({"loss": 0.5}, 0.0, 1, "w")]

    statistics = Statistics(records, lambda names: columns_of([], names))
    assert len(statistics.columns()) == 0
    assert looked == []
    assert (len(statistics), statistics.loss, len(statistics.columns())) == (1, [0.5], 1)
    assert looked == ["records"]


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        ("column", [3], "the name of a statistic is text, not 3"),
        ("sort_by", [3], "the name of a statistic is text, not 3"),
        ("columns", ["loss"], "names are several texts, such as ['loss'], not the text 'loss'"),
        ("to_arrays", [[3]], "names are texts, which 3 is not"),
        ("to_frame", ["loss"], "names are several texts, such as ['loss'], not the text 'loss'"),
        ("curve", [3], "y is text, not 3"),
        ("curve", ["loss", 3], "x is text, not 3"),
    ],
)
def test_what_is_no_name_is_told_so(method: str, arguments: list[Any], message: str) -> None:
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        getattr(of({"loss": 1.0}), method)(*arguments)


def test_a_curve_runs_over_what_counts() -> None:
    statistics = of({"step": 1, "loss": 4}, {"lr": 0.1}, {"step": 2, "loss": float("nan")}, {"loss": 2.0})
    assert next(iter(statistics.curve("loss"))) == (1.0, 4.0)
    assert (statistics.curve("loss").x_name, len(statistics.curve("loss"))) == ("step", 2)
    assert [*statistics.curve("lr")] == [(0.0, 0.1)]
    assert statistics.curve("lr").x_name == "number"
    assert [*statistics.curve("loss", "time")][::2] == [(0.0, 4.0), (3.0, 2.0)]
    assert len(statistics.curve("nothing")) == 0


def test_an_epoch_that_was_done_again_is_one_point_of_a_curve() -> None:
    logged = [(1, 1, 9.0), (1, 2, 8.0), (1, 3, 7.0), (2, 2, 6.0), (2, 3, 5.0), (2, 4, 4)]
    statistics = Statistics(
        [
            Statistic({"epoch": epoch, "loss": loss}, float(at), attempt, "w")
            for at, (attempt, epoch, loss) in enumerate(logged)
        ]
    )
    curve = statistics.curve("loss")
    assert ([*curve], curve.left_out) == ([(1, 9), (2, 6), (3, 5), (4, 4)], 2)
    assert [*statistics.curve("loss", "number")] == [*enumerate([9, 8, 7, 6, 5, 4])]
    for x in ("number", "time", "loss"):
        assert (len(statistics.curve("loss", x)), statistics.curve("loss", x).left_out) == (6, 0)
    assert [*statistics.curve("epoch", "loss")] == [(4, 4), (5, 3), (6, 2), (7, 3), (8, 2), (9, 1)]
    assert statistics.columns(["epoch"]).values["epoch"].tolist() == [1, 2, 3, 2, 3, 4]


def test_a_name_that_was_logged_is_in_the_statistics() -> None:
    statistics = of({"e": 1, "l": 0.5})
    assert "l" in statistics
    assert "x" not in statistics
    assert {"e": 1, "l": 0.5} in statistics
    assert repr(of()) == "<Statistics: 0 records>"
    assert repr(statistics.l) == "<Series l: 1 value [0.5]>"


def test_a_frame_has_the_records() -> None:
    import pandas

    statistics = of({"e": 1, "l": 0.5}, {"e": 2, "t": "1"})
    frame = statistics.to_frame()
    assert [str(frame[name].dtype) for name in ("e", "l")] == ["int64", "float64"]
    assert frame["t"][1] == "1"
    by_time = statistics.to_frame(["l"], index="time")
    assert by_time.index[0] == pandas.Timestamp("1970-01-01", tz="UTC")
    assert statistics.to_frame(["l"], index="e").index.tolist() == [1, 2]
    for names, index in ((None, "nope"), (["l"], "nope"), (["t"], "E")):
        with pytest.raises(KeyError, match=f"nothing was logged as '{index}'; there is 'e', 'l', 't'"):
            statistics.to_frame(names, index=index)
    assert statistics.to_arrays(["e"])["e"].tolist() == [1, 2]
    for ask in (statistics.to_arrays, statistics.to_frame):
        with pytest.raises(KeyError, match="nothing was logged as 'los'; there is 'e', 'l', 't'"):
            ask(["e", "los"])


def test_a_notebook_shows_the_records_escaped() -> None:
    shown = of({"<b>": "<script>\x1b[2J"}, *({"n": at} for at in range(30)))._repr_html_()
    assert "<caption>31 records, the first 20</caption>" in shown
    assert "<th>&lt;b&gt;</th>" in shown
    assert "&lt;script&gt;\\e[2J" in shown


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
