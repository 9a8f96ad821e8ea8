"""What one word in front of a command costs: ``kleio true`` beside ``true`` and the peers, in one run.

    python benchmarks/launch.py [--runs 20] [--mongodb URI] [--peers]

Repositories of 200 and 20,000 files are made in a temporary directory, each with a changed and an untracked file.
Commands run in turn; medians are printed, with the overhead over the bare command. ``--mongodb`` adds a journal
there; ``--peers`` adds ``guild run``, ``smt run`` and ``datalad run`` where they are on the PATH. The last table is
the memory of all of kleio's processes together (proportional set size, so that shared pages count once).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from timing import Contender, medians, scratch_database, table

SIZES = (200, 20_000)
FILES_A_FOLDER = 200
KLEIO = shutil.which("kleio") or str(Path(sys.executable).with_name("kleio"))
TARGETS = {("sqlite", 200): 100, ("sqlite", 20_000): 160, ("mongodb", 200): 250}
MEMORY_TARGET = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--mongodb", metavar="URI", help="mongodb://HOST:PORT of a server for a scratch database")
    parser.add_argument("--peers", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        for size in SIZES:
            repository = make_repository(Path(place) / f"repository-{size}", size)
            with ExitStack() as stack:
                mongodb = stack.enter_context(scratch_database(options.mongodb)) if options.mongodb else None
                report(size, contenders(repository, Path(place), mongodb, options.peers), options.runs)
        memory(Path(place) / f"repository-{SIZES[0]}", Path(place))


def make_repository(path: Path, size: int) -> Path:
    """A repository of ``size`` files with one of them changed and one untracked source."""
    for number in range(size):
        folder = path / f"folder-{number // FILES_A_FOLDER}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"module_{number}.py").write_text(f"VALUE = {number}\n" * 20)
    git(path, "init", "-q")
    git(path, "add", "-A")
    git(path, "commit", "-qm", "all")
    (path / "folder-0" / "module_0.py").write_text("VALUE = 'changed'\n")
    (path / "untracked.py").write_text("NEW = 1\n")
    return path


def git(path: Path, *words: str) -> None:
    """No garbage collection in the background: it would be timed with whatever runs beside it."""
    own = ["-c", "user.name=b", "-c", "user.email=b@example.org", "-c", "gc.auto=0"]
    subprocess.run(["git", "-C", str(path), *own, *words], check=True, capture_output=True)


def contenders(repository: Path, place: Path, mongodb: str | None, with_peers: bool) -> list[Contender]:
    home = {"HOME": str(place / "home"), "XDG_DATA_HOME": str(place / "data"), "XDG_CONFIG_HOME": str(place / "config")}
    sqlite = {**home, "KLEIO_JOURNAL": f"sqlite:///{place}/{repository.name}.sqlite"}
    true = shutil.which("true") or "/bin/true"
    found = [
        Contender("true", [true, "{n}"], repository, {}),
        Contender("python -c pass", [sys.executable, "-c", "pass", "{n}"], repository, {}),
        Contender("kleio, sqlite", [KLEIO, "-q", true, "{n}"], repository, sqlite),
    ]
    if mongodb is not None:
        there = {**home, "KLEIO_JOURNAL": mongodb}
        found.append(Contender("kleio, mongodb", [KLEIO, "-q", true, "{n}"], repository, there))
    return found + (peers(repository, place, true) if with_peers else [])


def peers(repository: Path, place: Path, true: str) -> list[Contender]:
    """Each in a copy of the repository of its own, set up as its documentation says; those that cannot be are named."""
    found = []
    for program, make in (("guild", guild), ("smt", sumatra), ("datalad", datalad)):
        if not shutil.which(program):
            print(f"{program}: not on the PATH")
            continue
        try:
            contender = make(copied(repository, place, program), place, true)
            contender.run(-1)
            found.append(contender)
        except (subprocess.CalledProcessError, SystemExit) as error:
            print(f"{program}: left out: {getattr(error, 'stderr', b'') or error}")
    return found


def guild(copy: Path, place: Path, true: str) -> Contender:
    (copy / "true.py").write_text("n = 0\n")
    (place / "guild-home").mkdir(exist_ok=True)
    words = ["guild", "run", "-y", "true.py", "n={n}"]
    return Contender("guild run", words, copy, {"GUILD_HOME": str(place / "guild-home")})


def sumatra(copy: Path, place: Path, true: str) -> Contender:
    git(copy, "stash", "-u")
    (copy / "true.py").write_text("\n")
    git(copy, "add", "-A")
    git(copy, "commit", "-qm", "script")
    for words in (["smt", "init", "bench"], ["smt", "configure", "-e", "python", "-m", "true.py"]):
        subprocess.run(words, cwd=copy, check=True, capture_output=True)
    return Contender("smt run", ["smt", "run", "--reason=bench", "{n}"], copy, {})


def datalad(copy: Path, place: Path, true: str) -> Contender:
    names = [f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]
    identity = dict.fromkeys(names, "b@example.org")
    git(copy, "stash", "-u")
    words = ["datalad", "create", "-f", "."]
    subprocess.run(words, cwd=copy, check=True, capture_output=True, env={**os.environ, **identity})
    return Contender("datalad run", ["datalad", "run", true, "{n}"], copy, identity)


def copied(repository: Path, place: Path, name: str) -> Path:
    return Path(shutil.copytree(repository, place / f"{name}-{repository.name}", symlinks=True))


def report(size: int, runners: list[Contender], runs: int) -> None:
    taken = medians(runners, runs)
    bare = taken["true"]
    rows = [("command", "median ms", "over bare ms", "target ms")]
    for name, seconds in taken.items():
        target = TARGETS.get((name.removeprefix("kleio, "), size))
        shown = "" if target is None else f"{target} {'met' if (seconds - bare) * 1000 <= target else 'MISSED'}"
        rows.append((name, f"{seconds * 1000:.1f}", f"{(seconds - bare) * 1000:.1f}", shown))
    table(f"{size} files, one changed, one untracked; {runs} runs each", rows)


def memory(repository: Path, place: Path) -> None:
    """Peak of the summed proportional set size of front and supervisor while a command sleeps."""
    environment = {**os.environ, "HOME": str(place / "home"), "KLEIO_JOURNAL": f"sqlite:///{place}/memory.sqlite"}
    process = subprocess.Popen([KLEIO, "-q", "sleep", "1.5"], cwd=repository, env=environment)
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(proportional(pid) for pid in kleio_processes(process.pid)))
        time.sleep(0.005)
    verdict = "met" if peak <= MEMORY_TARGET * 1024 else "MISSED"
    table(
        "memory",
        [("", "MiB", "target"), ("all of kleio's processes", f"{peak / 1024:.1f}", f"{MEMORY_TARGET} {verdict}")],
    )


def kleio_processes(front: int) -> list[int]:
    """The front and its children (the supervisor), not the command."""
    children = subprocess.run(["pgrep", "-P", str(front)], capture_output=True, text=True).stdout.split()
    return [front, *map(int, children)]


def proportional(pid: int) -> int:
    """KiB."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    main()
