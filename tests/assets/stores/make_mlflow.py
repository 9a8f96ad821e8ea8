"""Writes ``mlruns/`` and ``mlflow.db`` with MLflow 3: ``python make_mlflow.py``, with mlflow-skinny, sqlalchemy and
alembic installed and MLFLOW_ALLOW_FILE_STORE=true, in an empty directory /srv/lab."""

from __future__ import annotations

import sqlite3

import mlflow


def record(store: str) -> None:
    mlflow.set_tracking_uri(store)
    if store.startswith("sqlite"):
        mlflow.create_experiment("iris", artifact_location="file:///srv/lab/elsewhere")
    mlflow.set_experiment("iris")
    with mlflow.start_run(run_name="first"):
        mlflow.log_params({"lr": 0.1, "model.kernel": "rbf", "layers": [8, 8]})
        mlflow.set_tag("team", "blue")
        for step in range(3):
            mlflow.log_metric("loss", 0.1 / (step + 1), step=step)
        mlflow.log_metric("train/accuracy", 0.9, step=2)
        if not store.startswith("sqlite"):
            mlflow.log_text("lr=0.1\n", "model/weights.txt")
    try:
        with mlflow.start_run(run_name="second"):
            mlflow.log_metric("loss", float("nan"))
            mlflow.log_metric("loss", float("inf"), step=1)
            raise ValueError("diverged")
    except ValueError:
        pass
    mlflow.start_run(run_name="third")  # no word of its end
    mlflow.log_metric("loss", 1.0)
    mlflow.tracking.fluent._active_run_stack.get().clear()
    with mlflow.start_run(run_name="deleted") as run:
        pass
    mlflow.delete_run(run.info.run_id)


if __name__ == "__main__":
    record("file:///srv/lab/mlruns")
    record("sqlite:////srv/lab/mlflow.db")
    database = sqlite3.connect("mlflow.db")
    database.execute("PRAGMA page_size = 512")  # a few rows in half a hundred tables
    database.execute("VACUUM")
