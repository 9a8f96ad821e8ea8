from __future__ import annotations

import gc
from pathlib import Path

import pytest
from contract.samples import new_trial

from harness.recorded import Recorder
from kleio.analysis import Trials
from kleio.analysis.tabulation import trials_arrays, trials_frame, without_collection
from kleio.journal.memory import MemoryJournal
from kleio.journal.registry import open_journal
from kleio.journal.sqlite.table import FEW
from kleio.trial.table import FACTS, FIGURES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.analysis import Trial


@pytest.fixture
def trials(tmp_path: Path) -> list[Trial]:
    recorder = Recorder.on(MemoryJournal(str(tmp_path)))
    loss = {"loss": {"first": 2.0, "last": 0.5, "min": 0.25, "max": 2.0, "count": 9}}
    content = {"file": "c.yaml", "content": {"seed": 3}}
    done = recorder.ended("train", "a b", configuration={"lr": 0.1, "config": content}, tags=("x", "y"))
    recorder.journal.compare_and_set(done, {}, {"summary": {"statistics": loss, "artifacts": 2}})
    recorder.new("train", configuration={"lr": 1, "text": "1"})
    return list(Trials(recorder.journal).find())


def test_trials_become_typed_rows(trials: list[Trial]) -> None:
    frame = trials_frame(trials)
    done = frame[frame.status == "completed"].iloc[0]
    assert (done["config.lr"], done["config.config"], done["config.config.seed"]) == (0.1, "c.yaml", 3)
    assert (done["stats.loss.last"], done["stats.loss.min"], done["stats.loss.max"]) == (0.5, 0.25, 2.0)
    assert (done["command"], done["tags"], done["exit"], done["artifacts"]) == ("train 'a b'", "x; y", 0, 2)
    assert (done["ended"] - done["started"]).total_seconds() == 12.0
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert kinds["created"] == kinds["started"] == "datetime64[ns, UTC]"
    assert (kinds["config.lr"], kinds["exit"], kinds["attempts"]) == ("float64", "Int64", "int64")
    assert frame["config.text"].tolist()[0] == "1"
    assert "stats.loss.count" not in frame
    assert trials_frame(trials, ["count"])["stats.loss.count"].dropna().tolist() == [9]


def test_a_frame_is_the_same_from_documents_and_from_the_columns_that_a_journal_keeps(tmp_path: Path) -> None:
    """Types too, with what some trials lack and what is not of one kind in all."""
    from pandas.testing import assert_frame_equal

    with Trials(open_journal(f"sqlite://{tmp_path}/journal.sqlite")) as stored:
        for place in range(FEW + 20):
            numbers = {"first": place, "last": place / 7, "min": -0.0 if place % 3 else 0, "max": place / 3, "count": 1}
            statistics = {"loss": numbers} if place % 9 else {}
            if place % 2:
                statistics["acc"] = {"last": 0.5, "min": 7, **({"max": 1e300} if place % 5 else {})}
                statistics["phase"] = {"last": "warm", "count": place}
            fields = {"argv": ["train"], "summary": {"statistics": statistics}}
            stored.journal.insert_trial(new_trial(created=1000.0 + place, **fields))
        frame = stored.to_frame(figures=FIGURES)
        expected = trials_frame(stored.trials(), FIGURES)
        assert_frame_equal(frame, expected, check_like=True)
        assert str(frame.dtypes["stats.loss.last"]) == "float64"
        assert str(frame.dtypes["stats.loss.first"]) == "Int64"
        assert frame["stats.loss.last"].isna().sum() == (FEW + 20 + 8) // 9


def test_a_figure_that_there_is_not_is_named(trials: list[Trial]) -> None:
    with pytest.raises(ValueError, match="'mean' is no figure of a statistic; there are first, last, min, max, count"):
        trials_frame(trials, ["mean"])


def test_one_figure_that_is_given_as_text_is_told_from_several(trials: list[Trial]) -> None:
    with pytest.raises(TypeError, match="figures are several texts"):
        trials_frame(trials, figures="last")


@pytest.mark.parametrize("wrong", ["3f9c2ab", ["3f9c2ab"], [1]])
def test_a_table_is_of_trials_only(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"a table has trials, such as connect\(\) gives, and no (str|int)"):
        trials_frame(wrong)


def test_what_a_file_and_a_section_say_is_named_as_filters_name_it(tmp_path: Path) -> None:
    recorder = Recorder.on(MemoryJournal(str(tmp_path)))
    content = {"model": {"depth": 3}}
    recorder.new("train", configuration={"config": {"file": "c.yaml", "content": content}, "opt.lr": 0.5})
    frame = trials_frame(Trials(recorder.journal).find())
    row = frame.iloc[0]
    assert (row["config.config"], row["config.config.model.depth"], row["config.opt.lr"]) == ("c.yaml", 3, 0.5)


def test_the_collector_of_circles_is_as_it_was_again_whatever_happens() -> None:
    @without_collection()
    def failing() -> None:
        assert not gc.isenabled()
        raise KeyError

    try:
        for was_on in (True, False):
            (gc.enable if was_on else gc.disable)()
            with pytest.raises(KeyError):
                failing()
            assert gc.isenabled() == was_on
    finally:
        gc.enable()


def test_no_trials_are_an_empty_frame() -> None:
    frame = trials_frame([])
    assert (len(frame), list(frame.columns)) == (0, list(FACTS))
    assert str(frame["started"].dtype) == "datetime64[ns, UTC]"
    assert frame[frame["status"] == "completed"].empty
    assert [str(frame[name].dtype) for name in ("duration", "attempts", "artifacts")] == ["float64", "int64", "int64"]
    assert {name: list(cells) for name, cells in trials_arrays([]).items()} == {name: [] for name in FACTS}


def test_without_pandas_there_are_arrays_and_lists(trials: list[Trial]) -> None:
    arrays = trials_arrays(trials)
    assert arrays["status"] == ["new", "completed"]
    assert arrays["attempts"].tolist() == [0, 1]
    assert arrays["stats.loss.last"] == [None, 0.5]
    assert arrays["started"][0] is None
    assert arrays["started"][1] > 1.7e9
