"""The journal is deleted and another one is made in its place: two runs of one line never mix, and none is lost."""

from __future__ import annotations

import json
import shutil
import signal

import pytest

from harness.mongodb import database_of
from harness.waiting import until

SCRIPT = """\
import os, time
from kleio.client.logger import kleio_logger
kleio_logger.log_statistic(process=os.getpid())
kleio_logger.log_artifact("who", str(os.getpid()).encode())
print("process", os.getpid(), flush=True)
open("pid.txt", "w").write(str(os.getpid()))
while not os.path.exists(os.environ.get("GO", "own.py")):
    time.sleep(.02)
"""


@pytest.fixture
def line(repo, git):
    (repo / "own.py").write_text(SCRIPT)
    git("add", "own.py")
    git("commit", "-qm", "own")
    return ("python", "own.py")


@pytest.fixture
def replace(request, journal_address, tmp_path):
    """Delete the journal: the next run makes one of the same address."""

    def delete():
        if journal_address.startswith("sqlite"):
            shutil.rmtree(tmp_path / "journal")
        else:
            request.getfixturevalue("mongodb_server").drop(database_of(journal_address))

    return delete


def processes(kleio, trial):
    """By whom the records of a trial say that they were made: statistics and output."""
    (values,) = [each["values"] for each in json.loads(kleio("stats", "--json", trial).out)["data"]]
    printed = kleio("cat", trial).out.split()
    return {values["process"], *map(int, printed[1::2])}


def test_records_of_a_run_whose_journal_was_replaced_do_not_reach_the_same_attempt_of_another_run(kleio, line, replace):
    first = kleio.background(*line, env={"GO": "go"})
    before = int(first.until_file())
    first.signal(signal.SIGKILL, group=True)
    first.wait()
    until(lambda: not kleio.leftovers(), "all of it to end")
    replace()
    second = kleio(*line)
    assert (second.code, second.trial) == (0, first.trial), second.words
    (trial,) = kleio.ids()
    now = int(second.out.split()[1])

    kleio("ship")
    assert "kleio ship --set-aside" in kleio("ship").words
    assert "attempts set aside, for their journals do not hold them: 1" in kleio("doctor").out.decode()
    assert processes(kleio, trial) == {now}

    brought = kleio("ship", "--set-aside")
    assert (brought.code, "; failover" in brought.out.decode()) == (0, True), brought.words
    (other,) = set(kleio.ids()) - {trial}
    assert brought.out.decode().startswith(other[:7])
    assert (processes(kleio, trial), processes(kleio, other)) == ({now}, {before})
    assert [kleio.status(each) for each in (trial, other)] == ["completed", "failover"]
    assert kleio("fsck", "--all").code == 0
    assert "nothing waits" in kleio("ship").words


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
def test_it_is_said_that_a_journal_is_made_and_warned_if_something_waits_for_an_earlier_one(kleio, line, replace):
    first = kleio.background(*line, env={"GO": "go"})
    first.until_file()
    first.signal(signal.SIGKILL, group=True)
    made = f"made a new journal at {kleio.environment['KLEIO_JOURNAL'].removeprefix('sqlite://')}"
    assert f"kleio: {made}\n" in first.wait().words
    until(lambda: not kleio.leftovers(), "all of it to end")
    assert "new journal" not in kleio("true").words
    second = kleio.background(*line, "2", env={"GO": "go"})
    second.until_file()
    second.signal(signal.SIGKILL, group=True)
    second.wait()
    replace()
    again = kleio(*line, "2")
    assert again.code == 0
    assert f"warning: {made}, although here 1 attempt of an earlier one is not told to it yet" in " ".join(
        again.words.split()
    )


def test_journal_that_is_replaced_under_a_run_gets_nothing_of_it(kleio, line, replace, repo):
    env = {"KLEIO_FLUSH_DEADLINE": "5"}
    first = kleio.background(*line, env={**env, "GO": "go"})
    before = int(first.until_file())
    until(lambda: kleio.status(first.trial) == "running", "the trial to be running")
    replace()
    second = kleio(*line)
    assert second.code == 0, second.words
    now = int(second.out.split()[1])
    (repo / "go").touch()
    ended = first.wait()
    assert (ended.code, "kleio ship" in ended.words) == (0, True), ended.words
    kleio("ship")
    (trial,) = kleio.ids()
    assert processes(kleio, trial) == {now}
    assert kleio("ship", "--set-aside").code == 0
    (other,) = set(kleio.ids()) - {trial}
    assert processes(kleio, other) == {before}
    assert kleio.status(other) == "completed"
