"""MLflow's runs, from both of its stores, as MLflow wrote them."""

from __future__ import annotations

import math
import os
import re
import resource
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kleio.errors import StoreUnreadable
from kleio.moving.foreign import mlflow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unit.moving.foreign.conftest import Import


def named(take: Import) -> dict:
    return {trial.name: trial for trial in take.trials().values()}


def of_run(store: Path, name: str) -> Path:
    return next(path.parent for path in store.glob("*/*/meta.yaml") if f"run_name: {name}" in path.read_text())


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


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A directory of whoever imports."""
    place = tmp_path / "home" / ".ssh"
    place.mkdir(parents=True)
    (place / "id_rsa").write_text("PRIVATE")
    return place


def database(stores: Path, place: Path, uri: str) -> Path:
    """A copy of the database whose run ``first`` says that its artifacts lie there."""
    path = Path(shutil.copy(stores / "mlflow.db", place / "mlflow.db"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET artifact_uri = ? WHERE name = 'first'", (uri,))
    return path


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_store_cannot_name_any_directory(
    take: Import, stores: Path, tmp_path: Path, secret: Path, scheme: str
) -> None:
    path = database(stores, tmp_path, f"{scheme}{secret}")
    (failed,) = [one for one in take("mlflow", path) if one.result == "failed"]
    assert f"says that its artifacts lie in {secret}, which is outside of the store" in failed.why
    assert failed.hint == f"if that is so: kleio import mlflow --artifacts {secret} {path}"
    assert list(take.blobs.digests()) == []
    take("mlflow", path, artifacts=[str(secret)])
    assert [one.name for one in named(take)["first"].artifacts()] == ["id_rsa"]


@pytest.mark.parametrize("place", ["ID/artifacts", "mlruns/of/old", "mlartifacts/0/x"])
def test_directories_that_mlflow_makes_are_read(take: Import, stores: Path, tmp_path: Path, place: str) -> None:
    with closing(sqlite3.connect(stores / "mlflow.db")) as connection:
        ((run,),) = connection.execute("SELECT run_uuid FROM runs WHERE name = 'first'").fetchall()
    store, artifacts = tmp_path / "store", tmp_path / "scratch" / run / "artifacts"
    store.mkdir()
    if not place.startswith("ID"):
        artifacts = store / place
    artifacts.mkdir(parents=True)
    (artifacts / "model").write_text("m")
    take("mlflow", database(stores, store, str(artifacts)))
    assert [one.name for one in named(take)["first"].artifacts()] == ["model"]


@pytest.mark.parametrize("link", ["artifacts", "params", "tags"])
def test_links_that_lead_out_of_the_store_are_not_followed(
    take: Import, stores: Path, tmp_path: Path, secret: Path, link: str
) -> None:
    run = of_run(Path(shutil.copytree(stores / "mlruns", tmp_path / "mlruns")), "first")
    shutil.rmtree(run / link)
    (run / link).symlink_to(secret)
    take("mlflow", tmp_path / "mlruns")
    assert not any(one.name == "id_rsa" for trial in take.trials().values() for one in trial.artifacts())
    assert not any("PRIVATE" in str(trial.document) for trial in take.trials().values())


def test_a_run_without_an_end_is_taken_if_wanted(take: Import, stores: Path) -> None:
    take("mlflow", stores / "mlflow.db", running=True)
    assert named(take)["third"].status == "broken"
    assert str(named(take)["third"].outcome) == "running"


def test_one_experiment_or_one_run_can_be_named(take: Import, stores: Path) -> None:
    run = of_run(stores / "mlruns", "first")
    assert [one.result for one in take("mlflow", run)] == ["added"]
    assert sorted(one.result for one in take("mlflow", run.parent)) == ["added", "there", "waiting"]


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


@pytest.mark.parametrize("time", ["9" * 400, "9" * 40, "!!int ''"])
def test_an_odd_time_of_one_run_does_not_keep_the_others(take: Import, stores: Path, tmp_path: Path, time: str) -> None:
    store = Path(shutil.copytree(stores / "mlruns", tmp_path / "mlruns"))
    run = of_run(store, "first")
    meta = (run / "meta.yaml").read_text()
    (run / "meta.yaml").write_text(re.sub("end_time: .*", f"end_time: {time}", meta))
    assert sorted(one.result for one in take("mlflow", store)) == ["added", "failed", "waiting"]
    if time.isdigit():
        assert [one.result for one in take("mlflow", run)] == ["failed"]


def test_a_damaged_experiment_does_not_keep_the_others(take: Import, stores: Path, tmp_path: Path) -> None:
    store = Path(shutil.copytree(stores / "mlruns", tmp_path / "mlruns"))
    (store / "0" / "meta.yaml").write_text("{")
    results = [one for one in take("mlflow", store) if one.result != "waiting"]
    assert sorted(one.result for one in results) == ["added", "added", "failed"]
    (failed,) = [one for one in results if one.result == "failed"]
    assert f"{store}/0/meta.yaml is no YAML file" in failed.why


def test_a_run_without_metrics_can_be_named(take: Import, stores: Path, tmp_path: Path) -> None:
    run = of_run(Path(shutil.copytree(stores / "mlruns", tmp_path / "mlruns")), "first")
    shutil.rmtree(run / "metrics")
    assert [one.result for one in take("mlflow", run)] == ["added"]
    assert named(take)["first"].tags == ("iris", "team=blue")


def test_a_run_of_an_old_store_can_be_named_alone(take: Import, stores: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(of_run(stores / "mlruns", "first"), tmp_path / "run"))
    (run / "meta.yaml").write_text((run / "meta.yaml").read_text().replace("run_id:", "run_uuid:"))
    assert [one.result for one in take("mlflow", run)] == ["added"]
    assert named(take)["first"].tags == ("team=blue",)


def test_an_experiment_with_a_directory_of_metrics_is_no_run(take: Import, stores: Path, tmp_path: Path) -> None:
    store = Path(shutil.copytree(stores / "mlruns", tmp_path / "mlruns"))
    experiment = of_run(store, "first").parent
    (experiment / "metrics").mkdir()
    assert sorted(one.result for one in take("mlflow", experiment)) == ["added", "added", "waiting"]


def test_a_deleted_run_stays_out_even_if_it_is_named(take: Import, stores: Path, tmp_path: Path) -> None:
    run = of_run(Path(shutil.copytree(stores / "mlruns", tmp_path / "mlruns")), "first")
    meta = run / "meta.yaml"
    meta.write_text(meta.read_text().replace("lifecycle_stage: active", "lifecycle_stage: deleted"))
    assert take("mlflow", run) == []
    assert take.said == [f"run {run.name} was deleted: passed over"]
    assert sorted(one.result for one in take("mlflow", run.parent)) == ["added", "waiting"]


def test_a_run_may_have_more_metrics_than_files_can_be_open(take: Import, stores: Path, tmp_path: Path) -> None:
    store = Path(shutil.copytree(stores / "mlruns", tmp_path / "mlruns"))
    run = of_run(store, "first")
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
