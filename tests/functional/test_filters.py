"""Filters on the command line, in both journals: what is found, counted and run, and what is said of a fault."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def runs(kleio):
    """Two training runs and a broken one; their ids."""
    long = kleio("run", "--tags", "baseline", "python", "train.py", "--epochs", "5", "--lr", "0.1")
    short = kleio("run", "--name", "quick", "python", "train.py", "--epochs", "2", "--lr", "1e-3")
    broken = kleio("python", "-c", "raise SystemExit(3)")
    assert (long.code, short.code, broken.code) == (0, 0, 3)
    return long.trial, short.trial, broken.trial


def ids(shown):
    assert shown.code == 0, shown.words
    return [line.split()[0] for line in shown.out.decode().splitlines()]


def test_trials_are_found_sorted_and_limited(kleio, runs):
    """S58"""
    long, short, broken = runs
    assert ids(kleio("ls", "--where", "config.lr > 0.01 and status == completed")) == [long]
    assert ids(kleio("ls", "--where", 'exit == 3 or name == "quick"')) == [broken, short]
    assert ids(kleio("ls", "--where", "stats.epoch.max >= 2", "--sort", "-stats.epoch.last")) == [long, short]
    assert ids(kleio("ls", "--sort", "config.lr", "-n", "2")) == [short, long]
    assert ids(kleio("ls", "--where", "'baseline' in tags and started > '1 hour ago'")) == [long]
    assert ids(kleio("ls", "--where", 'command matches "epochs [0-9]" and not config.epochs == 5')) == [short]


def test_descendants_are_found(kleio, runs):
    """S58"""
    long, _, _ = runs
    branch = kleio("branch", long, "--lr", "0.2").trial
    assert branch not in (None, long)
    assert ids(kleio("ls", "--where", f"descendant of {long}")) == [branch]
    assert ids(kleio("ls", "--where", f"ancestor of {branch} or parent == {long}")) == [branch, long]


def test_trials_are_counted_by_status_and_tag(kleio, runs):
    counted = json.loads(kleio("status", "--where", "config.lr < 1", "--json").out)["data"]
    assert (counted["total"], counted["statuses"]) == (2, {"completed": 2})
    assert counted["tags"] == {"baseline": {"total": 1, "statuses": {"completed": 1}}}
    assert kleio("status", "--short").out == b"3 trials: 1 broken, 2 completed\n"


def test_a_worker_runs_what_its_filter_admits(kleio, repo):
    for lr in ("0.1", "0.2"):
        assert kleio("save", "python", "train.py", "--epochs", "1", "--lr", lr).code == 0
    assert kleio("work", "--where", "config.lr > 0.15").code == 0
    assert kleio("status", "--short").out == b"2 trials: 1 new, 1 completed\n"


@pytest.mark.parametrize("command", ["ls", "status", "work"])
def test_a_fault_is_pointed_at_and_ends_with_2(kleio, repo, command):
    refused = kleio(command, "--where", "stat.loss < 1")
    assert refused.code == 2
    words = refused.err.decode()
    assert "there is no field stat.loss" in words
    assert "^^^^^^^^^" in words
    assert "did you mean stats.loss" in words
    assert "Traceback" not in words


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_name_that_no_trial_has_is_said_where_nothing_is_found(kleio, runs, form):
    for where, remark in (
        ("config.epoch == 5", "; none has the option epoch, did you mean config.epochs?"),
        ("stats.epoc.last < 1", "; none has the statistic epoc, did you mean stats.epoch?"),
        ("config.qqqq == 1 and config.lr > 0", "; none has the option qqqq"),
        ("config.epochs == 99", ""),
    ):
        found = kleio("ls", *form, "--where", where)
        assert (found.code, found.words) == (0, f"kleio: no trial fits{remark}\n"), found.words
