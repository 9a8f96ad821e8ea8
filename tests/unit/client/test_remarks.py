from __future__ import annotations

import datetime
import io
import math

import pytest

from harness.attempt import TRIAL, World
from kleio.analysis.artifacts import read_artifacts
from kleio.analysis.series import read_statistics
from kleio.artifacts.registry import open_blobs
from kleio.client.logger import AnalyzeLogger, KleioLogger
from kleio.errors import KleioError, TrialAmbiguous, TrialNotFound
from kleio.spool.references import references_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OTHER = "cd" * 32


@pytest.fixture
def address(world: World) -> str:
    world.journal.insert_trial({"_id": OTHER, "status": "completed", "fence": 1, "created": {"time": 1.0, "offset": 0}})
    return f"memory://{world.name}"


@pytest.mark.parametrize(
    "values",
    [
        {"bleu": 27.5}, {"self": 1, "creator": "me", "": 2}, {"x": math.inf}, {"$float": "nan"}, {"s": "\udcff\0é"},
        {"d": datetime.date.fromisoformat("2020-01-01")}, {"n": {"x": [1, 10**30]}},
    ],
)  # fmt: skip
def test_a_statistic_is_attached_with_its_creator(logger: KleioLogger, address: str, world: World, values: Any) -> None:
    with AnalyzeLogger(OTHER[:7]) as remarks:
        remarks.log_statistic(**values)
        assert remarks.load_statistic() == [values]
    (record,) = read_statistics(world.journal, OTHER).records
    assert record.values == values
    assert record.creator is not None
    assert (record.creator["trial"], record.creator["attempt"]) == (TRIAL, 1)
    assert record.creator["user"]


def test_a_remark_without_values_is_a_type_error(logger: KleioLogger, address: str, world: World) -> None:
    with AnalyzeLogger(OTHER) as remarks, pytest.raises(TypeError, match=r"^log_statistic needs a value"):
        remarks.log_statistic()
    assert list(read_statistics(world.journal, OTHER)) == []


@pytest.mark.parametrize("value", ["x" * (1 << 20), [0.5] * 400_000])
def test_a_remark_is_as_large_as_any_record(logger: KleioLogger, address: str, world: World, value: Any) -> None:
    with AnalyzeLogger(OTHER) as remarks:
        with pytest.raises(KleioError, match=r"^a remark holds at most 1 MiB, and 'text' is more"):
            remarks.log_statistic(text=value)
        remarks.log_statistic(text="x" * 1_000_000)
    assert len(list(read_statistics(world.journal, OTHER))) == 1


def test_the_same_remark_is_stored_once(logger: KleioLogger, address: str, world: World) -> None:
    for _ in range(2):
        with AnalyzeLogger(OTHER) as remarks:
            remarks.log_statistic(bleu=27.5)
            remarks.log_statistic(bleu=27.5)
            remarks.log_statistic(bleu=28)
    assert [record["bleu"] for record in read_statistics(world.journal, OTHER)] == [27.5, 28]


def test_without_kleio_a_journal_is_named_and_the_creator_is_the_user(address: str, world: World) -> None:
    with AnalyzeLogger(OTHER, address) as remarks:
        remarks.log_statistic(bleu=1)
        remarks.log_statistic(rouge=2)
        assert remarks.load_statistic("rouge") == [{"rouge": 2}]
    assert "trial" not in remarks.creator
    assert remarks.creator["host"]


@pytest.mark.parametrize("size", [3, 3 << 20])
def test_an_artifact_is_attached_with_its_creator(logger: KleioLogger, address: str, world: World, size: int) -> None:
    for _ in range(2):  # the second time is the same remark
        with AnalyzeLogger(OTHER[:7]) as remarks:
            remarks.log_artifact("figure", io.BytesIO(b"f" * size), split="test")
    store = open_blobs(address)
    (artifact,) = read_artifacts(world.journal, OTHER, store)
    assert (artifact.name, artifact.metadata, artifact.size) == ("figure", {"split": "test"}, size)
    assert artifact.read() == b"f" * size
    assert artifact.creator is not None
    assert (artifact.creator["trial"], artifact.creator["attempt"]) == (TRIAL, 1)
    assert references_of(world.journal, world.journal.trial(OTHER) or {}) >= {artifact.digest}


def test_a_file_that_cannot_be_read_attaches_nothing(address: str, world: World) -> None:
    with AnalyzeLogger(OTHER, address) as remarks, pytest.raises(FileNotFoundError):
        remarks.log_artifact("figure", "/nowhere")
    assert read_artifacts(world.journal, OTHER) == []


def test_what_names_no_trial_or_several_is_refused(logger: KleioLogger, address: str, world: World) -> None:
    world.journal.insert_trial({"_id": "ce" * 32, "status": "new", "fence": 0, "created": {"time": 1.0, "offset": 0}})
    for word in ("ef", "CD"):
        with pytest.raises(TrialNotFound, match=f"no trial has an id that begins with '{word}'"):
            AnalyzeLogger(word)
    for word in ("", " "):
        with pytest.raises(TrialNotFound, match=r"^an empty word names no trial$"):
            AnalyzeLogger(word)
    with pytest.raises(TrialAmbiguous):
        AnalyzeLogger("c")


def test_a_trial_in_the_trash_is_said_to_be_there(logger: KleioLogger, address: str, world: World) -> None:
    world.journal.compare_and_set(OTHER, {}, {"trashed": {"time": 1.0, "offset": 0}})
    with pytest.raises(
        TrialNotFound, match=r"^trial cdcdcdc is in the trash; take it out with: kleio restore cdcdcdc$"
    ):
        AnalyzeLogger("cdcdcdc")


def test_unnamed_values_are_a_type_error(address: str) -> None:
    with AnalyzeLogger(OTHER, address) as remarks, pytest.raises(TypeError):
        remarks.log_statistic(3)  # type: ignore[call-arg]


def test_what_is_said_of_an_attached_file_has_a_limit(logger: KleioLogger, address: str, world: World) -> None:
    with AnalyzeLogger(OTHER) as remarks, pytest.raises(KleioError, match="at most 1 MiB"):
        remarks.log_artifact("figure", b"x", text="y" * (3 << 20))
    assert list(read_artifacts(world.journal, OTHER)) == []
