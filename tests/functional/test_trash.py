"""Trials go to the trash, come back, or go for good; the collector frees what no trial refers to."""

from __future__ import annotations

import datetime
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from harness.mongodb import database_of
from harness.waiting import until
from kleio.artifacts import small
from kleio.artifacts.registry import open_blobs

on_sqlite = pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)


def blobs_of(kleio) -> set[str]:
    store = open_blobs(kleio.environment["KLEIO_JOURNAL"])
    try:
        return set(store.digests())
    finally:
        store.close()


@pytest.fixture
def two_days_pass(kleio, request):
    """Every blob was stored two days ago."""

    def passed() -> None:
        address = kleio.environment["KLEIO_JOURNAL"]
        if address.startswith("sqlite"):
            moment = Path(address.removeprefix("sqlite://")).stat().st_mtime - 2 * 86_400
            blobs = Path(f"{address.removeprefix('sqlite://')}.blobs")
            for path in blobs.glob("??/*"):
                os.utime(path, (moment, moment))
            with closing(sqlite3.connect(blobs / small.FILE)) as connection, connection:
                connection.execute("UPDATE names SET time = ?", (moment,))
            return
        with request.getfixturevalue("mongodb_server").client() as client:
            moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=2)
            client[database_of(address)].blobs.files.update_many({}, {"$set": {"uploadDate": moment}})

    return passed


def test_a_removed_trial_is_hidden_whole_and_comes_back(kleio):
    line = ("--name", "first", "--tags", "t", "python", "train.py", "--epochs", "2")
    trial, other = kleio(*line).trial, kleio("true").trial
    before = kleio("cat", trial).out
    assert kleio("rm", "--why", "a typo", trial, "nope").code == 125
    assert [one[:7] for one in kleio.ids()] == [other]
    assert kleio("status", "--short").out == b"1 trial: 1 completed\n"
    for word in (trial, "first", "t"):
        assert f"kleio restore {word}" in kleio("info", word).refused()
    (shown,) = kleio.json("rm", "--list", "--json")
    assert (shown["short_id"], shown["trashed"]["why"]) == (trial, "a typo")
    assert trial in kleio("rm", "--list").out.decode()

    words = kleio(*line[4:]).refused()
    assert f"trial {trial} [completed] is in the trash" in words
    assert f"kleio rm --purge {trial}" in words
    assert "is in the trash" in kleio("save", *line[4:]).refused()
    assert kleio("work").out == b""

    assert kleio("restore", "first").code == 0
    assert kleio("restore", trial).refused().startswith("kleio: no trial in the trash is called")
    assert kleio("cat", trial).out == before
    assert [str(edit["kind"]) for edit in kleio.info(trial)["edits"]] == ["trashed", "restored"]
    assert "put into the trash: a typo" in kleio("info", trial).out.decode()


def test_a_purged_command_begins_afresh(kleio, repo):
    line = ("python", "train.py", "--epochs", "1")
    trial = kleio(*line).trial
    foretold = kleio("rm", "--purge", "--dry-run", trial)
    assert f"trial {trial} would be deleted: " in foretold.words
    assert kleio.status(trial) == "completed"
    done = kleio("rm", "--purge", trial)
    assert (done.code, f"trial {trial} is deleted: " in done.words) == (0, True), done.words
    assert kleio("rm", "--list").words == "kleio: the trash is empty\n"
    again = kleio(*line)
    assert (again.code, again.trial) == (0, trial)
    assert kleio.info(trial)["attempts"] == 1


@on_sqlite
def test_what_is_held_stays(kleio, repo):
    running = kleio.background("python", "hold.py")
    running.until_file()
    until(lambda: kleio.status(running.trial) == "running", "the trial to run")
    for how in ((), ("--purge",)):
        assert f"kleio suspend {running.trial}" in kleio("rm", *how, running.trial).refused(75)
    (repo / "go").touch()
    assert running.wait().code == 0
    assert kleio("rm", running.trial).code == 0


@on_sqlite
def test_a_trial_whose_launcher_died_can_be_removed(kleio):
    running = kleio.background("python", "hold.py")
    running.until_file()
    trial = running.trial
    running.signal(signal.SIGKILL, group=True)
    running.wait()
    assert kleio("rm", trial).code == 0
    (shown,) = kleio.json("rm", "--list", "--json")
    assert shown["status"] == "failover"
    kleio("python", "hold.py").refused()


def test_no_parent_goes_before_its_children(kleio):
    parent = kleio("python", "train.py", "--epochs", "2").trial
    child = kleio("branch", parent, "--lr", "2").trial
    grandchild = kleio("branch", child, "--lr", "3").trial
    words = kleio("rm", parent).refused()
    assert f"{child} [completed]" in words
    assert f"kleio rm --recursive {parent}" in words
    assert kleio("rm", "--recursive", parent).code == 0
    assert kleio.ids() == []
    assert f"kleio rm --recursive --purge {child}" in kleio("rm", "--purge", child).refused()

    done = kleio("restore", grandchild)
    assert f"and of its parents {parent}, {child}" in done.words
    assert len(kleio("cat", grandchild).out.splitlines()) == 6
    assert kleio("rm", parent, child, grandchild).code == 0, "named together, in whatever order"
    assert kleio("rm", "--purge", "-r", "--dry-run", parent).words.count("would be deleted") == 3
    assert kleio("rm", "--purge", "-r", parent).words.count("is deleted") == 3
    assert kleio.json("rm", "--list", "--json") == []


@on_sqlite
def test_an_allowed_change_does_not_go_beside_the_trash(kleio, repo):
    """The branch that was made for this code is found, though it is in the trash: no second one is dug."""
    line = ("python", "train.py", "--sleep", ".5")
    kleio.part(*line)
    (repo / "train.py").write_text((repo / "train.py").read_text() + "#x\n")
    branch = kleio.part("--allow-code-change", *line, after=b"epoch 1").trial
    assert kleio("rm", branch).code == 0
    assert f"trial {branch} [suspended] is in the trash" in kleio("--allow-code-change", *line).refused()


def test_the_collector_frees_what_no_trial_refers_to(kleio, two_days_pass):
    shared = (
        "import io; from kleio.client.logger import kleio_logger as k; k.log_artifact('both', io.BytesIO(b'same'));"
    )
    own = "k.log_artifact('own', io.BytesIO(b'{}' * 5_000))"
    first, second = (kleio("python", "-c", shared + own.format(name)).trial for name in ("one", "two"))
    everything = blobs_of(kleio)
    gone = {one["digest"] for one in kleio.json("artifacts", "ls", first, "own", "--json")}
    assert kleio("rm", first).code == 0
    two_days_pass()
    assert "blobs: 0 blobs" in kleio("gc").out.decode()
    assert kleio("rm", "--purge", first).code == 0
    foretold = kleio.json("gc", "--dry-run", "--json")
    assert (foretold["blobs"], foretold["blob_bytes"], foretold["young"]) == (1, 15_000, 0)
    assert blobs_of(kleio) == everything
    assert "blobs: 1 blob that no trial refers to, 14.65 KiB freed" in kleio("gc").out.decode()
    assert blobs_of(kleio) == everything - gone
    assert kleio("fsck", second).code == 0


@on_sqlite
def test_the_collector_empties_old_trash_and_leaves_young_blobs(kleio):
    trial = kleio("python", "train.py", "--epochs", "1").trial
    kept = kleio("true").trial
    assert kleio("rm", trial).code == 0
    assert "trash: 0 trials" in kleio("gc").out.decode()
    said = kleio("gc", "--trash-age", "0s").out.decode()
    assert "trash: 1 trial purged" in said
    assert "1 more blob, " in said
    assert kleio.json("rm", "--list", "--json") == []
    assert [one[:7] for one in kleio.ids()] == [kept]
    assert kleio("gc", "--trash-age", "soon").code == 2


@on_sqlite
def test_what_means_nothing_is_a_usage_error(kleio):
    for line in ((), ("--list", "x"), ("--list", "--purge"), ("--dry-run", "x")):
        kleio("rm", *line).refused(2)
    kleio("restore").refused(2)
