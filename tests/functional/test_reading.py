"""Reading what was recorded: for people on a terminal, for programs, for whoever may only read."""

from __future__ import annotations

import json
import signal

import pytest

TRAIN = ("python", "train.py", "--epochs", "9")


@pytest.fixture
def two(kleio):
    """A tagged training run and a short one; their ids."""
    first = kleio("run", "--tags", "a;b", *TRAIN)
    second = kleio("python", "args.py", "x y")
    assert first.code == second.code == 0, first.words + second.words
    return first.trial, second.trial


def test_lists_show_one_line_each(kleio, two):
    """S48: short id, status, command as a shell would read it."""
    first, second = two
    shown = kleio("ls")
    assert shown.code == 0
    assert shown.out.decode().splitlines() == [
        f"{second} [completed] python args.py 'x y'",
        f"{first} [completed] python train.py --epochs 9",
    ]
    assert kleio("list").out == shown.out


def test_tags_filter_together(kleio, two):
    """S48: all of them must fit."""
    first, _ = two
    assert [line.split()[0] for line in kleio("ls", "--tags", "a").out.decode().splitlines()] == [first]
    assert [line.split()[0] for line in kleio("ls", "--tags", "a;b").out.decode().splitlines()] == [first]
    none = kleio("ls", "--tags", "a;zz")
    assert (none.code, none.out) == (0, b"")


def test_output_is_printed_whole_and_from_its_end(kleio, two):
    """S48"""
    first, _ = two
    whole = kleio("cat", first).out
    assert whole == b"".join(b"epoch %d lr 1\n" % number for number in range(1, 10))
    assert kleio("cat", "--stderr", first).out == whole
    assert kleio("tail", first).out == whole
    assert kleio("tail", "-n", "2", first).out == b"epoch 8 lr 1\nepoch 9 lr 1\n"
    assert kleio("tail", "-n", "0", first).out == b""


def test_info_tells_all(kleio, two, git):
    """S48"""
    first, _ = two
    shown = kleio("info", first).out.decode()
    host = kleio.bare("hostname").out.decode().strip()
    for word in ("completed", "python train.py --epochs 9", host, "a", "b", git("rev-parse", "HEAD")[:7], "epochs"):
        assert word in shown, word
    info = kleio.info(first)
    assert info["configuration"]["epochs"] == 9
    assert sorted(info["tags"]) == ["a", "b"]
    assert info["parent"] is None
    assert info["children"] == []
    assert info["artifacts"] == 9
    assert info["statistics"]["loss"]["count"] == 9


def test_trial_is_found_by_id_prefix_name_and_unique_tag(kleio):
    done = kleio("run", "--name", "first", "--tags", "only", "true")
    full = kleio.info(done.trial)["id"]
    for word in (full, full[:4], "first", "only"):
        assert kleio.info(word)["id"] == full


def test_a_name_that_another_trial_bears_is_warned_of_as_the_command_starts(kleio):
    first = kleio("run", "--name", "first", "true")
    second = kleio("run", "--name", "first", "true", "2")
    assert second.code == 0
    assert f"trial {first.trial} has that name, too" in " ".join(second.words.split())
    assert "that name" not in kleio("run", "--name", "other", "true", "3").words


def test_control_sequences_of_others_do_nothing_to_a_terminal(kleio):
    """A command, a tag or an output may hold what would rewrite the screen or its title."""
    evil = "\x1b]0;owned\x07\x1b[2J"
    done = kleio("run", "--tags", f"t{evil}", "printf", f"{evil}text")
    assert done.code == 0, done.words
    for reading in (("ls",), ("info", done.trial), ("cat", done.trial), ("tail", done.trial)):
        terminal = kleio.terminal(*reading)
        assert terminal.wait() == 0
        assert b"\x1b]0;" not in terminal.seen
        assert b"\x1b[2J" not in terminal.seen
    raw = kleio.terminal("cat", "--raw", done.trial)
    raw.wait()
    assert evil.encode() in raw.seen


def test_following_ends_with_the_trial(kleio, repo):
    """S49: every line once and in order, also those of before; the end is not waited for in vain."""
    started = kleio.background("python", "train.py", "--epochs", "6", "--sleep", ".5")
    started.until_output(b"epoch 2")
    following = kleio.background("tail", "-f", started.trial)
    following.until_output(b"epoch 3")
    assert started.wait().code == 0
    followed = following.wait()
    assert followed.code == 0, followed.words
    assert followed.out == b"".join(b"epoch %d lr 1\n" % number for number in range(1, 7))


def test_leaving_a_tail_leaves_the_trial_alone(kleio, repo):
    """S49: Ctrl-C, and a reader that goes away."""
    started = kleio.background("sh", "-c", "echo up; exec python hold.py")
    started.until_file()
    trial = started.trial
    following = kleio.background("tail", "-f", trial)
    following.until_output(b"up")
    following.interrupt()
    assert following.wait().status == 128 + signal.SIGINT
    assert "Traceback" not in following.wait().words
    assert kleio.status(trial) == "running"
    (repo / "go").touch()
    assert started.wait().code == 0


def test_reading_needs_no_input_and_no_terminal(kleio, two):
    from harness.command import program

    first, _ = two
    for words in (["ls"], ["info", first], ["cat", first], ["tail", first], ["tail", "-f", first]):
        closed = kleio.bare("bash", "-c", '"$@" <&-', "-", *program(), *words)
        assert (closed.code, closed.err) == (0, b""), words
        full = kleio.bare("bash", "-c", '"$@" >/dev/full', "-", *program(), *words)
        assert full.refused() == "kleio: stdout cannot be written: No space left on device\n", words


def test_unmanaged_script_prints_and_touches_nothing(kleio, repo, git):
    """S20: the same with the journal away."""
    for journal in (kleio.environment["KLEIO_JOURNAL"], "mongodb://127.0.0.1:9/nowhere"):
        before = sorted(path.name for path in repo.iterdir())
        done = kleio.bare("python", "train.py", "--epochs", "2", env={"KLEIO_JOURNAL": journal})
        assert (done.code, done.err) == (0, b""), done.words
        assert b"epoch 2 lr 1" in done.out.splitlines()
        assert b"loss=0.5" in done.out
        assert sorted(path.name for path in repo.iterdir()) == before
    assert git("status", "--short", "--ignored") == ""
    assert kleio.ids() == []


def test_unmanaged_script_leaves_no_file_in_the_home(kleio, home):
    kleio.bare("python", "train.py", "--epochs", "1")
    assert [path.name for path in home.iterdir()] == [".gitconfig"]


def test_json_is_one_envelope(kleio, two):
    for words in (["ls"], ["info", two[0]], ["db", "check"], ["config"]):
        done = kleio(*words, "--json")
        assert done.code == 0, done.words
        answer = json.loads(done.out)
        assert set(answer) == {"kleio", "data"}
        assert answer["kleio"]["command"] == " ".join(words[:2] if words[0] == "db" else words[:1])
