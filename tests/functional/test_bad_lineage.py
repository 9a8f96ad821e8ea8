"""What cannot be done to a trial, and what nobody should have done to the journal: each is refused and named."""

from __future__ import annotations

import pytest

from kleio.journal.registry import open_journal


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
def test_a_circle_made_by_hand_stops_no_command(kleio):
    """Somebody edited the database: two trials are each other's parents."""
    parent = kleio("python", "train.py", "--epochs", "2").trial
    child = kleio("branch", "--timestamp", "epoch=1", parent, "--lr", "2", env={"START": "2"}).trial
    other = kleio("python", "args.py").trial
    journal = open_journal(kleio.environment["KLEIO_JOURNAL"])
    ids = {one[:7]: one for one in kleio.ids()}
    cut = {"trial": ids[child], "attempt": 1, "time": None, "output": None}
    assert journal.compare_and_set(ids[parent], {}, {"refers": {"parent": ids[child], "cut": cut}})
    journal.close()

    for line in (
        ("ls",), ("ls", "--tree"), ("status",), ("cure",), ("gc",), ("fsck", "--all"), ("tag", child, "x"),
        ("note", child, "odd"), ("info", child), ("info", "--json", child),
    ):  # fmt: skip
        done = kleio(*line)
        assert done.code == 0, (line, done.words)
    for line in (
        ("stats", child), ("cat", child), ("artifacts", "ls", child), ("diff", child, other),
        ("branch", "--timestamp", "last", child, "--lr", "3"),
    ):  # fmt: skip
        assert "leads in a circle" in kleio(*line).refused(), line
    assert kleio("rm", "--purge", "--recursive", parent).code == 0, "nobody comes first"
    assert all("no trial is called" in kleio("info", trial).refused() for trial in (parent, child))
    assert kleio("stats", other).code == 0
    assert len(kleio.ids()) == 1


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
class TestRefusals:
    def test_two_ids_where_one_is_wanted(self, kleio):
        ids = [kleio("true").trial, kleio("false").trial]
        for command, code in {"info": 2, "cat": 2, "stats": 2, "exec": 2, "run": 127}.items():
            done = kleio(command, *ids)
            done.refused(code)
            assert done.out == b""
        assert len(kleio.ids()) == 2

    def test_moves_that_are_not_in_the_table(self, kleio):
        completed = kleio("true").trial
        broken = kleio("false").trial
        kleio("save", "echo", "new")
        (new,) = [one[:7] for one in kleio.ids() if one[:7] not in (completed, broken)]
        for trial, status in ((completed, "completed"), (broken, "broken"), (new, "new")):
            for command in ("switchover", "acknowledge", "suspend", "kill"):
                if (status, command) in (("broken", "switchover"), ("broken", "acknowledge")):
                    continue
                words = kleio(command, trial).refused()
                assert f"trial {trial} is {status}" in words
                assert "hint: " in words
        assert sorted(one["status"] for one in kleio.json("ls", "--json")) == ["broken", "completed", "new"]

    def test_branches_of_what_is_not_there(self, kleio):
        parent = kleio("python", "train.py", "--epochs", "2").trial
        assert "no trial is called 'nope'" in kleio("branch", "nope", "--lr", "2").refused()
        for cut in ("epoch=0", "epoch=99", "nokey=1", "1970-01-01"):
            assert (
                f"trial {parent} has logged nothing at {cut}"
                in kleio("branch", "--timestamp", cut, parent, "--lr", "2").refused()
            )
        assert "positional" in kleio("branch", parent, "other").refused(2)
        assert len(kleio.ids()) == 1
