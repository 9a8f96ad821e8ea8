"""MLflow's runs, from both of its stores, as MLflow wrote them."""

from __future__ import annotations

import math
import os
import resource
import shutil
from pathlib import Path

import pytest

from kleio.errors import StoreUnreadable
from kleio.moving.foreign import mlflow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unit.moving.foreign.conftest import Import


def named(take: Import) -> dict:
    return {trial.name: trial for trial in take.trials().values()}


@pytest.mark.parametrize("store", ["mlruns", "mlflow.db"])
def test_a_run_becomes_a_trial_with_all_that_mlflow_knew(take: Import, stores: Path, store: str) -> None:
    assert sorted(one.result for one in take("mlflow", stores / store)) == ["added", "added", "waiting"]
    found = named(take)
    assert sorted(found) == ["first", "second"]
    first = found["first"]
    assert (first.status, first.command) == ("completed", "python make_mlflow.py")
    assert first.configuration == {"lr": 0.1, "model.kernel": "rbf", "layers": "[8, 8]"}
    assert first.tags == ("iris", "team=blue")
    losses = [(record["step"], record["loss"]) for record in first.statistics if "loss" in record]
    assert losses == [(0, 0.1), (1, 0.05), (2, 0.1 / 3)]
    assert first.statistics.column("train/accuracy") == [0.9]
    assert first.document["imported"]["tool"] == "mlflow"
    assert found["second"].status == "broken"
    nan, infinite = found["second"].statistics.column("loss")
    assert math.isnan(nan)
    assert infinite == float("inf")
    assert {one.result for one in take("mlflow", stores / store)} == {"there", "waiting"}


def test_artifacts_are_found_although_the_store_was_moved(take: Import, stores: Path) -> None:
    take("mlflow", stores / "mlruns")
    (weights,) = named(take)["first"].artifacts()
    assert (weights.name, weights.read()) == ("model/weights.txt", b"lr=0.1\n")


def test_a_run_without_an_end_is_taken_if_wanted(take: Import, stores: Path) -> None:
    take("mlflow", stores / "mlflow.db", running=True)
    assert named(take)["third"].status == "broken"
    assert str(named(take)["third"].outcome) == "running"


def test_one_experiment_or_one_run_can_be_named(take: Import, stores: Path) -> None:
    (experiment,) = [
        path.parent for path in (stores / "mlruns").glob("*/meta.yaml") if "name: iris" in path.read_text()
    ]
    run = next(path.parent for path in experiment.glob("*/meta.yaml") if "run_name: first" in path.read_text())
    assert [one.result for one in take("mlflow", run)] == ["added"]
    assert sorted(one.result for one in take("mlflow", experiment)) == ["added", "there", "waiting"]


def test_a_damaged_run_does_not_keep_the_others(take: Import, stores: Path, tmp_path: Path) -> None:
    store = Path(shutil.copytree(stores / "mlruns", tmp_path / "mlruns"))
    metas = sorted(store.glob("*/*/meta.yaml"))
    first, second = (path for path in metas if "run_name: first" in path.read_text() or "second" in path.read_text())
    first.write_text("{")
    next(iter((second.parent / "metrics").rglob("*loss"))).write_text("1 two 3\n")
    results = sorted(take("mlflow", tmp_path), key=lambda one: one.why)
    assert [one.result for one in results if one.result != "waiting"] == ["failed", "failed"]
    assert any("is no YAML file" in one.why for one in results)
    assert any("has a line that is no metric: '1 two 3" in one.why for one in results)


def test_a_run_may_have_more_metrics_than_files_can_be_open(take: Import, stores: Path, tmp_path: Path) -> None:
    store = Path(shutil.copytree(stores / "mlruns", tmp_path / "mlruns"))
    metas = store.glob("*/*/meta.yaml")
    run = next(path.parent for path in metas if "run_name: first" in path.read_text())
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = len(os.listdir("/proc/self/fd")) + 60
    for number in range(allowed):
        (run / "metrics" / f"m{number}").write_text("1700000000000 1 0\n")
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    try:
        (moved,) = take("mlflow", run)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert moved.result == "added", moved.why
    (trial,) = take.trials().values()
    assert trial.statistics.column("m7") == [1.0]
    assert set(trial.document["summary"]["statistics"]["m7"]).isdisjoint({"times"})


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0 and then nothing", b"text"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(content)
    with pytest.raises(StoreUnreadable, match="is no store of MLflow"):
        list(mlflow.runs(str(path)))


def test_a_place_without_runs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreadable, match="holds no runs of MLflow"):
        list(mlflow.runs(str(tmp_path)))
