"""What the benchmarks share: paired runs of whole commands, medians, tables, and scratch databases."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Contender:
    """A command to be timed. ``{n}`` in its words becomes the number of the run, for tools that refuse a repetition."""

    name: str
    words: Sequence[str]
    cwd: Path
    environment: Mapping[str, str]
    reset: Callable[[], None] = lambda: None
    tells: bool = False
    """Whether the last word that it prints is the seconds that count: those of a library, without its import."""

    def run(self, number: int) -> float:
        """Seconds of one run."""
        self.reset()
        words = [word.replace("{n}", str(number)) for word in self.words]
        begin = time.perf_counter()
        done = subprocess.run(
            words, cwd=self.cwd, env={**os.environ, **self.environment}, stdin=subprocess.DEVNULL, capture_output=True
        )
        seconds = time.perf_counter() - begin
        if done.returncode:
            raise SystemExit(f"{self.name}: exit {done.returncode}: {done.stderr.decode()[-500:]}")
        return float(done.stdout.split()[-1]) if self.tells else seconds


def medians(contenders: Sequence[Contender], runs: int, warm_up: int = 2) -> dict[str, float]:
    """Median seconds of each, run in turn (A B C A B C …), so that a machine that changes its speed is fair to all."""
    taken: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for number in range(-warm_up, runs):
        for contender in contenders:
            seconds = contender.run(number + warm_up)
            if number >= 0:
                taken[contender.name].append(seconds)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


@contextmanager
def scratch_database(server: str) -> Iterator[str]:
    """The address of a new database on ``server`` (its options kept), dropped however the benchmark ends."""
    from pymongo import MongoClient

    database = f"kleio_bench_{uuid.uuid4().hex[:12]}"
    address = urlunsplit(urlsplit(server)._replace(path=f"/{database}"))
    try:
        yield address
    finally:
        with MongoClient(address) as client:
            client.drop_database(database)


def table(title: str, rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns."""
    print(f"\n{title}")
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print(
            "  "
            + "  ".join(
                cell.ljust(width) if not i else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        )
