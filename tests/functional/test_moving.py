"""Trials leave one journal and arrive in another, by a file or directly, whatever dies on the way."""

from __future__ import annotations

import random
import re
import shutil
import signal
import time
from pathlib import Path

import pytest

from kleio.analysis.opening import connect

TRAIN = ("python", "train.py", "--epochs", "3")
OWN = ("rvn", "hb", "request", "requested_by")
"""Fields that a journal keeps for itself."""


def facts(address: str) -> dict:
    """All that a journal holds of each trial, but for what it says of itself; and the bytes of its blobs."""
    with connect(address) as trials:
        assert trials.blobs is not None
        return {
            trial.id: (
                {key: value for key, value in trial.document.items() if key not in OWN},
                {segment.id: segment.body for segment in trials.journal.segments(trial.id)},
                {one.digest: one.read() for one in trial.artifacts(superseded=True)},
            )
            for trial in trials.find()
        }


@pytest.fixture
def other(journal_address: str, tmp_path, request: pytest.FixtureRequest) -> str:
    """An empty journal of the other kind."""
    if journal_address.startswith("sqlite"):
        return request.getfixturevalue("mongodb_address")
    return f"sqlite://{tmp_path}/other.sqlite"


@pytest.fixture
def family(kleio):
    """A trial and a branch of it; their ids."""
    first = kleio("run", "--tags", "a;b", *TRAIN)
    second = kleio("branch", "--timestamp", "epoch=2", first.trial, "--lr", "3")
    assert first.code == second.code == 0, first.words + second.words
    return first.trial, second.trial


def test_an_archive_carries_a_branch_and_its_ancestors_to_another_journal(
    kleio, family, other, journal_address, tmp_path
):
    """Export, import, import again; code, output, statistics and artifacts included."""
    first, branch = family
    file = tmp_path / "branch.kleio"
    done = kleio("export", branch, str(file))
    assert done.code == 0, done.words
    assert "exported 2 trials" in done.words
    elsewhere = {"KLEIO_JOURNAL": other}
    rehearsed = kleio("import", "--dry-run", str(file), env=elsewhere)
    assert rehearsed.out.decode().splitlines() == [f"{first} would be added", f"{branch} would be added"]
    imported = kleio("import", str(file), env=elsewhere)
    assert imported.out.decode().splitlines() == [f"{first} added", f"{branch} added"]
    assert facts(other) == facts(journal_address)
    assert kleio("cat", branch, env=elsewhere).out == kleio("cat", branch).out
    assert kleio("fsck", "--all", env=elsewhere).code == 0
    again = kleio("import", "-", env=elsewhere, stdin=file.read_bytes())
    assert (again.code, again.out) == (0, b"")
    assert "2 there already" in again.words
    refused = kleio(*TRAIN, env=elsewhere).refused()
    assert "is completed and is not run again" in refused


def test_output_of_which_the_middle_was_not_kept_goes_over(kleio, other, journal_address, tmp_path):
    file = str(tmp_path / "long.kleio")
    limits = {"KLEIO_OUTPUT_HEAD": "100000", "KLEIO_OUTPUT_TAIL": "100000"}
    trial = kleio("sh", "-c", "yes | head -c 3000000", env=limits).trial
    assert kleio("export", trial, file).code == 0
    imported = kleio("import", file, env={"KLEIO_JOURNAL": other})
    assert imported.out.decode() == f"{trial} added\n", imported.words
    assert facts(other) == facts(journal_address)


def test_a_journal_is_copied_back_and_forth(kleio, family, other, journal_address):
    """SQLite to MongoDB and the other way; what was resumed there comes back."""
    part = kleio.part("python", "train.py", "--epochs", "4", "--sleep", "0.4", after=b"epoch 1").trial
    copied = kleio("copy", "--all", "--to", other)
    assert copied.code == 0, copied.words
    assert facts(other) == facts(journal_address)
    resumed = kleio("run", "python", "train.py", "--epochs", "4", "--sleep", "0.4", env={"KLEIO_JOURNAL": other})
    assert resumed.code == 0, resumed.words
    back = kleio("copy", "--from", other, "--where", 'status == "completed"')
    assert back.out.decode().splitlines() == [f"{part} updated"]
    assert facts(other) == facts(journal_address)
    assert len(kleio.info(part)["history"]) == 2


def test_a_trial_that_ran_in_both_is_refused_and_the_others_are_copied(kleio, family, other):
    first, _ = family
    kleio(*TRAIN, env={"KLEIO_JOURNAL": other})
    alone = kleio("python", "args.py", "alone").trial
    before = facts(other)
    copied = kleio("copy", "--all", "--to", other)
    assert f"trial {first} was run both here" in copied.refused()
    assert copied.out.decode().splitlines() == [f"{alone} added"]
    assert {trial: found for trial, found in facts(other).items() if trial in before} == before


def test_a_running_trial_waits_or_is_taken_as_of_now(kleio, other, tmp_path):
    running = kleio.background("python", "hold.py")
    trial = running.trial
    running.until_file()
    copied = kleio("copy", trial, "--to", other)
    assert copied.code == 75
    assert re.search(f"trial {trial} stays: it is (reserved|running) on", copied.words)
    assert f"trial {trial} cannot be exported yet" in kleio("export", trial, str(tmp_path / "f")).refused(75)
    assert not (tmp_path / "f").exists()
    assert kleio("copy", trial, "--running", "--to", other).code == 0
    elsewhere = {"KLEIO_JOURNAL": other}
    assert b"[failover]" in kleio("ls", "-a", env=elsewhere).out
    running.interrupt()
    running.wait()
    assert kleio("copy", trial, "--to", other).out.decode() == f"{trial} updated\n"
    assert b"[failover]" not in kleio("ls", "-a", env=elsewhere).out


@pytest.mark.kill
def test_deaths_at_every_point_are_mended_by_repeating(kleio, family, other, journal_address):
    first, branch = family
    elsewhere = {"KLEIO_JOURNAL": other}
    for point in ("before_announce", "before_blob", "before_segments", "before_arrival"):
        killed = kleio("copy", "--all", "--to", other, env={"KLEIO_FAILPOINT": f"{point}:kill"})
        assert killed.code == -signal.SIGKILL, killed.words
    assert f"trial {first} is arriving from another journal" in kleio(*TRAIN, env=elsewhere).refused()
    assert b"[arriving]" in kleio("ls", "-a", env=elsewhere).out
    again = kleio("copy", "--all", "--to", other)
    assert again.out.decode().splitlines() == [f"{first} completed", f"{branch} added"]
    assert facts(other) == facts(journal_address)


@pytest.mark.kill
def test_death_before_an_archive_is_whole_leaves_no_file(kleio, family, tmp_path):
    place = tmp_path / "out"
    place.mkdir()
    killed = kleio("export", "--all", str(place / "f"), env={"KLEIO_FAILPOINT": "before_archive:kill"})
    assert killed.code == -signal.SIGKILL
    assert not (place / "f").exists()
    assert kleio("export", "--all", str(place / "f")).code == 0


@pytest.mark.kill
def test_copies_killed_at_random_moments_end_equal(kleio, other, journal_address):
    for epochs in ("2", "3"):
        assert kleio("python", "train.py", "--epochs", epochs).code == 0
    chance = random.Random(7)
    for _ in range(3):
        copying = kleio.background("copy", "--all", "--to", other)
        time.sleep(chance.uniform(0.2, 1.2))
        copying.end()
    done = kleio("copy", "--all", "--to", other)
    assert done.code == 0, done.words
    assert facts(other) == facts(journal_address)


STORES = Path(__file__).parents[1] / "assets" / "stores"


def test_runs_of_other_tools_become_trials_of_this_project(kleio):
    """Sacred, MLflow (both stores) and Guild; again, nothing; never run again by accident."""
    for tool, store, code in (
        ("sacred", "sacred", 75),
        ("mlflow", "mlruns", 75),
        ("mlflow", "mlflow.db", 75),
        ("guild", "guild", 0),
    ):
        done = kleio("import", tool, str(STORES / store))
        assert done.code == code, done.words
        assert len(done.out.splitlines()) == 2
        again = kleio("import", tool, str(STORES / store))
        assert (again.code, again.out) == (code, b"")
    listed = kleio("ls").out.decode()
    assert "[completed] guild run train.py kernel=rbf lr=0.1" in listed
    assert "[broken] python make_sacred.py with C=3.0 model.kernel=linear" in listed
    assert kleio("fsck", "--all").code == 0
    (trial,) = kleio.json(
        "ls", "--json", "--where", 'status == "completed" and config.lr == 0.1 and "train.py" in tags'
    )
    assert kleio.json("stats", "--json", trial["id"])
    assert kleio("artifacts", "cat", trial["id"], "weights.txt").out == b"lr=0.1\n"
    (trial,) = kleio.json("ls", "--json", "--where", 'status == "completed" and config.C == 1')
    assert "is a run of sacred, which kleio cannot continue" in kleio("exec", trial["id"]).refused()


@pytest.mark.parametrize("started", ["9" * 400, "9" * 40])
def test_a_run_with_an_odd_time_is_told_of_and_the_others_are_taken(kleio, tmp_path, started):
    store = shutil.copytree(STORES / "guild", tmp_path / "guild")
    damaged = next(path for path in store.glob("runs/*/.guild/attrs") if (path / "tags").exists())
    (damaged / "started").write_text(started)
    done = kleio("import", "guild", str(store))
    assert damaged.parts[-3] in done.refused()
    assert re.fullmatch("[0-9a-f]+ added\n", done.out.decode())
    assert [trial["status"] for trial in kleio.json("ls", "--json")] == ["completed"]


def test_what_makes_no_sense_is_refused_in_words(kleio):
    kleio("true")
    for words, code, part in (
        (("copy", "x"), 2, "copy where?"),
        (("copy", "--to", "sqlite:///nowhere/j.sqlite"), 2, "which trials?"),
        (("copy", "--all", "--from", "sqlite:///nowhere/j.sqlite"), 2, "there is no journal at"),
        (("export", "x"), 2, "which trials?"),
        (("export", "--all", "/nowhere/at/all"), 125, "cannot be written"),
        (("import", "no such file"), 125, "cannot be read: No such file"),
        (("import", "."), 125, "is a directory, not an archive"),
        (("import", "train.py"), 125, "it is not a zip file"),
        (("import", "mlflow"), 2, "where are the runs of mlflow?"),
        (("import", "wandb", "x"), 2, "one archive at a time, or the name of a tool and a path"),
        (("import", "guild", "."), 125, "holds no runs of Guild"),
    ):
        assert part in kleio(*words).refused(code)
    assert kleio("export", "--all", "-").out.startswith(b"PK")


def test_a_trial_is_renamed_and_what_people_added_goes_over(kleio, other, journal_address):
    trial = kleio("--name", "draft", "true").trial
    elsewhere = {"KLEIO_JOURNAL": other}
    copied = kleio("copy", trial, "--to", other)
    assert copied.out.decode() == f"{trial} added\n", copied.words
    assert kleio("name", "draft", "final").code == 0
    assert kleio("note", "final", "the good one").code == 0
    for form in (("--dry-run",), ()):
        again = kleio("copy", "final", "--to", other, *form)
        would = " would be" if form else ""
        assert again.out.decode() == f"{trial}{would} updated: 1 change of name, 1 note\n", again.words
    assert kleio("name", trial, env=elsewhere).out == b"final\n"
    assert "there already" in kleio("copy", "final", "--to", other).words
    assert kleio("name", "final", "--unset", env=elsewhere).code == 0
    assert kleio("copy", trial, "--from", other, "--to", journal_address).code == 0
    assert kleio("name", trial).out == b""
    assert "named final" in kleio("info", trial).words + kleio("info", trial).out.decode()
