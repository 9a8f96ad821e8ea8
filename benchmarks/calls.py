"""What a logging call costs and what it keeps, beside the peers that are installed, in one run.

    python benchmarks/calls.py [--runs 5] [--mongodb URI] [--points 1000000]

For each contender: microseconds for which a call holds up the script (one number; a dict of five), seconds from the
last call until everything is stored and the command is over, and how many of 5,000 acknowledged values are left after
SIGKILL to all of its processes. Contenders run in turn; medians are printed. ``plain`` is a loop of ``json.dumps`` and
``os.write``. Peers are found by import (sacred, mlflow, aim, wandb, dvclive); those that are absent are named.

The last table is ``--points`` points through one trial: memory, bytes on disk, and reading them back.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

from timing import scratch_database, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

KLEIO = shutil.which("kleio") or str(Path(sys.executable).with_name("kleio"))
HERE = Path(__file__).parent
CALLS, KILLED = 100_000, 5_000
FEWER = {"mlflow": 200, "dvclive": 500, "aim": 5_000, "wandb": 5_000}
"""Calls of those that take long."""
PEERS = ("sacred", "mlflow", "aim", "wandb", "dvclive")
RATIO, IMPORT_TARGET, BYTES_TARGET, READ_TARGET = 1.4, 15, 25, 0.5

POINTS = """
import random, sys, time
from kleio.client.logger import kleio_logger
log, value = kleio_logger.log_statistic, random.Random(0).random
for step in range(int(sys.argv[1])):
    log(step=step, loss=value())
with open(sys.argv[2], "w") as ended:
    ended.write(str(time.monotonic()))
"""
READ = """
import os, sys, time
from kleio.analysis.columns import read_columns
from kleio.journal.contract import TrialQuery
from kleio.journal.registry import open_journal
journal = open_journal(os.environ["KLEIO_JOURNAL"])
(trial,) = [document["_id"] for document in journal.find_trials(TrialQuery())]
try:
    import pandas
except ImportError:
    pandas = None
read_columns(journal, trial, ["none"])
begin = time.perf_counter()
columns = read_columns(journal, trial)
arrays = time.perf_counter() - begin
frame = columns.to_frame() if pandas else columns
print(len(frame), arrays, time.perf_counter() - begin)
"""


class Place:
    """A directory with a journal of its own, and how a contender is run there."""

    def __init__(self, directory: Path, name: str, mongodb: str | None) -> None:
        self.name = name
        self.contender = name.partition(", ")[0]
        self.directory = directory
        self.environment = {
            **os.environ,
            "HOME": str(self.directory),
            "XDG_DATA_HOME": str(self.directory / "data"),
            "XDG_CONFIG_HOME": str(self.directory / "config"),
            "KLEIO_JOURNAL": mongodb or f"sqlite://{self.directory}/journal.sqlite",
            "GIT_CEILING_DIRECTORIES": str(self.directory.parent),
        }

    def words(self, *arguments: str) -> list[str]:
        words = [sys.executable, str(HERE / "loggers.py"), self.contender, str(self.directory), *arguments]
        return [KLEIO, "-q", *words] if self.contender == "kleio" and arguments[0] != "count" else words

    def run(self, *arguments: str, dies: bool = False) -> None:
        done = subprocess.run(
            self.words(*arguments), cwd=self.directory, env=self.environment, start_new_session=True,
            capture_output=True,
        )  # fmt: skip
        if done.returncode and not dies:
            raise SystemExit(f"{self.name}: exit {done.returncode}: {done.stderr.decode()[-800:]}")

    def found(self) -> dict[str, float]:
        found: dict[str, float] = json.loads((self.directory / "found.json").read_text())
        return found

    def count(self) -> str:
        if self.contender == "kleio":
            subprocess.run([KLEIO, "ls"], cwd=self.directory, env=self.environment, capture_output=True, check=True)
        done = subprocess.run(
            self.words("count"), cwd=self.directory, env=self.environment, capture_output=True, text=True
        )
        return done.stdout.strip().splitlines()[-1] if done.returncode == 0 else "unreadable"


@contextmanager
def placed(root: Path, name: str, options: argparse.Namespace) -> Iterator[Place]:
    """A new place for one run, which leaves nothing behind."""
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(dir=root, ignore_cleanup_errors=True))
        there = name.endswith(", mongodb")
        yield Place(Path(directory), name, stack.enter_context(scratch_database(options.mongodb)) if there else None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--mongodb", metavar="URI", help="mongodb://HOST:PORT of a server for scratch databases")
    parser.add_argument("--points", type=int, default=1_000_000)
    options = parser.parse_args()
    absent = [name for name in PEERS if find_spec(name) is None]
    if absent:
        print(f"not installed: {', '.join(absent)}")
    journals = ["kleio, sqlite"] + (["kleio, mongodb"] if options.mongodb else [])
    names = ["plain", *journals, *(name for name in PEERS if name not in absent)]
    with tempfile.TemporaryDirectory() as root:
        calls(Path(root), names, options)
        importing(options.runs, Path(root))
        points(Path(root), journals, options)


def calls(root: Path, names: list[str], options: argparse.Namespace) -> None:
    taken: dict[str, dict[str, list[float]]] = {name: {} for name in names}
    for _ in range(options.runs):
        for name in names:
            for mode in ("scalar", "five"):
                with placed(root, name, options) as place:
                    place.run(mode, str(FEWER.get(name, CALLS)))
                    found = place.found()
                    taken[name].setdefault("stored", []).append(time.monotonic() - found["last"])
                taken[name].setdefault(mode, []).append(found["mean"])
                taken[name].setdefault(f"{mode} p99", []).append(found["p99"])
    kept = {name: kill(root, name, options) for name in names}
    middle = {name: {key: statistics.median(found) for key, found in each.items()} for name, each in taken.items()}
    rows = [("one call", "scalar µs", "p99", "x plain", "five µs", "p99", "x plain", "stored s", "kept", "target")]
    for name, found in middle.items():
        ratios = [found[mode] / middle["plain"][mode] for mode in ("scalar", "five")]
        target = f"{RATIO} {'met' if max(ratios) <= RATIO else 'MISSED'}" if name.startswith("kleio") else ""
        rows.append(
            (
                name, f"{found['scalar']:.1f}", f"{found['scalar p99']:.1f}", f"{ratios[0]:.2f}",
                f"{found['five']:.1f}", f"{found['five p99']:.1f}", f"{ratios[1]:.2f}", f"{found['stored']:.2f}",
                kept[name], target,
            )
        )  # fmt: skip
    fewer = ", ".join(f"{name}: {count:,}" for name, count in FEWER.items())
    table(f"{CALLS:,} calls ({fewer}); medians of {options.runs} runs", rows)


def kill(root: Path, name: str, options: argparse.Namespace) -> str:
    """How much of what was acknowledged is left when all processes die."""
    count = FEWER.get(name, KILLED)
    with placed(root, name, options) as place:
        place.run("die", str(count), dies=True)
        return f"{place.count()}/{count}"


def importing(runs: int, place: Path) -> None:
    """Milliseconds that importing the client adds to a script."""
    taken: dict[str, list[float]] = {"pass": [], "from kleio.client.logger import kleio_logger": []}
    for _ in range(runs * 8):
        for code, found in taken.items():
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], cwd=place, check=True)  # the installed one, not the source
            found.append((time.perf_counter() - begin) * 1000)
    bare, client = (statistics.median(found) for found in taken.values())
    verdict = "met" if client - bare <= IMPORT_TARGET else "MISSED"
    rows = [("import", "ms", "target ms"), ("the client", f"{client - bare:.1f}", f"{IMPORT_TARGET} {verdict}")]
    table(f"added to {bare:.0f} ms of python", rows)


def points(root: Path, journals: list[str], options: argparse.Namespace) -> None:
    rows = [("journal", "points", "script s", "stored s", "peak MiB", "bytes each", "read s", "frame s", "target")]
    for name in journals:
        for count in (options.points // 10, options.points):
            with placed(root, name, options) as place:
                rows.append(through(place, count))
    table("many points through one trial (a step and a random float each)", rows)


def through(place: Place, count: int) -> tuple[str, ...]:
    script = place.directory / "points.py"
    script.write_text(POINTS)
    ended = place.directory / "ended"
    begin = time.monotonic()
    words = [KLEIO, "-q", sys.executable, str(script), str(count), str(ended)]
    process = subprocess.Popen(words, cwd=place.directory, env=place.environment)
    peak = 0
    while process.poll() is None:
        peak = max(peak, resident(process.pid))
        time.sleep(0.02)
    stored = time.monotonic() - begin
    if process.returncode:
        raise SystemExit(f"{place.name}: exit {process.returncode}")
    each = size(place) / count
    read = subprocess.run([sys.executable, "-c", READ], env=place.environment, capture_output=True, text=True)
    if read.returncode:
        raise SystemExit(read.stderr)
    found, arrays, frame = read.stdout.split()
    verdicts = []
    if int(found) != count:
        verdicts.append(f"ONLY {found} STORED")
    if place.name.endswith("sqlite"):
        verdicts.append(f"{BYTES_TARGET} B {'met' if each <= BYTES_TARGET else 'MISSED'}")
    if count >= 1_000_000:
        verdicts.append(f"{READ_TARGET} s {'met' if float(frame) <= READ_TARGET else 'MISSED'}")
    return (
        place.name, str(count), f"{float(ended.read_text()) - begin:.1f}", f"{stored:.1f}", f"{peak / 1024:.0f}",
        f"{each:.1f}", f"{float(arrays):.3f}", f"{float(frame):.3f}", ", ".join(verdicts),
    )  # fmt: skip


def resident(pid: int) -> int:
    """KiB of the front."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS:")), 0)


def size(place: Place) -> int:
    """Bytes of the journal on disk; in MongoDB, of its documents before the server compresses them."""
    address = place.environment["KLEIO_JOURNAL"]
    if address.startswith("sqlite://"):
        path = Path(address.removeprefix("sqlite://"))
        return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*") if file.is_file())
    from pymongo import MongoClient

    with MongoClient(address) as client:
        found: Any = client.get_default_database().command("dbStats")
    return int(found["dataSize"])


if __name__ == "__main__":
    main()
