"""MLflow's database is read without being in the way of a training that logs into it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kleio.moving.foreign.mlflow_database import stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unit.moving.foreign.conftest import Import


@pytest.fixture
def database(stores: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(stores / "mlflow.db", tmp_path / "mlflow.db"))


def log(database: Path, run: str, step: int) -> None:
    """As a training does, which does not wait here."""
    with closing(sqlite3.connect(database, timeout=0)) as training, training:
        training.execute(
            "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ('loss', 0.5, ?, ?, ?, 0)",
            (1700000000000 + step, run, step),
        )


def test_a_training_can_log_while_the_runs_are_taken(database: Path) -> None:
    with closing(stored(str(database))) as runs:
        first = next(runs)
        log(database, first.id, 1000)
        assert len({one.id for one in runs}) == 2


def test_a_training_can_log_while_the_points_of_its_run_are_taken(database: Path) -> None:
    (run,) = [one for one in stored(str(database)) if one.name == "first"]
    for step in range(1000, 1500):
        log(database, run.id, step)
    whole = list(run.metrics())
    points = iter(run.metrics())
    taken = [next(points)]
    log(database, run.id, 2000)
    assert taken + list(points) == whole
    assert len(list(run.metrics())) == len(whole) + 1


def test_a_text_that_is_not_utf_8_does_not_keep_the_others(take: Import, database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE runs SET source_name = CAST(x'ff' AS TEXT) WHERE name = 'first'")
        connection.execute("UPDATE params SET value = CAST(x'ff' AS TEXT) WHERE key = 'layers'")
    assert sorted(one.result for one in take("mlflow", database)) == ["added", "added", "waiting"]
    (first,) = [trial for trial in take.trials().values() if trial.name == "first"]
    assert first.configuration["layers"] == "\N{REPLACEMENT CHARACTER}"
