"""What scripts log by mistake or malice, and what happens to a spool under a running trial: the script goes on."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path

import pytest

from children.acknowledging import content
from harness.evidence import acknowledged, check_everything_kept, stored
from harness.waiting import until
from kleio.journal.registry import open_journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from harness.command import Kleio

SCRIPT = Path(__file__).parents[1] / "children" / "acknowledging.py"

VALUES = """
import sys
from kleio.client.logger import kleio_logger as k
deep = bottom = []
for _ in range(10_000):
    bottom.append([])
    bottom = bottom[0]
class Odd:
    def __repr__(self): raise ValueError
    def __getattr__(self, name): raise RuntimeError(name)
odd = [
    dict(large="x" * (2 << 20)), dict(large=list(range(400_000))), dict(deep=deep),
    dict(keys={1: 2, None: 3, (4, 5): 6}),
    {"\\ud800": "\\udfff\\ud800", "\\0": "a\\0b", "": 1, "$where": 2, "a.b": 3, "_id": 4, "x" * 9000: 5},
    dict(timestamp=1, creator=2, type=3, self=4, trial=5, attempt=6, stream=7, writer=8, body=9, s=10, t=11, b=12),
    dict(big=2**64, small=-2**63, huge=10**5000, nan=float("nan"), inf=float("-inf")), dict(odd=Odd()), {},
]
print([k.log_statistic(**each) for each in odd])
assert k.log_statistic(last=1)
"""
KEPT = [False, False, True, True, True, True, True, True, False]


@pytest.fixture
def script(repo: Path) -> Path:
    """A file to be filled by the test, outside the repository."""
    return repo.parent / "script.py"


def test_odd_values_are_kept_or_refused_in_the_call_and_never_stop_the_rest(kleio, journal_address, script):
    script.write_text(VALUES)
    done = kleio(sys.executable, str(script))
    assert done.code == 0, done.words
    assert done.out.decode().strip() == str(KEPT)
    (trial,) = kleio.ids()
    statistics = stored(journal_address, trial, "statistics")
    assert len(statistics) == sum(KEPT) + 1
    by_name = {name: value for each in statistics for name, value in each.items()}
    assert by_name["keys"] == {1: 2, None: 3, (4, 5): 6}
    assert by_name["\0"] == "a\0b"
    assert (by_name["$where"], by_name["a.b"], by_name[""], by_name["_id"]) == (2, 3, 1, 4)
    assert [by_name[name] for name in ("timestamp", "creator", "type", "self", "writer", "s")] == [1, 2, 3, 4, 8, 10]
    assert (by_name["big"], by_name["small"], by_name["huge"]) == (2**64, -(2**63), 10**5000)
    assert by_name["last"] == 1
    assert sum(each["records"] for each in stored(journal_address, trial, "lost")) == 2
    assert kleio("ls").code == kleio("info", trial).code == 0


NAMES = ["../../x", "/etc/passwd", "x" * 300, "a\nb\x1b[2J\0c", "", ".", "..", "\udcff", "con:\\x", "é" * 200]
ARTIFACTS = f"""
from kleio.client.logger import kleio_logger as k
for number, name in enumerate({NAMES!r}):
    assert k.log_artifact(name, b"%d" % number, name="mine", digest="x", size=-1, metadata={{1: 2}}, type=None)
"""


def test_odd_names_of_artifacts_are_labels_and_metadata_may_bear_any_name(kleio, journal_address, repo, script):
    script.write_text(ARTIFACTS)
    before = set(repo.parent.iterdir())
    done = kleio(sys.executable, str(script))
    assert done.code == 0, done.words
    (trial,) = kleio.ids()
    references = stored(journal_address, trial, "artifacts")
    assert [each["name"] for each in references] == NAMES
    metadata = {"name": "mine", "digest": "x", "size": -1, "metadata": {1: 2}, "type": None}
    assert all(each["metadata"] == metadata for each in references)
    assert [each["size"] for each in references] == [1] * len(NAMES)
    assert set(repo.parent.iterdir()) - before <= {repo.parent / "journal"}
    assert kleio("info", trial).code == 0


@pytest.fixture
def running(kleio: Kleio, tmp_path: Path) -> tuple[Path, Path, str]:
    """A script that logs: where it tells what was acknowledged, its spool, and its trial."""
    place = tmp_path / "place"
    place.mkdir()
    kleio.background(sys.executable, str(SCRIPT), str(place), "1")
    until(lambda: (place / "started").exists() and len(logged(place)) == 2, "both processes to log")
    (name,) = kleio.spools()
    spool = Path(kleio.environment["XDG_DATA_HOME"]) / "kleio" / "spool" / name
    return place, spool, (place / "started").read_text().split()[0]


def logged(place: Path) -> list[list[int]]:
    """What was acknowledged to each process that was told anything yet."""
    return [numbers for numbers in acknowledged(place).values() if numbers]


def finish(kleio: Kleio, place: Path) -> None:
    """Let the script go on, then end; it has not noticed anything."""
    logged = sum(map(len, acknowledged(place).values()))
    until(lambda: sum(map(len, acknowledged(place).values())) > logged + 100, "more records to be acknowledged")
    (place / "stop").touch()
    done = kleio.started[-1].wait()
    assert done.code == 0, done.words
    kleio.until_settled()
    assert kleio("ls").code == 0


def test_records_survive_a_spool_that_is_deleted_under_a_running_trial(kleio, journal_address, running, tmp_path):
    place, spool, trial = running
    os.rename(spool, tmp_path / "gone")
    until(lambda: spool.exists(), "the spool to be put back")
    finish(kleio, place)
    assert kleio.status(trial) == "completed"
    for worker, numbers in acknowledged(place).items():
        statistics = [
            each["number"] for each in stored(journal_address, trial, "statistics") if each["worker"] == worker
        ]
        assert statistics == sorted(set(statistics))
        assert {number for number in numbers if number % 16 != 15} <= set(statistics)


def test_a_spool_that_is_made_read_only_under_a_running_trial_changes_nothing(kleio, journal_address, running):
    place, spool, trial = running
    spool.chmod(0o500)
    (spool / "blobs").chmod(0o500)
    until(lambda: sum(map(len, acknowledged(place).values())) > 100, "records to be acknowledged")
    spool.chmod(0o700)
    (spool / "blobs").chmod(0o700)
    finish(kleio, place)
    assert kleio.status(trial) == "completed"
    if os.geteuid() == 0:  # who may write everywhere; others could not keep artifacts meanwhile, and were told so
        check_everything_kept(journal_address, trial, acknowledged(place), content)


@pytest.mark.parametrize("what", ["link", "file"])
def test_what_stands_in_place_of_the_spool_is_not_followed_and_goes(kleio, journal_address, running, tmp_path, what):
    place, spool, trial = running
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    os.rename(spool, tmp_path / "gone")
    spool.symlink_to(elsewhere) if what == "link" else spool.write_text("x")
    until(lambda: spool.is_dir() and not spool.is_symlink(), "the spool to be put back")
    finish(kleio, place)
    assert not [*elsewhere.rglob("*")], "kleio wrote where the link leads"
    assert kleio.status(trial) == "completed"
    assert_counted(kleio, journal_address, trial, place)


@pytest.mark.parametrize("size", [0, 300])
def test_a_spool_that_is_truncated_under_a_running_trial_goes_on_and_counts(
    kleio, journal_address, running, tmp_path, size
):
    place, spool, trial = running
    for path in spool.glob("*.ksp"):
        os.truncate(path, min(size, path.stat().st_size))
    finish(kleio, place)
    assert kleio.status(trial) == "completed"
    assert_counted(kleio, journal_address, trial, place)


@pytest.mark.parametrize("name", ["run.lock", "ship.lock"])
def test_a_symbolic_link_in_place_of_a_lock_is_no_lock(kleio, journal_address, running, tmp_path, name):
    place, spool, trial = running
    (spool / name).unlink()
    (spool / name).symlink_to(tmp_path / "elsewhere")
    assert kleio("ship").code == 0
    finish(kleio, place)
    assert not (tmp_path / "elsewhere").exists()
    assert kleio("ship").code == 0
    assert kleio.spools() == []
    assert kleio.status(trial) == "completed"
    check_everything_kept(journal_address, trial, acknowledged(place), content)


def assert_counted(kleio, address: str, trial: str, place: Path) -> None:
    """What was acknowledged is there, or said to be lost; nothing is there twice."""
    kept = 0
    for stream in ("statistics", "artifacts"):
        found = [each.get("metadata", each) for each in stored(address, trial, stream)]
        found = [(each["worker"], each["number"]) for each in found]
        assert len(found) == len(set(found))
        kept += len(found)
    with closing(open_journal(address)) as journal:
        document = journal.trial(trial)
    assert document is not None
    lost = document["summary"]["lost"]
    assert kept + lost >= sum(map(len, acknowledged(place).values()))
    done = kleio("fsck", trial)
    assert done.code == 0, done.words
    assert not lost or f"{lost} record" in done.out.decode()
