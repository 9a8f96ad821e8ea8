"""Reading a journal of many trials: kleio's lists, filters and counts beside the peers', in one run.

    python benchmarks/reading.py [--trials 100000] [--mongodb URI] [--peers] [--peer-trials 2000] [--runs 5]

Trials of 20 statistics each are made through the journal's own API, in SQLite and, with ``--mongodb``, there. Whole
commands are timed, process start included (files lie in memory by default, because a hundred thousand durable commits
to a disk take an hour); medians are printed with kleio's target and the ratio of each peer to kleio
on SQLite. ``--peers`` adds Guild AI, MLflow and Sacred where they are installed, each with as many trials as it bears.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from timing import Contender, medians, scratch_database, table

from kleio.journal.registry import open_journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KLEIO = shutil.which("kleio") or str(Path(sys.executable).with_name("kleio"))
NAMES = [f"{part}/{name}" for part in ("train", "val") for name in "loss acc f1 lr grad time mem prec rec auc".split()]
FRAME = """
import time, pandas
from kleio.analysis import connect
with connect() as trials:
    begin = time.perf_counter()
    frame = trials.to_frame(limit=20000)
    print(time.perf_counter() - begin)
assert len(frame)
"""
SORT = "--sort=-stats.val/loss.last"
FILTER = "stats.val/loss.min < 0.05"
QUESTIONS: dict[str, tuple[int, list[str]]] = {
    "newest 20": (150, [KLEIO, "ls", "-a", "-n", "20"]),
    "filter and sort by a statistic": (300, [KLEIO, "ls", "-a", "--where", FILTER, SORT, "-n", "20"]),
    "filter by configuration": (300, [KLEIO, "ls", "-a", "--where", "config.lr > 0.09 and exit == 0", "-n", "20"]),
    "count by status": (150, [KLEIO, "status", "-a"]),
    "2,000 as JSON": (400, [KLEIO, "ls", "-a", "-n", "2000", "--json"]),
    "20,000 to a frame": (500, [sys.executable, "-c", FRAME]),
}  # fmt: skip
"""Target in milliseconds, and the command."""
MLFLOW = """
import mlflow, sys
mlflow.set_tracking_uri(sys.argv[1])
assert len(mlflow.search_runs(search_all_experiments=True, max_results=20000)) > 0
"""
SACRED = """
import json, sys, pandas
from pathlib import Path
rows = [json.loads(path.read_text()) for path in Path(sys.argv[1]).glob("*/run.json")]
assert len(pandas.json_normalize(rows)) > 0
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--mongodb", metavar="URI", help="mongodb://HOST:PORT of a server for a scratch database")
    parser.add_argument(
        "--place", default="/dev/shm" if Path("/dev/shm").is_dir() else None, help="where files are made"
    )
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--peer-trials", type=int, default=2_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.place) as place:
        measured = {"SQLite": ours(Path(place), "SQLite", f"sqlite://{place}/journal.sqlite", options)}
        if options.mongodb:
            with scratch_database(options.mongodb) as address:
                measured["MongoDB"] = ours(Path(place), "MongoDB", address, options)
        peers = theirs(Path(place), options) if options.peers else {}
    rows = [["", "target ms", *(f"{name} ms" for name in measured)]]
    for question, (target, _) in QUESTIONS.items():
        rows.append([question, str(target), *(f"{found[question] * 1000:.0f}" for found in measured.values())])
    table(f"{options.trials:,} trials of {len(NAMES)} statistics", rows)
    if peers:
        frame = measured["SQLite"]["20,000 to a frame"]
        rows = [["", "trials", "ms", "ratio to kleio's frame"]]
        rows += [
            [name, f"{count:,}", f"{taken * 1000:.0f}", f"{taken / frame:.1f}"]
            for name, (count, taken) in peers.items()
        ]
        table("peers: all trials to a data frame or a list", rows)


def ours(place: Path, name: str, address: str, options: argparse.Namespace) -> dict[str, float]:
    """Median seconds of each question."""
    fill(name, address, options.trials)
    environment = {"KLEIO_JOURNAL": address, "HOME": str(place), "XDG_DATA_HOME": str(place / "data")}
    return medians(
        [Contender(question, words, place, environment) for question, (_, words) in QUESTIONS.items()], options.runs
    )


def fill(name: str, address: str, trials: int) -> None:
    """A journal of so many trials."""
    chance = random.Random(1)
    begin = time.perf_counter()
    journal = open_journal(address)
    for number in range(trials):
        journal.insert_trial(trial(number, chance))
    journal.close()
    print(f"{name}: {trials:,} trials made in {time.perf_counter() - begin:.0f} s", flush=True)


def trial(number: int, chance: random.Random) -> dict[str, Any]:
    """A document as a launcher leaves it."""
    created = 1.7e9 + 60 * number
    rate = 10 ** chance.uniform(-4, -1)
    statistics = {name: numbers(chance) for name in NAMES}
    status = chance.choices(["completed", "broken", "suspended", "new"], [80, 10, 5, 5])[0]
    return {
        "_id": f"{chance.getrandbits(256):064x}", "schema": 1, "status": status, "fence": 1, "owner": None,
        "project": {"id": "f" * 40, "name": "repository", "root": "/home/user/repository"}, "directory": "",
        "argv": ["python", "train.py", "--lr", str(rate), "--batch-size", "64", "--seed", str(number)],
        "configuration": {"_pos_0": "python", "_pos_1": "train.py", "lr": rate, "batch-size": 64, "seed": number},
        "refers": None, "tags": [chance.choice(["baseline", "sweep", "paper"])], "name": None,
        "created": {"time": created, "offset": 0}, "started": {"time": created + 1, "offset": 0},
        "ended": {"time": created + 100, "offset": 0}, "duration": 99.0,
        "outcome": {"code": 0, "signal": None, "why": "exit 0"},
        "code": {"kind": "git", "digest": "9" * 64, "commit": "f" * 40, "branch": "main", "dirty": False},
        "environment": {
            "digest": "6" * 64,
            "compared": {"cpu": "AMD EPYC", "os": "Debian GNU/Linux 12", "packages": "4" * 64, "python": "3.11.7"},
            "recorded": {"cpu_count": 2, "host": "node1", "kernel": "Linux 6.1", "memory": 25276502016, "user": "user"},
        },
        "summary": {"statistics": statistics, "artifacts": 0, "output": {"stdout": 2}, "lost": 0},
        "event": {"id": f"{number:016x}", "status": status, "time": created + 100, "offset": 0, "who": {}, "why": ""},
    }  # fmt: skip


def numbers(chance: random.Random) -> dict[str, float]:
    last = chance.random()
    return {"count": 100, "first": last + 1, "last": last, "min": last / 2, "max": last + 2}


def theirs(place: Path, options: argparse.Namespace) -> dict[str, tuple[int, float]]:
    """How many trials, and the median seconds, of each peer that is here."""
    found: dict[str, tuple[int, float]] = {}
    count = options.peer_trials
    for name, module, prepare in (
        ("Guild", "guild", guild),
        ("MLflow", "mlflow", mlflow),
        ("Sacred", "sacred", sacred),
    ):
        if importlib.util.find_spec(module) is None:
            print(f"{name} is not installed")
            continue
        home = place / name
        home.mkdir()
        words, environment = prepare(home, count)
        found[name] = (count, medians([Contender(name, words, home, environment)], options.runs, 1)[name])
    return found


def guild(home: Path, count: int) -> tuple[list[str], dict[str, str]]:
    """Run directories as Guild leaves them."""
    for number in range(count):
        run = home / "runs" / f"{number:032x}" / ".guild"
        (run / "attrs").mkdir(parents=True)
        (run / "opref").write_text("script:/tmp '' '' train.py\n")
        attributes = {
            "cmd": ["python", "train.py"],
            "flags": {"lr": 0.1},
            "exit_status": 0,
            "started": 1700000000000000 + number,
        }
        for key, value in attributes.items():
            (run / "attrs" / key).write_text(json.dumps(value))
    program = shutil.which("guild") or str(Path(sys.executable).with_name("guild"))
    return [program, "runs", "list", "--all", "--json"], {"GUILD_HOME": str(home)}


def mlflow(home: Path, count: int) -> tuple[list[str], dict[str, str]]:
    """Runs logged by MLflow's client into its SQLite store."""
    import mlflow as client

    address = f"sqlite:///{home}/mlflow.db"
    client.set_tracking_uri(address)
    for number in range(count):
        with client.start_run():
            client.log_params({"lr": 0.1, "seed": number})
            client.log_metrics(dict.fromkeys(NAMES, number / count))
    return [sys.executable, "-c", MLFLOW, address], {}


def sacred(home: Path, count: int) -> tuple[list[str], dict[str, str]]:
    """Run directories as Sacred's file observer leaves them."""
    for number in range(count):
        run = home / str(number)
        run.mkdir()
        (run / "run.json").write_text(
            json.dumps({"status": "COMPLETED", "result": 0.1, "config": {"lr": 0.1, "seed": number}})
        )
    return [sys.executable, "-c", SACRED, str(home)], {}


if __name__ == "__main__":
    main()
