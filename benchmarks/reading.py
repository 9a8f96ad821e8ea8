"""Reading a journal of many trials: kleio's lists, filters and counts beside the peers', in one run.

    python benchmarks/reading.py [--trials 100000] [--mongodb URI] [--peers] [--peer-trials 2000] [--runs 5]

Trials of 20 statistics each are made through the journal's own API, in SQLite and, with ``--mongodb``, there. Commands
are timed whole, process start included; libraries, kleio's among them, say themselves how long an answer took, once
they are imported. Files lie in memory by default, because a hundred thousand durable commits to a disk take an hour.
Medians are printed beside kleio's targets, and those of MongoDB also by what the import of its driver takes, for which
every command has to wait. ``--peers`` adds Guild AI, MLflow, Aim and Sacred where they are installed, with kleio's
journal of as many trials (``--peer-trials``) beside them, and their ratio to it.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from timing import Contender, medians, scratch_database, table

from kleio.journal.registry import open_journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAMES = [f"{part}/{name}" for part in ("train", "val") for name in "loss acc f1 lr grad time mem prec rec auc".split()]
TELLING = """
import time, pandas
{before}
begin = time.perf_counter()
found = {expression}
seconds = time.perf_counter() - begin
assert len(found) == {count}, len(found)
print(seconds)
"""
"""A script that says how long an answer took."""


def program(name: str) -> str:
    return shutil.which(name) or str(Path(sys.executable).with_name(name))


KLEIO = program("kleio")
SORT = "--sort=-stats.val/loss.last"
FILTER = "stats.val/loss.min < 0.05"
QUESTIONS: dict[str, tuple[int, list[str]]] = {
    "newest 20": (150, [KLEIO, "ls", "-a", "-n", "20"]),
    "filter and sort by a statistic": (300, [KLEIO, "ls", "-a", "--where", FILTER, SORT, "-n", "20"]),
    "filter by configuration": (300, [KLEIO, "ls", "-a", "--where", "config.lr > 0.09 and exit == 0", "-n", "20"]),
    "count by status": (150, [KLEIO, "status", "-a"]),
    "2,000 as JSON": (400, [KLEIO, "ls", "-a", "-n", "2000", "--json"]),
}
"""Target in milliseconds, and the command."""
CONNECT = "from kleio.analysis import connect\ntrials = connect()"
DRIVER = "import pymongo"
"""The bare command of the questions to MongoDB."""
FRAME, FRAME_TARGET = 20_000, 500
"""Trials in a data frame, and the target in milliseconds."""


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
        report(measured, options.trials)
        if options.peers:
            theirs(Path(place), options)


def report(measured: dict[str, dict[str, float]], trials: int) -> None:
    targets = {question: target for question, (target, _) in QUESTIONS.items()}
    targets[frame_of(trials)] = FRAME_TARGET
    rows = [["", "target ms", *(f"{name} ms" for name in measured)]]
    for question, target in targets.items():
        rows.append([question, str(target), *(_told(found, question, target) for found in measured.values())])
    table(f"{trials:,} trials of {len(NAMES)} statistics", rows)


def _told(found: dict[str, float], question: str, target: int) -> str:
    taken = found[question] * 1000
    beside = f", {found[question] / found[DRIVER]:.1f} x import" if DRIVER in found else ""
    return f"{taken:.0f} {'met' if taken <= target else 'MISSED'}{beside}"


def frame_of(trials: int) -> str:
    return f"{min(FRAME, trials):,} to a frame"


def ours(place: Path, name: str, address: str, options: argparse.Namespace) -> dict[str, float]:
    """Median seconds of each question."""
    fill(name, address, options.trials)
    environment = {"KLEIO_JOURNAL": address, "HOME": str(place), "XDG_DATA_HOME": str(place / "data")}
    contenders = [Contender(question, words, place, environment) for question, (_, words) in QUESTIONS.items()]
    if name == "MongoDB":
        contenders.append(Contender(DRIVER, [sys.executable, "-c", DRIVER], place, {}))
    contenders.append(
        Contender(frame_of(options.trials), framed(min(FRAME, options.trials)), place, environment, tells=True)
    )
    return medians(contenders, options.runs)


def framed(count: int) -> list[str]:
    """Kleio's newest trials as a data frame."""
    return telling(CONNECT, f"trials.to_frame(limit={count})", count)


def telling(before: str, expression: str, count: int) -> list[str]:
    return [sys.executable, "-c", TELLING.format(before=before, expression=expression, count=count)]


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


def theirs(place: Path, options: argparse.Namespace) -> None:
    """Two questions to each peer that is here, and to kleio, of as many trials."""
    count = options.peer_trials
    address = f"sqlite://{place}/beside.sqlite"
    fill("SQLite", address, count)
    environment = {"KLEIO_JOURNAL": address, "HOME": str(place), "XDG_DATA_HOME": str(place / "data")}
    newest = [
        Contender("kleio ls", QUESTIONS["newest 20"][1], place, environment),
        Contender("kleio", telling(CONNECT, "list(trials.trials(limit=20))", 20), place, environment, tells=True),
    ]
    every = [Contender("kleio", framed(count), place, environment, tells=True)]
    for name, prepare in (("guild", guild), ("mlflow", mlflow), ("aim", aim), ("sacred", sacred)):
        if importlib.util.find_spec(name) is None:
            print(f"{name} is not installed")
            continue
        home = place / name
        home.mkdir()
        begin = time.perf_counter()
        newest_of_it, every_one = prepare(home, count)
        print(f"{name}: {count:,} runs made in {time.perf_counter() - begin:.0f} s", flush=True)
        newest += newest_of_it
        every.append(every_one)
    for title, contenders in (("newest 20", newest), (f"all {count:,} as a frame or a list", every)):
        found = medians(contenders, options.runs, 1)
        own = found[contenders[0].name]
        rows = [["", "ms", "x kleio"]]
        rows += [[name, f"{seconds * 1000:.0f}", f"{seconds / own:.1f}"] for name, seconds in found.items()]
        table(f"peers: {title}", rows)


def guild(home: Path, count: int) -> tuple[list[Contender], Contender]:
    """Run directories as Guild leaves them. It has commands only, so their start is counted."""
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
    environment = {"GUILD_HOME": str(home)}
    listing = [program("guild"), "runs", "list"]
    newest = Contender("guild runs list", [*listing, "--limit", "20"], home, environment)
    return [newest], Contender("guild runs list --json", [*listing, "--all", "--json"], home, environment)


def mlflow(home: Path, count: int) -> tuple[list[Contender], Contender]:
    """Runs logged by MLflow's client into its SQLite store."""
    import mlflow as client

    address = f"sqlite:///{home}/mlflow.db"
    client.set_tracking_uri(address)
    for number in range(count):
        with client.start_run():
            client.log_params({"lr": 0.1, "seed": number})
            client.log_metrics(dict.fromkeys(NAMES, number / count))
    command = [program("mlflow"), "runs", "list", "--experiment-id", "0"]
    before = f"import mlflow\nmlflow.set_tracking_uri({address!r})"

    def searching(most: int, found: int) -> Contender:
        asked = f"mlflow.search_runs(search_all_experiments=True, max_results={most})"
        return Contender("mlflow.search_runs", telling(before, asked, found), home, {}, tells=True)

    return [
        Contender("mlflow runs list", command, home, {"MLFLOW_TRACKING_URI": address}), searching(20, 20)
    ], searching(50_000, count)  # fmt: skip


AIM_RUNS = """
import sys
from aim import Run
count, *names = sys.argv[1:]
for number in range(int(count)):
    run = Run(repo=".", system_tracking_interval=None, capture_terminal_logs=False, log_system_params=False)
    run["hparams"] = dict(lr=0.1, seed=number)
    for name in names:
        run.track(number / int(count), name=name, step=0)
    run.close()
"""
AIM_ROWS = """
from aim import Repo
repo = Repo(".")
def rows(hashes):
    for each in hashes:
        run = repo.get_run(each)
        metrics = {one["name"]: one["values"]["last"] for one in run.collect_sequence_info("metric")["metric"]}
        yield {"hash": each, **run.get("hparams"), **metrics}
"""


def aim(home: Path, count: int) -> tuple[list[Contender], Contender]:
    """Runs tracked by Aim's client into a local repository, and the index of it that its own server makes."""
    for words, answer in (
        ([program("aim"), "init"], ""),
        ([sys.executable, "-c", AIM_RUNS, str(count), *NAMES], ""),
        ([program("aim"), "storage", "reindex"], "y\n"),
    ):
        subprocess.run(words, cwd=home, input=answer, text=True, check=True, capture_output=True)
    newest = telling(AIM_ROWS, "list(rows(list(repo.list_all_runs())[:20]))", 20)
    frame = telling(AIM_ROWS, "pandas.DataFrame(rows(repo.list_all_runs()))", count)
    return [Contender("aim", newest, home, {}, tells=True)], Contender("aim", frame, home, {}, tells=True)


SACRED_ROWS = """
import json
from pathlib import Path
def rows():
    for path in Path(".").glob("*/run.json"):
        metrics = json.loads(path.with_name("metrics.json").read_text())
        yield {**json.loads(path.read_text()), **json.loads(path.with_name("config.json").read_text()),
               **{name: one["values"][-1] for name, one in metrics.items()}}
"""


def sacred(home: Path, count: int) -> tuple[list[Contender], Contender]:
    """Run directories as Sacred's file observer leaves them; it has nothing of its own to read them with."""
    for number in range(count):
        run = home / str(number)
        run.mkdir()
        (run / "run.json").write_text(json.dumps({"status": "COMPLETED", "result": 0.1, "start_time": str(number)}))
        (run / "config.json").write_text(json.dumps({"lr": 0.1, "seed": number}))
        series = {name: {"steps": [0], "timestamps": [""], "values": [number / count]} for name in NAMES}
        (run / "metrics.json").write_text(json.dumps(series))
    words = telling(SACRED_ROWS, "pandas.DataFrame(rows())", count)
    return [], Contender("sacred's files", words, home, {}, tells=True)


if __name__ == "__main__":
    main()
