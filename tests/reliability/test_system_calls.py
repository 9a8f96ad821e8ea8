"""Every system call of the spool's writer and of the shipper fails or is the last one: the k-th, k = 1, 2 … to the end.

Needs ``strace``; not part of an ordinary run: ``pytest -m strace``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from children import shell
from children.acknowledging import content
from children.once import ARTIFACTS, RECORDS
from harness.evidence import acknowledged, check_blobs, stored
from harness.waiting import PATIENCE
from kleio.artifacts.registry import open_blobs
from kleio.clock import SystemClock
from kleio.journal.registry import open_journal
from kleio.spool.attempt.directory import AttemptFile, create
from kleio.spool.handshake import child_environment
from kleio.spool.recover import recover
from kleio.trial.document import new_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = [pytest.mark.strace, pytest.mark.timeout(3600)]

TESTS = Path(__file__).parents[1]
TRIAL = "ab" * 32
OWNER = "0123456789abcdef" * 2
CALLS = (
    "write",
    "pwrite64",
    "openat",
    "rename",
    "unlink",
    "ftruncate",
    "fdatasync",
    "fsync",
    "flock",
    "link",
    "linkat",
)
READS = ("read", "pread64", "getdents64", "newfstatat")
SIZES = (0, 1, 100, 500, 4_096, 5_000, 12_288, 40_000, 65_536, 80_000)
"""Bytes at which the disk takes no more of a file: in the middle of a write, which is cut short there, or before it."""


class Scene:
    """A reserved trial in a SQLite journal, its spool, and a process that works on it under ``strace``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True)
        self.address = f"sqlite://{root}/journal.sqlite"
        journal, clock = open_journal(self.address), SystemClock()
        stamp = {"time": 1.0, "offset": 0}
        journal.insert_trial(
            {
                "_id": TRIAL, "status": "new", "fence": 0, "owner": None, "holder": None, "summary": {},
                "duration": 0.0, "configuration": {}, "refers": None, "created": stamp,
                "event": {"id": "e0", "status": "new"},
            }
        )  # fmt: skip
        journal.compare_and_set(
            TRIAL, {}, {"status": "reserved", "owner": OWNER, "holder": {}}, claim=True,
            event=new_event("reserved", clock, who={}, why="test"),
        )  # fmt: skip
        journal.close()
        attempt = AttemptFile(TRIAL, 1, OWNER, self.address, {"host": "here"}, "me", flush_deadline=0.5)
        self.spool, lock = create(attempt, [str(root / "spool")])
        os.close(lock)

    def run(
        self,
        *words: str,
        call: str = "",
        when: str = "",
        what: str = "signal=SIGKILL",
        calls: tuple[str, ...] = CALLS,
        paths: Iterable[str] = (),
    ) -> int:
        """The exit code; with ``call``, of a process whose ``when``-th such call is tampered with. With ``paths`` only
        calls on these files are looked at, and not those for Python's own modules."""
        environment = {**os.environ, "PYTHONPATH": str(TESTS), "PYTHONDONTWRITEBYTECODE": "1"}
        if words[0] != "-m":  # the shipper is no process of the attempt's
            environment = child_environment(environment, TRIAL, 1, self.spool)
        traced = ["strace", "-f", "-qq", "-o", str(self.root / "trace"), "-e", f"trace={call or ','.join(calls)}"]
        tampered = ["-e", f"inject={call}:{what}:when={when}"] if call else []
        chosen = [word for path in paths for word in ("-P", path)]
        done = subprocess.run(
            [*traced, *tampered, *chosen, sys.executable, *words],
            env=environment, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        self.said = done.stderr
        return done.returncode

    def log(self, **options: str) -> int:
        return self.run(str(TESTS / "children" / "once.py"), str(self.root), **options)

    def shell(self, first: int, **options: str) -> int:
        return self.run(str(TESTS / "children" / "shell.py"), str(self.root), str(first), **options)

    def ship(self, **options: str) -> int:
        return self.run("-m", "kleio.spool", self.spool, **options)

    def files(self) -> list[str]:
        """Every file of spool and journal, those that SQLite makes for a moment, and the directories."""
        blobs = Path(f"{self.root}/journal.sqlite.blobs")
        made = [*self.root.rglob("*"), blobs, blobs / "small.sqlite"]
        made += [Path(f"{each}-journal") for each in made if each.suffix == ".sqlite"]
        return sorted({str(each) for each in made} - {f"{self.root}/trace"})

    def bring_home(self) -> None:
        """What the user does when the fault is gone."""
        environment = {**os.environ, "KLEIO_DATA": str(self.root), "KLEIO_JOURNAL": self.address}
        done = subprocess.run(
            [sys.executable, "-m", "kleio", "ship"], env=environment, capture_output=True, text=True, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stderr
        assert not os.path.exists(self.spool)

    def calls(self, marker: str = "") -> dict[str, tuple[int, int]]:
        """For each system call, the numbers of the first one after ``marker`` stands in the trace, and of the last."""
        lines = (self.root / "trace").read_text(errors="replace").splitlines()
        begin = next(number for number, line in enumerate(lines) if marker in line)
        named = [line.split(maxsplit=1)[1].split("(")[0] for line in lines]
        after = [call for call in (*CALLS, *READS) if call in named[begin:]]
        return {call: (named[:begin].count(call) + 1, named.count(call)) for call in after}

    def recover(self) -> None:
        """What the next kleio does."""
        recover([self.spool], open_journal, open_blobs, SystemClock())
        assert not os.path.exists(self.spool)

    def check(self) -> tuple[int, int]:
        """Everything acknowledged is there once, in order, whole; how many are there, and how many are counted lost."""
        kept = acknowledged(self.root).get("main", [])
        numbers = [each["number"] for each in stored(self.address, TRIAL, "statistics")]
        references = stored(self.address, TRIAL, "artifacts")
        assert numbers == sorted(set(numbers))
        assert len(references) <= len(ARTIFACTS)
        found = sorted(numbers + [each["metadata"]["number"] for each in references])
        assert set(kept) <= set(found)
        assert len(found) <= RECORDS
        wanted = {each["digest"]: content("main", ARTIFACTS[each["metadata"]["number"]]) for each in references}
        check_blobs(self.address, wanted)
        journal = open_journal(self.address)
        document = journal.trial(TRIAL)
        journal.close()
        assert document is not None
        assert document["status"] == "failover"
        return len(found), int(document["summary"].get("lost", 0))


def sweep(calls: dict[str, tuple[int, int]]) -> list[tuple[str, int]]:
    return [(call, number) for call, (first, last) in calls.items() for number in range(first, last + 1)]


def test_a_writer_that_dies_at_any_call_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    clean = Scene(tmp_path / "clean")
    assert clean.log() == 0
    points = sweep(clean.calls("acknowledged.main"))
    assert len(points) > 10
    for call, number in points:
        scene = Scene(tmp_path / f"{call}-{number}")
        scene.log(call=call, when=str(number))
        scene.recover()
        scene.check()
        shutil.rmtree(scene.root)


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("often", ["", "+"], ids=["once", "for-ever"])
def test_a_writer_whose_calls_fail_goes_on_and_counts(tmp_path: Path, error: str, often: str) -> None:
    clean = Scene(tmp_path / "clean")
    assert clean.log() == 0
    for call, number in sweep(clean.calls("acknowledged.main")):
        scene = Scene(tmp_path / f"{call}-{number}")
        code = scene.log(call=call, when=f"{number}{often}", what=f"error={error}")
        if (scene.root / "acknowledged.main").exists():
            assert code == 0, f"{call} {number}"
            scene.recover()
            found, lost = scene.check()
            if not often:
                assert lost == RECORDS - found, f"{call} {number}"
        shutil.rmtree(scene.root)


def test_a_shipper_that_dies_at_any_call_is_continued_by_the_next(tmp_path: Path) -> None:
    clean = Scene(tmp_path / "clean")
    clean.log()
    assert clean.ship() == 0
    points = sweep(clean.calls("attempt.json"))
    assert len(points) > 30
    clean.check()
    for call, number in points:
        scene = Scene(tmp_path / f"{call}-{number}")
        assert scene.log() == 0
        scene.ship(call=call, when=str(number))
        if os.path.exists(scene.spool):
            scene.recover()
        assert scene.check() == (RECORDS, 0)
        assert len(acknowledged(scene.root)["main"]) == RECORDS
        shutil.rmtree(scene.root)


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("often", ["", "+"], ids=["once", "for-ever"])
def test_a_shipper_whose_calls_fail_is_continued_by_the_next(tmp_path: Path, error: str, often: str) -> None:
    clean = Scene(tmp_path / "clean")
    clean.log()
    assert clean.ship() == 0
    for call, number in sweep(clean.calls("attempt.json")):
        scene = Scene(tmp_path / f"{call}-{number}")
        assert scene.log() == 0
        scene.ship(call=call, when=f"{number}{often}", what=f"error={error}")
        if os.path.exists(scene.spool):
            scene.recover()
        assert scene.check() == (RECORDS, 0), f"{call} {number}"
        shutil.rmtree(scene.root)


@pytest.mark.parametrize("often", ["", "+"], ids=["once", "for-ever"])
def test_a_shipper_that_cannot_read_loses_nothing_and_says_why(tmp_path: Path, often: str) -> None:
    clean = Scene(tmp_path / "clean")
    clean.log()
    assert clean.ship(calls=READS, paths=clean.files()) == 0
    points = sweep(clean.calls())
    assert {"read", "pread64"} <= {call for call, _ in points}
    for call, number in points:
        scene = Scene(tmp_path / f"{call}-{number}")
        assert scene.log() == 0
        scene.ship(call=call, when=f"{number}{often}", what="error=EIO", paths=scene.files())
        assert "Traceback" not in scene.said, f"{call} {number}: {scene.said}"
        if os.path.exists(scene.spool):
            scene.bring_home()
        assert scene.check() == (RECORDS, 0), f"{call} {number}"
        shutil.rmtree(scene.root)


@pytest.mark.parametrize("size", SIZES)
def test_a_shipper_whose_writes_are_cut_short_loses_nothing_and_says_why(tmp_path: Path, size: int) -> None:
    scene = Scene(tmp_path / "scene")
    assert scene.log() == 0
    limited = f"import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); "
    limited += "runpy.run_module('kleio.spool', run_name='__main__', alter_sys=True)"
    scene.said = subprocess.run(
        [sys.executable, "-c", limited, scene.spool], capture_output=True, text=True, timeout=PATIENCE
    ).stderr
    assert "Traceback" not in scene.said
    if os.path.exists(scene.spool):
        scene.bring_home()
    assert scene.check() == (RECORDS, 0)


@pytest.mark.parametrize("what", ["signal=SIGKILL", "error=ENOSPC", "error=EIO"])
def test_short_processes_that_share_a_file_lose_nothing_they_acknowledged(tmp_path: Path, what: str) -> None:
    """The first three are tampered with at every call; three more come behind them."""
    clean = Scene(tmp_path / "clean")
    assert clean.shell(0) == 0
    points = sweep(clean.calls("acknowledged.main"))
    assert len(points) > 10
    for call, number in points:
        scene = Scene(tmp_path / f"{call}-{number}")
        scene.shell(0, call=call, when=str(number), what=what)
        assert scene.shell(shell.RECORDS) == 0
        scene.recover()
        kept = acknowledged(scene.root)["main"]
        numbers = [each["number"] for each in stored(scene.address, TRIAL, "statistics")]
        assert len(set(numbers)) == len(numbers), f"{call} {number}"
        assert set(kept) <= set(numbers), f"{call} {number}"
        assert set(range(shell.RECORDS, 2 * shell.RECORDS)) <= set(kept)
        shutil.rmtree(scene.root)
