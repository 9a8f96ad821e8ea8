"""A completed command is repeated as a trial of its own, which shares nothing with the original."""

from __future__ import annotations

import signal

import pytest

LINE = ("python", "train.py", "--epochs", "2")


def test_a_completed_run_is_repeated_under_a_new_tag(kleio):
    """S52"""
    first = kleio("--tags", "g", *LINE).trial
    before = kleio.info(first)
    words = kleio(*LINE).refused()
    assert "kleio run --repeat 2" in words
    assert kleio.info(first) == before
    assert "needs a tag" in kleio("save", "--branch-original", *LINE).refused(2)
    saved = kleio("save", "--branch-original", "--tags", "rep2", *LINE)
    assert (saved.code, saved.out) == (0, b""), saved.words
    assert "already registered with id: " in kleio("save", "--branch-original", "--tags", "rep2", *LINE).refused()
    (second,) = [one[:7] for one in kleio.ids() if not one.startswith(first)]
    assert kleio.json("stats", second, "--json") == []
    assert f"the start of {first}" in kleio("info", second).out.decode()

    assert kleio("run", "--tags", "rep2").code == 0
    info = kleio.info(second)
    assert (info["status"], info["parent"][:7], info["tags"]) == ("completed", first, ["g", "rep2"])
    assert kleio("cat", second).out == kleio("cat", first).out
    for reading in (("stats", "--json"), ("artifacts", "ls", "--json")):
        assert len(kleio.json(*reading[:-1], second, "--json")) == 2
    assert len(kleio.ids()) == 2


def test_what_was_never_run_is_not_repeated(kleio):
    assert "nothing to repeat" in kleio("save", "--branch-original", "--tags", "x", *LINE).refused()


def test_repeat_runs_so_many_trials_and_goes_on_where_it_was_stopped(kleio, repo):
    line = ("run", "--tags", "many", "--repeat", "3", "sh", "-c", "echo run; test ! -e stop || kill -INT 0")
    (repo / ".gitignore").write_text("stop\n")
    (repo / "stop").touch()
    stopped = kleio.background(*line).wait()
    assert stopped.status == 128 + signal.SIGINT
    assert stopped.out == b"run\n"
    (repo / "stop").unlink()
    done = kleio(*line)
    assert (done.code, done.out) == (0, b"run\n" * 3), done.words
    words = kleio(*line).refused()
    assert "all 3 trials of this command are completed" in words
    assert kleio("run", "--repeat", "4", *line[5:]).out == b"run\n"
    trials = kleio.json("ls", "--tags", "many", "--json")
    assert sorted(one["attempts"] for one in trials) == [1, 1, 1, 2]
    assert sorted(tag for one in trials for tag in one["tags"] if tag != "many") == ["repeat-2", "repeat-3", "repeat-4"]


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
def test_repeat_ends_with_the_first_that_breaks(kleio):
    done = kleio("run", "--repeat", "3", "sh", "-c", "exit 7")
    assert done.code == 7
    assert kleio("status", "--short").out == b"3 trials: 2 new, 1 broken\n"
    for number in ("0", "x", "-1", "99999", "٣"):
        kleio("run", "--repeat", number, "true").refused(2)
    kleio("exec", "--repeat", "2", "x").refused(2)
    kleio("run", "--repeat", "2").refused(2)
    kleio("run", "--offline", "--repeat", "2", "true").refused(2)


def test_a_repetition_with_other_code_than_the_original_is_refused_unless_allowed(kleio, repo):
    first = kleio("python", "train.py", "--epochs", "1").trial
    with (repo / "train.py").open("a") as file:
        file.write("print('changed')\n")
    line = ("--repeat", "2", "python", "train.py", "--epochs", "1")
    words = kleio("run", *line).refused()
    assert f"repeats trial {first}, but is not the same:" in words
    assert f"the code changed since trial {first} last ran:" in words
    assert "+print('changed')" in words
    assert "--allow-code-change" in words
    kleio("save", "--branch-original", "--tags", "other", *line[2:])
    nothing = kleio("work", "--tags", "other")
    assert "0 trials run, 1 could not run here" in nothing.words
    assert nothing.code == 125, "a worker that did nothing does not look done"
    done = kleio("run", "--allow-code-change", *line)
    assert done.code == 0, done.words
    assert b"changed" in done.out
    (repeated,) = [one["id"] for one in kleio.json("ls", "--tags", "repeat-2", "--json")]
    assert kleio.info(repeated)["status"] == "completed"
    assert kleio.info(repeated)["parent"][:7] == first
