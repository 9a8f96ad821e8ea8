"""One way to log for each contender, run in a process of its own by ``calls.py``.

loggers.py NAME DIRECTORY scalar|five|die COUNT     log; die: then SIGKILL to the whole session
loggers.py NAME DIRECTORY count                     how many of the values are there
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Log = Callable[[int, Mapping[str, float]], Any]

STORE = "store"
LEVELDB_BLOCK = 32 << 10
FULL, FIRST, LAST = 1, 2, 4


class Plain:
    """What nothing can undercut: one line of JSON, one write."""

    def start(self) -> Log:
        descriptor = os.open(STORE, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        return lambda step, values: os.write(descriptor, (json.dumps(values) + "\n").encode())

    def end(self) -> None:
        pass

    def count(self) -> int:
        return len(Path(STORE).read_bytes().splitlines())


class Kleio:
    """To be run by kleio; ``count`` asks the journal for its only trial."""

    def start(self) -> Log:
        from kleio.client.logger import kleio_logger

        assert kleio_logger.is_managed
        log = kleio_logger.log_statistic
        return lambda step, values: log(**values)

    def end(self) -> None:
        pass

    def count(self) -> int:
        from kleio.journal.contract import TrialQuery
        from kleio.journal.registry import open_journal
        from kleio.spool.records.segments import points

        journal = open_journal(os.environ["KLEIO_JOURNAL"])
        (trial,) = [document["_id"] for document in journal.find_trials(TrialQuery())]
        return sum(len(points(segment.body)) for segment in journal.segments(trial, stream="statistics"))


class Sacred:
    """With its file observer, which writes every ten seconds and at the end."""

    def start(self) -> Log:
        from sacred import Experiment
        from sacred.observers import FileStorageObserver

        experiment = Experiment("bench", save_git_info=False)
        experiment.observers.append(FileStorageObserver(STORE))
        experiment.logger = _silent()
        experiment.main(lambda: None)
        self._run = experiment._create_run(options={"--loglevel": 50})
        self._run._emit_started()
        self._run._start_heartbeat()

        def log(step: int, values: Mapping[str, float]) -> None:
            for name, value in values.items():
                self._run.log_scalar(name, value, step)

        return log

    def end(self) -> None:
        self._run._stop_heartbeat()
        self._run._emit_completed(None)

    def count(self) -> int:
        file = Path(STORE, "1", "metrics.json")
        return len(json.loads(file.read_text()).get("loss", {"values": []})["values"]) if file.exists() else 0


class Mlflow:
    """With a SQLite store."""

    def start(self) -> Log:
        import mlflow

        mlflow.set_tracking_uri("sqlite:///store.db")
        mlflow.set_experiment("bench")
        mlflow.start_run()
        return lambda step, values: mlflow.log_metrics(values, step)

    def end(self) -> None:
        import mlflow

        mlflow.end_run()

    def count(self) -> int:
        import sqlite3

        ((count,),) = sqlite3.connect("store.db").execute("SELECT count(*) FROM metrics WHERE key = 'loss'").fetchall()
        return int(count)


class Aim:
    """With a local repository."""

    def start(self) -> Log:
        from aim import Run

        self._run = Run(repo=".", system_tracking_interval=None, capture_terminal_logs=False)

        def log(step: int, values: Mapping[str, float]) -> None:
            for name, value in values.items():
                self._run.track(value, name=name, step=step)

        return log

    def end(self) -> None:
        self._run.close()

    def count(self) -> int:
        from aim import Repo, Run

        (name,) = Repo(".").list_all_runs()
        run = Run(name, repo=".", system_tracking_interval=None, capture_terminal_logs=False)
        return max((len(metric.values.sparse_list()[0]) for metric in run.metrics()), default=0)


class Wandb:
    """Offline."""

    def start(self) -> Log:
        os.environ |= {"WANDB_MODE": "offline", "WANDB_SILENT": "true"}
        import wandb

        self._run = wandb.init(project="bench", dir=".")
        return lambda step, values: self._run.log(dict(values))

    def end(self) -> None:
        self._run.finish()

    def count(self) -> int:
        return sum(_history_records(file) for file in Path("wandb").glob("offline-run-*/run-*.wandb"))


class Dvclive:
    """Without the experiment in git that it can make at the end."""

    def start(self) -> Log:
        from dvclive import Live

        self._live = Live(STORE, save_dvc_exp=False, report=None, dvcyaml=None)

        def log(step: int, values: Mapping[str, float]) -> None:
            for name, value in values.items():
                self._live.log_metric(name, value)
            self._live.next_step()

        return log

    def end(self) -> None:
        self._live.end()

    def count(self) -> int:
        return len(Path(STORE, "plots", "metrics", "loss.tsv").read_text().splitlines()) - 1


CONTENDERS: dict[str, type[Any]] = {
    "plain": Plain, "kleio": Kleio, "sacred": Sacred, "mlflow": Mlflow, "aim": Aim, "wandb": Wandb, "dvclive": Dvclive,
}  # fmt: skip


def _history_records(file: Path) -> int:
    """Records of the kind "history" in a file of LevelDB's log format: blocks of 32 KiB, in them pieces of records
    behind headers of 7 bytes (checksum, length, type); the first block begins with 7 bytes of wandb's own."""
    from wandb.proto.wandb_internal_pb2 import Record

    data, place, count, whole = file.read_bytes(), 7, 0, b""
    while place + 7 <= len(data):
        left = LEVELDB_BLOCK - place % LEVELDB_BLOCK
        if left < 7:
            place += left
            continue
        length, kind = int.from_bytes(data[place + 4 : place + 6], "little"), data[place + 6]
        piece = data[place + 7 : place + 7 + length]
        if not kind or len(piece) < length:
            break
        place += 7 + length
        whole = piece if kind in (FULL, FIRST) else whole + piece
        if kind in (FULL, LAST):
            record = Record()
            record.ParseFromString(whole)
            count += record.WhichOneof("record_type") == "history"
    return count


def _silent() -> Any:
    import logging

    logger = logging.getLogger("bench")
    logger.disabled = True
    return logger


def run(contender: Any, mode: str, count: int) -> dict[str, Any]:
    """Log ``count`` times. Microseconds a call, the slowest hundredth, and when the last call returned."""
    log = contender.start()
    log(0, {"loss": 1.0})
    names = ("loss", "accuracy", "rate", "norm", "seconds") if mode == "five" else ("loss",)
    taken = []
    clock = time.perf_counter_ns
    for step in range(1, count):
        values = {name: 1 / step + place for place, name in enumerate(names)}
        begin = clock()
        log(step, values)
        taken.append(clock() - begin)
    last = time.monotonic()
    if mode == "die":
        os.killpg(0, signal.SIGKILL)
    contender.end()
    taken.sort()
    return {
        "mean": sum(taken) / len(taken) / 1000,
        "median": taken[len(taken) // 2] / 1000,
        "p99": taken[len(taken) * 99 // 100] / 1000,
        "last": last,
    }


def main() -> None:
    name, directory, mode, *count = sys.argv[1:]
    os.chdir(directory)
    contender = CONTENDERS[name]()
    if mode == "count":
        print(contender.count())
        return
    found = run(contender, mode, int(count[0]))
    Path("found.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main()
