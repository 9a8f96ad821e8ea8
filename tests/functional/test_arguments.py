"""Every argument reaches the command byte for byte, whatever it looks like, and kleio takes none of them for itself."""

from __future__ import annotations

import json
import shlex

import pytest

AWKWARD = [
    "a b", "", '"q"', "it's", "k=v=w", "-0.5", "--lr", "-1e-3", "-lr", "1", "--x", "1", "-x", "--", "--flag=", "é☃",
    "n\nl", "{0}", "$HOME", "*", "--a.b", "2", "-u", "-", "b\\s", "--r", "1", "--r", "2", "--_z", "3", "--c--d", "4",
]  # fmt: skip
KLEIOS_WORDS = [
    "branch", "list", "ls", "run", "exec", "status", "cat", "-h", "--help", "-V", "--version", "--tags", "--capture",
    "--config", "--debug", "-v", "--allow-any-change", "--timestamp",
]  # fmt: skip
# Prints its arguments as bytes and, the first time, waits to be interrupted.
SHOW_AND_WAIT = """\
import os, sys, time
sys.stdout.write(repr([os.fsencode(word) for word in sys.argv[1:]]) + chr(10)); sys.stdout.flush()
time.sleep(0 if os.environ.get('QUICK') else 60)
"""


def test_arguments_arrive_byte_for_byte(kleio):
    """S03"""
    line = ("python", "args.py", *AWKWARD)
    done, bare = kleio(*line), kleio.bare(*line)
    assert done.code == 0, done.words
    assert done.out == bare.out
    assert json.loads(done.out) == AWKWARD


def test_arguments_are_shown_as_a_shell_reads_them(kleio):
    """S03: what ``ls`` and ``info`` show can be pasted."""
    line = ["python", "args.py", *AWKWARD]
    done = kleio(*line)
    (trial,) = kleio.json("ls", "--json")
    assert trial["argv"] == line
    pasted = kleio.bare("bash", "-c", f"printf '%s\\0' {trial['command']}").out
    assert pasted.decode().split("\0")[:-1] == line
    (shown,) = kleio("ls").out.decode().splitlines()
    assert shown == f"{done.trial} [completed] {trial['command']}"
    assert trial["command"] in kleio("info", done.trial).out.decode()


@pytest.mark.parametrize("select", [["run"], ["exec"]], ids=" ".join)
def test_arguments_survive_a_resume_by_id(kleio, repo, select):
    """S03: after an interruption the id alone runs the very same words, bytes that are no text among them."""
    (repo / "show.py").write_text(SHOW_AND_WAIT)
    words = [*AWKWARD, b"\xff\xfe".decode("utf-8", "surrogateescape")]
    first = kleio.part("python", "show.py", *words, after=b"\n")
    again = kleio(*select, first.trial, env={"QUICK": "1"})
    assert again.code == 0, again.words
    assert again.trial == first.trial
    assert again.out == first.out
    assert b"\\xff\\xfe" in again.out


@pytest.mark.parametrize("word", KLEIOS_WORDS)
@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
def test_words_of_kleio_behind_the_command_are_the_commands(kleio, word):
    """S04"""
    done = kleio("python", "args.py", word, "--mode", word)
    assert done.code == 0, done.words
    assert json.loads(done.out) == [word, "--mode", word]


def test_words_of_kleio_behind_the_command_are_recorded(kleio):
    """S04"""
    done = kleio("python", "args.py", *KLEIOS_WORDS)
    assert json.loads(done.out) == KLEIOS_WORDS
    (trial,) = kleio.json("ls", "--json")
    assert trial["argv"] == ["python", "args.py", *KLEIOS_WORDS]


def test_options_of_kleio_stand_before_the_command(kleio):
    done = kleio("--tags", "a;b", "run", "--name", "first", "python", "args.py", "--tags", "c")
    assert done.code == 0, done.words
    assert json.loads(done.out) == ["--tags", "c"]
    (trial,) = kleio.json("ls", "--json")
    assert sorted(trial["tags"]) == ["a", "b"]
    assert trial["name"] == "first"


def test_option_and_value_in_one_word_are_the_same_trial(kleio):
    """``--lr=1`` and ``--lr 1`` are one trial; the order of options makes another."""
    first = kleio("python", "args.py", "--lr=1", "--n", "2")
    assert first.trial in kleio("python", "args.py", "--lr", "1", "--n", "2").refused()
    other = kleio("python", "args.py", "--n", "2", "--lr", "1")
    assert other.code == 0, other.words
    assert other.trial != first.trial


ODD = [
    ("./s.sh a", 0, b"sh a\n"),
    ("./s.sh", 0, b"sh\n"),
    ("bash -c id", 0, b"uid="),
    ("-- ls -d .", 0, b".\n"),
    ("run -- ls -d ..", 0, b"..\n"),
    ("run ls -d /", 0, b"/\n"),
    ("env X=1 printenv X", 0, b"1\n"),
    ("python -m json.tool --help", 0, b"usage: "),
    ("python -u args.py x", 0, b'["x"]\n'),
]


@pytest.fixture
def odd(repo):
    """A script with an interpreter line."""
    (repo / "s.sh").write_text("#!/bin/sh\necho sh $1\n")
    (repo / "s.sh").chmod(0o755)
    return repo


def test_any_command_runs_as_in_a_shell(kleio, odd):
    """S41"""
    for line, code, out in ODD:
        done = kleio(*shlex.split(line))
        assert (done.code, done.out[: len(out)]) == (code, out), line
        assert kleio.status(done.trial) == "completed", line
    assert len(kleio("ls").out.splitlines()) == len(ODD)


@pytest.mark.parametrize(("word", "code"), [("nosuchcmd", 127), ("./args.py", 126), (".", 126), ("", 127)])
def test_command_that_cannot_run_leaves_no_trial(kleio, odd, word, code):
    """S41: 127 if it is not found, 126 if it is not executable."""
    words = kleio("--", word).refused(code)
    assert (word or "empty") in words
    assert kleio.ids() == []


def test_script_without_interpreter_line_is_given_to_sh(kleio, repo):
    (repo / "plain").write_text('echo "$0 $1"\n')
    (repo / "plain").chmod(0o755)
    done = kleio("./plain", "x")
    assert (done.code, done.out) == (0, b"./plain x\n"), done.words


def test_script_with_missing_interpreter_is_a_broken_trial(kleio, repo):
    (repo / "bad").write_text("#!/no/such/interpreter\n")
    (repo / "bad").chmod(0o755)
    done = kleio("./bad")
    assert done.code == 127, done.words
    assert "/no/such/interpreter" in done.words or "bad interpreter" in done.words
    assert kleio.status(done.trial) == "broken"


def test_command_runs_where_it_was_typed(kleio, repo, git):
    """S42: relative paths are relative to the user's directory, and kleio puts nothing into it."""
    sub = repo / "sub"
    sub.mkdir()
    (sub / "in.txt").write_text("1\n")
    done = kleio("bash", "-c", 'cat $1; pwd; echo "$1" $PWD; touch made', "-", "in.txt", cwd=sub, env={"PWD": str(sub)})
    assert done.code == 0, done.words
    assert done.out.decode().splitlines() == ["1", str(sub), f"in.txt {sub}"]
    assert sorted(path.name for path in sub.iterdir()) == ["in.txt", "made"]
    assert git("status", "--short", "--ignored") == "?? sub/\n"
    assert kleio.info(done.trial)["directory"] == "sub"


def test_same_command_in_another_clone_is_the_same_trial(kleio, repo, git, tmp_path):
    """S42: the refusal says where it runs."""
    git("clone", "-q", str(repo), "../r2")
    first = kleio.background("python", "hold.py", cwd=tmp_path / "r2")
    first.until_file(str(tmp_path / "r2" / "pid.txt"))
    words = kleio("python", "hold.py").refused(75)
    assert str(first.pid) in words
    (tmp_path / "r2" / "go").touch()
    assert first.wait().code == 0
    assert len(kleio.ids()) == 1


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
def test_a_name_that_looks_like_an_id_is_refused(kleio):
    trial = kleio("true").trial
    for line in (("run", "-n", trial, "true"), ("save", "-n", "0" * 64, "false"), ("rerun", "-n", trial, trial)):
        assert "cannot be a name: it looks like the id of a trial" in kleio(*line).refused(2)
    assert kleio("save", "-n", "decade", "false").code == 0
    assert len(kleio.ids()) == 2


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
def test_options_behind_the_id_of_a_trial_are_refused_with_the_line_that_was_meant(kleio):
    trial = kleio("true").trial
    words = kleio("run", trial, "--allow-any-change").refused(2)
    assert f"{trial} is a trial; kleio's options stand before it" in words
    assert f"kleio run --allow-any-change {trial}\n" in words
    assert f"kleio branch {trial} --lr 1" in kleio("run", trial, "--lr", "1").refused(2)
    assert "nothing-here: command not found" in kleio("run", "nothing-here", "--lr", "1").refused(127)
