"""The public interface of a script, as a user would type it; mypy checks this file and nothing runs it."""

from __future__ import annotations

import io
from pathlib import Path

from kleio.analysis import (
    Comparison,
    Explanation,
    Lineage,
    Series,
    Statistics,
    Trial,
    Trials,
    compare,
    connect,
    explain,
    trials_arrays,
    trials_frame,
)  # fmt: skip
from kleio.client.logger import AnalyzeLogger, KleioLogger, KleioWarning, kleio_logger

logger: KleioLogger = kleio_logger
managed: bool = kleio_logger.is_managed
warning: type[Warning] = KleioWarning

kept: bool = kleio_logger.log_statistic(epoch=1, loss=0.5, note="any", nested={"a": [1]}, durable=True)
kept = kleio_logger.log_statistic(**{"a.b": 1})
kleio_logger.log_statistic(3)  # type: ignore[call-arg]

kept = kleio_logger.log_artifact("weights", io.BytesIO(b"..."), epoch=1)
kept = kleio_logger.log_artifact("notes", io.StringIO("…"), durable=True)
kept = kleio_logger.log_artifact(Path("model.pt"), Path("/tmp/model.pt"), filename="also metadata")
kept = kleio_logger.log_artifact("raw", b"...")
with open("weights") as file:
    kept = kleio_logger.log_artifact("text", file)
flushed: bool = kleio_logger.flush()

for content, metadata in kleio_logger.load_artifacts("weights", {"epoch": 1}, best=True):
    data: bytes = content.read()
    epoch = metadata["epoch"]
losses = [record["loss"] for record in kleio_logger.load_statistic("loss")]
rate = kleio_logger.load_config()["lr"]

kept = kleio_logger.log_resource("data/train.csv")
kept = kleio_logger.log_resource("train", Path("/data/train.csv"), version=2)
kept = kleio_logger.resume_from(epoch=10, step=500)
with AnalyzeLogger("3f9c2ab") as remarks:
    remarks.log_statistic(bleu=27.5)
    scores = [record["bleu"] for record in remarks.load_statistic("bleu")]

with connect("sqlite:///journal.sqlite") as trials:
    every: Trials = trials
    trial: Trial = trials.trial("3f9c2ab")
    above: Trial | None = trial.parent
    lineage: Lineage[Trial] = trial.lineage
    below: list[Trial] = trial.children
    statistics: Statistics = trial.statistics
    loss: Series = trial.statistics.loss
    least: float | None = loss.min
    at_ten = loss.epoch[10]
    point: dict[str, object] = statistics.sort_by("loss")[0]
    part: Statistics = statistics[1:]
    named: Series = statistics["a b"]
    xs = statistics.curve("loss", "epoch").smoothed(0.9).downsampled(100, "lttb").x
    frame = statistics.to_frame(["loss"], index="time")
    table = trials_frame(trials.trials(), figures=["last"])
    table = trials_frame(trials)
    printed: bytes = trial.output.read("stderr", attempt=1)
    pieces = [piece.data for piece in trial.output.follow()]
    arrays: dict[str, object] = trials_arrays([trial])
    weights: bytes = trial.artifacts("weights", epoch=10)[0].read()
    rates = trial.configuration_history()["lr"]
    everything = trials.to_frame("config.lr < 0.1", sort="-stats.loss.min", limit=10)
    compared: Comparison = compare([trial, trials.trial("4a1b2c3")])
    explained: Explanation = explain(compared)
