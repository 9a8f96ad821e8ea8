"""What differs between trials, and why their results do."""

from __future__ import annotations

import pytest

HELPER = "def scale(x):\n    return x * 2\n"
SCRIPT = """\
import sys
from lib.helper import scale
from kleio.client.logger import kleio_logger as k
k.log_resource("data.csv")
for e in (1, 2, 3):
    k.log_statistic(epoch=e, loss=scale(float(sys.argv[2])) / e)
k.log_artifact("model", b"%f" % scale(float(sys.argv[2])))
"""


@pytest.fixture
def project(repo, git):
    (repo / "lib").mkdir()
    (repo / "lib" / "__init__.py").touch()
    (repo / "lib" / "helper.py").write_text(HELPER)
    (repo / "model.py").write_text(SCRIPT)
    (repo / "data.csv").write_text("1,2,3\n")
    git("add", "-A")
    git("commit", "-qm", "model")
    return repo


def rows(found, section):
    return {row["name"]: row["values"] for row in found["data"]["sections"][section]}


def json_of(done):
    import json

    return json.loads(done.out)


def test_only_what_differs_is_shown(kleio, project):
    one = kleio("python", "model.py", "--lr=1", "1").trial
    two = kleio("python", "model.py", "--lr=2", "1").trial
    same = kleio("diff", one, one)
    assert (same.code, same.out) == (0, b"")
    assert "nothing that was recorded differs" in same.words
    done = kleio("diff", one, two)
    assert done.code == 1
    text = done.out.decode()
    assert "--lr=1" in text
    assert "Configuration" in text
    for absent in ("Packages", "Code", "Statistics", "Artifacts", "Machine"):
        assert absent not in text
    found = json_of(kleio("diff", "--json", one, two))
    assert rows(found, "configuration") == {"lr": [1, 2]}
    assert found["data"]["same"] is False
    assert kleio("diff", "--only", "packages", one, two).code == 0


def test_code_is_compared_line_by_line_whatever_the_tree_holds_now(kleio, project, git):
    """Between a clean commit, a dirty tree with an untracked source, and a later commit."""
    one = kleio("python", "model.py", "x", "1").trial
    (project / "lib" / "helper.py").write_text(HELPER.replace("2", "3"))
    (project / "extra.py").write_text("EXTRA = 1\n")
    two = kleio("python", "model.py", "x", "2").trial
    git("checkout", "-q", "lib/helper.py")
    (project / "extra.py").unlink()
    (project / "model.py").write_text(SCRIPT + "print('done')\n")
    git("commit", "-qam", "later")
    three = kleio("python", "model.py", "x", "3").trial
    (project / "model.py").write_text("nothing of this matters\n")
    change, other = json_of(kleio("diff", "--json", one, two, three))["data"]["code"]
    assert [(file["path"], file["change"]) for file in change["files"]] == [
        ("extra.py", "added"), ("lib/helper.py", "modified"),
    ]  # fmt: skip
    assert change["files"][1]["hunks"][1:] == [" def scale(x):", "-    return x * 2", "+    return x * 3"]
    assert [file["path"] for file in other["files"]] == ["model.py"]
    shown = kleio("diff", two, three).out.decode()
    assert "-    return x * 3\n" in shown
    assert "deleted: extra.py" in shown
    assert "+print('done')\n" in shown
    brief = kleio("diff", "--stat", one, two, cwd=project.parent).out.decode()
    assert "lib/helper.py (+1 -1)" in brief
    assert "return" not in brief


def test_without_the_repository_what_was_kept_is_shown(kleio, project, tmp_path):
    """A patch against a commit that is nowhere to be had is the difference to that commit."""
    one = kleio("python", "model.py", "x", "1").trial
    (project / "lib" / "helper.py").write_text(HELPER.replace("2", "3"))
    (project / "extra.py").write_text("EXTRA = 1\n")
    (project / "data.csv").write_bytes(b"\0\1")
    two = kleio("python", "model.py", "x", "2").trial
    project.rename(tmp_path / "elsewhere")
    done = kleio("diff", "--json", one, two, cwd=tmp_path)
    assert done.code == 1, done.words
    (change,) = json_of(done)["data"]["code"]
    found = {file["path"]: file for file in change["files"]}
    assert {path: file["change"] for path, file in found.items()} == {
        "data.csv": "modified", "extra.py": "added", "lib/helper.py": "modified",
    }  # fmt: skip
    assert "+    return x * 3" in found["lib/helper.py"]["hunks"]
    assert found["extra.py"]["hunks"][-1] == "+EXTRA = 1"
    assert found["data.csv"]["note"] == "binary"
    assert "no repository here holds commit" in change["notes"][0]
    assert kleio("why", one, two, cwd=tmp_path).code == 0


def test_of_trials_of_two_projects_it_is_said_that_no_repository_holds_both_commits(kleio, project, tmp_path, git):
    one = kleio("python", "model.py", "x", "1").trial
    other = tmp_path / "other"
    other.mkdir()
    (other / "model.py").write_text("print(1)\n")
    git("init", "-q", cwd=other)
    git("add", "-A", cwd=other)
    git("commit", "-qm", "first", cwd=other)
    two = kleio("python", "model.py", "x", "1", cwd=other).trial
    for place in (project, other):
        (change,) = json_of(kleio("diff", "--json", one, two, cwd=place))["data"]["code"]
        (note,) = change["notes"]
        assert note.startswith(f"the trials are of two projects, {project.name} and other: no repository holds both")
        assert change["files"] == []


def test_script_outside_git_is_compared_too(kleio, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    for number in (1, 2):
        (outside / "s.py").write_text(f"print({number})\n")
        assert kleio("python", "s.py", str(number), cwd=outside).code == 0
    two, one = kleio.ids()
    assert b"-print(1)" in kleio("diff", one, two, cwd=outside).out


def test_causes_are_ranked(kleio, project, git):
    one = kleio("python", "model.py", "--lr", "1").trial
    (project / "lib" / "helper.py").write_text(HELPER.replace("2", "3"))
    (project / "data.csv").write_text("1,2,4\n")
    (project / "unused.py").write_text("x = 1\n")
    branched = kleio("run", "--allow-code-change", "python", "model.py", "--lr", "1")
    assert branched.code == 0, branched.words
    found = kleio.json("why", "--json", one, branched.trial)
    assert [(cause["kind"], cause["name"]) for cause in found["causes"]][:2] == [
        ("inputs", "data.csv"), ("code", "lib/helper.py"),
    ]  # fmt: skip
    assert found["causes"][1]["file"]["hunks"]
    likely = {cause["name"]: cause["likely"] for cause in found["causes"]}
    assert likely["unused.py"] is False
    assert "loss.last" in [row["name"] for row in found["results"]]
    shown = kleio("why", branched.trial).out.decode()
    assert shown.index("1. input data.csv has other bytes") < shown.index("2. lib/helper.py, which the command runs")
    assert "unused.py" not in shown


@pytest.mark.parametrize("words", [("diff",), ("why",), ("why", "{0}", "{0}", "{0}")])
def test_comparing_needs_trials(kleio, words):
    done = kleio("true").trial
    assert kleio(*(word.format(done) for word in words)).code == 2
    assert "is no branch: name the trial to compare it with" in kleio(words[0], done).refused(2)


def test_what_was_stored_does_nothing_to_a_terminal(kleio, project):
    evil = "\x1b]0;owned\x07"
    one = kleio("python", "model.py", "--lr", "1").trial
    (project / "lib" / "helper.py").write_text(HELPER + f"# {evil}\n")
    two = kleio("python", "model.py", f"--x={evil}", "1").trial
    for words in (("diff", one, two), ("why", one, two)):
        terminal = kleio.terminal(*words)
        terminal.wait()
        assert b"\x1b]0;" not in terminal.seen
        assert b"helper.py" in terminal.seen


def test_a_branch_and_its_parent_are_comparable(kleio, project):
    """S58: after a change of code, of an option and of the environment."""
    one = kleio("python", "model.py", "--lr", "1").trial
    (project / "lib" / "helper.py").write_text(HELPER.replace("2", "3"))
    two = kleio("run", "--allow-code-change", "python", "model.py", "--lr", "1").trial
    assert "lib/helper.py (+1 -1)" in kleio("diff", two).out.decode()
    assert "lib/helper.py" in kleio("info", two).out.decode()
    losses = [[point["values"]["loss"] for point in kleio.json("stats", each, "--json")] for each in (one, two)]
    assert losses[1][-3:] == [loss * 1.5 for loss in losses[0]]
    (project / "lib" / "helper.py").write_text(HELPER)
    third = kleio("run", "--allow-env-change", "python", "model.py", "--lr", "1", env={"CLUSTER": "c"})
    assert third.code == 0, third.words
    assert rows(json_of(kleio("diff", "--json", third.trial)), "environment") == {"env.CLUSTER": [None, "c"]}
