"""Kleio inside kleio: each command is a trial of its own, and the inner ones know the outer."""

from __future__ import annotations

import shlex

from harness.command import program

KLEIO = shlex.join(program())


def test_inner_trials_are_linked_to_the_outer_one(kleio, repo):
    (repo / "outer.sh").write_text(f"{KLEIO} python args.py one\n{KLEIO} sh inner.sh\n")
    (repo / "inner.sh").write_text(f"{KLEIO} python args.py two\n")
    outer = kleio("sh", "outer.sh")
    assert outer.code == 0, outer.words
    assert outer.out == b'["one"]\n["two"]\n'
    trials = {" ".join(trial["argv"]): trial for trial in kleio.json("ls", "--json")}
    assert len(trials) == 4
    assert all(trial["status"] == "completed" for trial in trials.values())
    within = {words: trial["within"] for words, trial in trials.items()}
    assert within["sh outer.sh"] is None
    assert within["python args.py one"] == within["sh inner.sh"] == trials["sh outer.sh"]["id"]
    assert within["python args.py two"] == trials["sh inner.sh"]["id"]
    assert kleio.info(trials["sh inner.sh"]["id"])["within_attempt"] == 1
    assert trials["sh outer.sh"]["short_id"] in kleio("info", trials["sh inner.sh"]["id"]).out.decode()


def test_outer_trial_records_what_the_inner_prints(kleio, repo):
    outer = kleio("sh", "-c", f"{KLEIO} sh -c 'echo inner; exit 5'; echo code $?")
    assert outer.out == b"inner\ncode 5\n"
    (inner,) = [trial for trial in kleio.json("ls", "--json") if trial["within"]]
    (around,) = [trial for trial in kleio.json("ls", "--json") if not trial["within"]]
    assert kleio("cat", inner["id"]).out == b"inner\n"
    assert kleio("cat", around["id"]).out == outer.out
    assert (inner["status"], around["status"]) == ("broken", "completed")


def test_statistics_belong_to_the_innermost(kleio, repo):
    kleio("-q", "sh", "-c", f"{KLEIO} -q python sort.py")
    counts = {bool(trial["within"]): len(trial["statistics"]) for trial in kleio.json("ls", "--json")}
    assert counts[True] == 3
    assert counts[False] == 0


def test_trial_cannot_run_inside_itself(kleio, repo):
    """The same command again would wait for itself: it is running, and refused."""
    (repo / "self.sh").write_text(f"echo once\n{KLEIO} sh self.sh\necho code $?\n")
    outer = kleio("sh", "self.sh")
    assert outer.out == b"once\ncode 75\n"
    assert "already running" in outer.words


def test_ctrl_c_ends_inner_and_outer(kleio, repo):
    started = kleio.background("sh", "-c", f"{KLEIO} python hold.py")
    started.until_file()
    started.interrupt()
    assert started.wait().status == 130
    assert {trial["status"] for trial in kleio.json("ls", "--json")} == {"suspended"}
    assert len((repo / "ran.log").read_text().split()) == 1
