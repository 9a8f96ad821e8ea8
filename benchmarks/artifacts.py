"""What keeping files costs: one of 200 MB and 2,000 of 4 KB, first and second time, beside ``cp``, ``sha256sum`` and
the peers that are installed (MLflow, Aim, DVC, DataLad).

    python benchmarks/artifacts.py [--runs 3] [--megabytes 200] [--files 2000] [--mongodb URI [--sink]]

For kleio two times are given: ``call`` is how long ``log_artifact`` holds up the script, ``stored`` lasts until the
bytes are in the journal's blob store and the command is over, less the time of a command that logs nothing. Peers are
found by import (mlflow, aim) or on the PATH (dvc, datalad); absent ones are named. Growth is that of kleio's own
files when the same bytes come again. With ``--sink`` the chunks of large files never reach the MongoDB server: what is
left is kleio's own side.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, nullcontext
from importlib.util import find_spec
from pathlib import Path

from sink import sink
from timing import scratch_database, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

KLEIO = shutil.which("kleio") or str(Path(sys.executable).with_name("kleio"))
FIRST, SECOND = 1.5, 1.1
SCRIPT = """
import sys, time
from pathlib import Path
from kleio.client.logger import kleio_logger
paths = sorted(Path(sys.argv[1]).iterdir())
begin = time.monotonic()
for path in paths:
    if not kleio_logger.log_artifact(path.name, path):
        sys.exit(9)
Path(sys.argv[2]).write_text(str(time.monotonic() - begin))
"""
MLFLOW = """
import sys, mlflow
mlflow.set_tracking_uri("sqlite:///store.db")
with mlflow.start_run():
    mlflow.log_artifacts(sys.argv[1])
"""
AIM = """
import sys
from pathlib import Path
from aim import Run
run = Run(repo=".", system_tracking_interval=None, capture_terminal_logs=False)
run.set_artifacts_uri(Path("artifacts").absolute().as_uri())
run.log_artifacts(sys.argv[1])
run.close()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--mongodb", metavar="URI", help="mongodb://HOST:PORT of a server for scratch databases")
    parser.add_argument("--sink", action="store_true", help="swallow chunks in front of that server")
    options = parser.parse_args()
    with sink(options.mongodb) if options.sink else nullcontext(options.mongodb) as options.mongodb:
        measure(options)


def measure(options: argparse.Namespace) -> None:
    absent = [name for name in ("mlflow", "aim") if find_spec(name) is None]
    absent += [name for name in ("dvc", "datalad") if shutil.which(name) is None]
    if absent:
        print(f"not installed: {', '.join(absent)}")
    with tempfile.TemporaryDirectory() as root:
        nothing = folder(Path(root) / "nothing")
        large = folder(Path(root) / "large", os.urandom(options.megabytes << 20))
        small = folder(Path(root) / "small", *(os.urandom(4096) for _ in range(options.files)))
        report(f"a file of {options.megabytes} MB", Path(root), large, nothing, options)
        report(f"{options.files} files of 4 KB", Path(root), small, nothing, options)


def folder(path: Path, *contents: bytes) -> Path:
    path.mkdir()
    for number, content in enumerate(contents):
        (path / f"file-{number:05}").write_bytes(content)
    return path


def report(title: str, root: Path, source: Path, nothing: Path, options: argparse.Namespace) -> None:
    one = len(os.listdir(source)) == 1
    copied = median(options.runs, lambda: copy(root, source))
    hashed = median(options.runs, lambda: run(["sh", "-c", 'sha256sum "$1"/* >/dev/null', "sh", str(source)], root))
    rows = [("", "first s", "second s", "growth MB", "targets")]
    rows += [("cp -r", f"{copied:.3f}", "", "", ""), ("sha256sum", f"{hashed:.3f}", "", "", "")]
    durable = median(options.runs, lambda: copy(root, source, synced=True))
    rows.append(("cp -r, made durable", f"{durable:.3f}", "", "", "as what kleio stored is"))
    first_most = FIRST * max(copied, hashed) if one else copied
    second_most = SECOND * hashed if one else None
    for journal in ["sqlite"] + (["mongodb"] if options.mongodb else []):
        measured = [kleio(root, source, nothing, journal, options.mongodb) for _ in range(options.runs)]
        for place, part in enumerate(("call", "stored")):
            first, second = (statistics.median(each[when][place] for each in measured) for when in (0, 1))
            verdicts = f"{first_most:.2f} {met(first <= first_most)}"
            if second_most is not None:
                verdicts += f", {second_most:.2f} {met(second <= second_most)}"
            growth = f"{measured[0][2] / 1e6:.2f}" if part == "stored" else ""
            rows.append((f"kleio, {journal}: {part}", f"{first:.3f}", f"{second:.3f}", growth, verdicts))
    rows += peers(root, source)
    table(title, rows)


def met(good: bool) -> str:
    return "met" if good else "MISSED"


def median(runs: int, once: Callable[[], float]) -> float:
    return statistics.median(once() for _ in range(runs))


def run(words: list[str], cwd: Path, environment: dict[str, str] | None = None) -> float:
    """Seconds."""
    begin = time.monotonic()
    done = subprocess.run(words, cwd=cwd, env=environment or dict(os.environ), capture_output=True)
    if done.returncode:
        raise SystemExit(f"{words[:3]}: exit {done.returncode}: {done.stderr.decode()[-800:]}")
    return time.monotonic() - begin


def copy(root: Path, source: Path, *, synced: bool = False) -> float:
    target = root / "copy"
    then = '&& find "$2" -exec sync {} +' if synced else ""
    seconds = run(["sh", "-c", f'cp -r "$1" "$2" {then}', "sh", str(source), str(target)], root)
    shutil.rmtree(target)
    return seconds


def kleio(root: Path, source: Path, nothing: Path, journal: str, mongodb: str | None) -> tuple:  # type: ignore[type-arg]
    """(call, stored) of the first time, of the second, and the growth in between in bytes."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=root)))
        address = f"sqlite://{place}/j/journal.sqlite"
        if journal == "mongodb":
            assert mongodb is not None
            address = stack.enter_context(scratch_database(mongodb))
        return twice(place, address, source, nothing)


def twice(place: Path, address: str, source: Path, nothing: Path) -> tuple:  # type: ignore[type-arg]
    environment = {
        **os.environ, "HOME": str(place), "XDG_DATA_HOME": str(place / "data"),
        "XDG_CONFIG_HOME": str(place / "config"), "KLEIO_JOURNAL": address,
    }  # fmt: skip

    def once(files: Path, number: str) -> tuple[float, float]:
        found = place / "found"
        words = [KLEIO, "-q", sys.executable, "-c", SCRIPT, str(files), str(found), number]
        seconds = run(words, place, environment)
        return float(found.read_text()), seconds

    bare = once(nothing, "0")[1]
    first = once(source, "1")
    before = used(place, address)
    second = once(source, "2")
    growth = used(place, address) - before
    return (first[0], first[1] - bare), (second[0], second[1] - bare), growth


def used(place: Path, address: str) -> int:
    if address.startswith("mongodb"):
        from pymongo import MongoClient

        with MongoClient(address) as client:
            return int(client.get_default_database().command("dbStats")["dataSize"])
    return sum(file.stat().st_size for file in place.rglob("*") if file.is_file())


def peers(root: Path, source: Path) -> list[tuple[str, ...]]:
    """First and second time of each, in a directory of its own, set up as its documentation says."""
    rows = []
    for name, code in (("mlflow", MLFLOW), ("aim", AIM)):
        if find_spec(name) is not None:
            place = Path(tempfile.mkdtemp(dir=root))
            script = place / "log.py"
            script.write_text(code)
            times = [run([sys.executable, str(script), str(source)], place) for _ in range(3)][1:]
            rows.append((name, *(f"{seconds:.3f}" for seconds in times), "", "with its start"))
    for name, setup, add in (
        ("dvc", [["git", "init", "-q"], ["dvc", "init", "-q"]], ["dvc", "add", "-q", "data"]),
        ("datalad", [["datalad", "create", "-f", "."]], ["datalad", "save", "-m", "data"]),
    ):
        if shutil.which(name) is not None:
            place = Path(tempfile.mkdtemp(dir=root))
            for words in setup:
                run(words, place)
            shutil.copytree(source, place / "data")
            first = run(add, place)
            shutil.rmtree(place / "data")
            shutil.copytree(source, place / "data")
            rows.append((name, f"{first:.3f}", f"{run(add, place):.3f}", "", "with its start"))
    return rows


if __name__ == "__main__":
    main()
