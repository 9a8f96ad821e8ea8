"""Branches: other options, a cut, allowed changes; the parent is never touched."""

from __future__ import annotations

import json

import pytest

LINE = ("python", "train.py", "--sleep", ".5")
LAST_EPOCH = {"START": "12"}


def words(result):
    return json.loads(result.out)


def test_branch_runs_with_other_options(kleio):
    """S22"""
    parent = kleio("python", "args.py", "p1", "--lr", "1", "--epochs", "3").trial
    before = kleio.info(parent)
    branch = kleio("branch", parent, "--lr", "2", "--new", "5")
    assert words(branch) == ["p1", "--lr", "2", "--epochs", "3", "--new", "5"]
    info = kleio.info(branch.trial)
    assert info["parent"] == before["id"]
    assert info["configuration"]["lr"] == 2
    assert kleio.info(parent) == {**before, "children": [info["id"]]} or kleio.info(parent)["status"] == "completed"
    shown = kleio("info", branch.trial).out.decode()
    assert "option lr: 1 -> 2\n" in shown
    assert "option new: (none) -> 5\n" in shown
    assert f"2  (before: 1 in {parent})\n" in shown
    again = kleio("branch", branch.trial, "--lr", "3").trial
    assert f"3  (before: 1 in {parent}, 2 in {branch.trial})\n" in kleio("info", again).out.decode()


def test_info_tells_what_changed_in_code_and_environment(kleio, repo):
    """S58"""
    parent = kleio.part(*LINE).trial
    with (repo / "train.py").open("a") as file:
        file.write("#x\n")
    branch = kleio("run", "--allow-any-change", *LINE, env={**LAST_EPOCH, "OMP_NUM_THREADS": "3"}).trial
    code, environment = kleio.info(branch)["changes"]
    assert (code["what"], code["lines"][0], code["lines"][-1].strip()) == ("code", "modified: train.py", "+#x")
    assert environment["lines"] == ["env.OMP_NUM_THREADS: (none) -> 3"]
    shown = kleio("info", branch).out.decode()
    assert "modified: train.py\n" in shown
    assert "+#x\n" in shown
    assert "env.OMP_NUM_THREADS: (none) -> 3\n" in shown
    assert f"shared up to attempt 1 of {parent}" in shown


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--xs", "4", "5"), "p1 --xs 4 5 --s 1 --flag --tag_name a --eq=1"),
        (("--s", "1", "2"), "p1 --xs 1 2 3 --s 1 2 --flag --tag_name a --eq=1"),
        (("--flag", "3"), "p1 --xs 1 2 3 --s 1 --flag 3 --tag_name a --eq=1"),
        (("--eq=2", "--tag-name", "b"), "p1 --xs 1 2 3 --s 1 --flag --tag_name a --eq=2 --tag-name b"),
        (("--timestamp", "3"), "p1 --xs 1 2 3 --s 1 --flag --tag_name a --eq=1 --timestamp 3"),
    ],
)
def test_every_word_of_a_branch_is_as_written(kleio, options, expected):
    """S23"""
    parent = kleio("python", "args.py", *"p1 --xs 1 2 3 --s 1 --flag --tag_name a --eq=1".split()).trial
    assert words(kleio("branch", parent, *options)) == expected.split()


def test_positional_arguments_cannot_be_updated(kleio):
    """S23"""
    parent = kleio("python", "args.py", "p1").trial
    assert "positional arguments cannot be updated" in kleio("branch", parent, "p2").refused(2)
    assert len(kleio.ids()) == 1


def test_branch_shares_what_was_logged_up_to_the_cut(kleio):
    """S24"""
    parent = kleio("python", "train.py", "--sleep", ".1").trial
    branch = kleio("branch", "--timestamp", "epoch=10", parent, "--lr", "2", env={"START": "11"})
    assert branch.code == 0, branch.words
    expected = [b"epoch %d lr 1" % epoch for epoch in range(1, 11)] + [b"epoch 11 lr 2", b"epoch 12 lr 2"]
    assert kleio("cat", branch.trial).out.splitlines() == expected
    assert len(kleio("cat", parent).out.splitlines()) == 12
    assert b" (epoch=10)\n" in kleio("info", branch.trial).out
    assert kleio.info(branch.trial)["cut"]["typed"] == "epoch=10"


@pytest.mark.parametrize("cut", ["epoch=99", "nokey=1", "2001-01-01", "yesterday"])
def test_cut_that_does_not_exist_is_refused(kleio, cut):
    """S24"""
    parent = kleio("python", "train.py", "--epochs", "2").trial
    assert parent in kleio("branch", "--timestamp", cut, parent, "--lr", "3").refused()
    assert len(kleio.ids()) == 1


def test_branch_of_a_branch_can_be_cut_in_the_inherited_part(kleio):
    first = kleio("python", "train.py", "--epochs", "4", "--sleep", ".1").trial
    second = kleio("branch", "--timestamp", "epoch=3", first, "--lr", "2", env={"START": "4"}).trial
    third = kleio("branch", "--timestamp", "epoch=2", second, "--lr", "3", env={"START": "3"})
    lines = [b"epoch 1 lr 1", b"epoch 2 lr 1", b"epoch 3 lr 3", b"epoch 4 lr 3"]
    assert kleio("cat", third.trial).out.splitlines() == lines
    assert kleio.info(third.trial)["parent"].startswith(second)


def test_same_branch_again_names_the_first(kleio):
    """S26"""
    parent = kleio("python", "args.py", "--lr", "1").trial
    branch = kleio("branch", parent, "--lr", "2").trial
    said = kleio("branch", parent, "--lr", "2").refused()
    assert f"kleio run {branch}" in said
    assert len(kleio.ids()) == 2


def test_of_identical_branches_at_once_one_runs(kleio, repo):
    """S26"""
    parent = kleio("python", "train.py", "--epochs", "1").trial
    started = [kleio.background("branch", parent, "--lr", "2") for _ in range(5)]
    codes = sorted(one.wait().code for one in started)
    assert codes[0] == 0
    assert all(code in (75, 125) for code in codes[1:])
    assert len(kleio.ids()) == 2


def test_registered_branch_waits_to_be_run(kleio):
    parent = kleio("python", "args.py", "--lr", "1").trial
    registered = kleio("branch", "--no-run", parent, "--lr", "2")
    assert registered.out == b""
    branch = next(trial for trial in kleio.ids() if not trial.startswith(parent))
    assert kleio.status(branch) == "new"
    assert words(kleio("run", branch)) == ["--lr", "2"]


def test_option_can_be_unset(kleio):
    parent = kleio("python", "args.py", "--lr", "1", "--x").trial
    assert words(kleio("branch", "--unset", "lr", parent)) == ["--x"]


def test_tags_are_inherited(kleio):
    parent = kleio("run", "--tags", "a;b", "python", "args.py").trial
    branch = kleio("branch", "--tag", "c", parent, "--x").trial
    assert kleio.info(branch)["tags"] == ["a", "b", "c"]


def commit(git, repo, name="train.py"):
    with (repo / name).open("a") as file:
        file.write("#x\n")
    git("commit", "-qam", "change", cwd=repo)


def test_code_change_is_refused_and_shown(kleio, repo, git):
    """S12"""
    first = kleio.part(*LINE)
    commit(git, repo)
    for line in (LINE, ("exec", first.trial)):
        said = kleio(*line).refused()
        assert "the code changed" in said
        assert "--allow-code-change" in said
        assert "+#x" in said
    assert len(kleio.ids()) == 1
    assert kleio.status(first.trial) == "suspended"


@pytest.mark.parametrize("by_id", [False, True], ids=["command", "id"])
@pytest.mark.parametrize("flag", ["--allow-code-change", "--allow-version-change", "--allow-any-change"])
def test_allowed_code_change_branches_and_both_go_on(kleio, repo, git, flag, by_id):
    """S13, S14"""
    first = kleio.part(*LINE).trial
    commit(git, repo)
    line = (first,) if by_id else LINE
    branch = kleio.part("run", flag, *line).trial
    assert branch != first
    assert kleio.info(branch)["parent"].startswith(first)
    assert kleio.status(first) == "suspended"
    assert kleio("cat", branch).out.startswith(kleio("cat", first).out)
    git("checkout", "-q", "HEAD~1", cwd=repo)
    again = kleio(*LINE, env=LAST_EPOCH)
    assert (again.code, again.trial) == (0, first), again.words
    git("checkout", "-q", "-", cwd=repo)
    continued = kleio("run", flag, *line, env=LAST_EPOCH)
    assert (continued.code, continued.trial) == (0, branch), continued.words
    assert [kleio.status(trial) for trial in (first, branch)] == ["completed", "completed"]
    assert len(kleio.ids()) == 2


def test_environment_change_is_refused_and_branches_when_allowed(kleio):
    """S15"""
    first = kleio.part(*LINE).trial
    changed = {"CLUSTER": "b", **LAST_EPOCH}
    said = kleio(*LINE, env=changed).refused()
    assert "env.CLUSTER" in said
    assert "--allow-env-change" in said
    kleio("run", "--allow-code-change", *LINE, env=changed).refused()
    branch = kleio("run", "--allow-env-change", *LINE, env=changed)
    assert branch.code == 0, branch.words
    assert kleio.info(branch.trial)["parent"].startswith(first)


def test_dirty_tree_is_its_content(kleio, repo, git):
    """S37: the clean tree is refused, the same difference resumes."""
    text = (repo / "train.py").read_text()
    (repo / "train.py").write_text(text + "#d\n")
    first = kleio.part(*LINE).trial
    (repo / "train.py").write_text(text)
    kleio(*LINE).refused()
    (repo / "train.py").write_text(text + "#d\n")
    again = kleio(*LINE, env=LAST_EPOCH)
    assert (again.code, again.trial) == (0, first), again.words
    git("commit", "-qam", "the same content", cwd=repo)
    assert "is completed" in kleio(*LINE).refused()


def test_results_left_behind_are_no_change_but_an_edited_helper_is(kleio, repo, git):
    """S38"""
    (repo / "helper.py").write_text("x = 1\n")
    (repo / "t.py").write_text("import helper, sys, time\nopen('out.txt', 'a').write('o')\nprint('on', flush=True)\n"
                               "time.sleep(30)\n")  # fmt: skip
    git("add", "t.py", cwd=repo)
    git("commit", "-qm", "t", cwd=repo)
    for _ in range(2):
        assert kleio.part("python", "t.py", after=b"on").status == 130
    (repo / "helper.py").write_text("x = 2\n")
    assert "helper.py" in kleio("python", "t.py").refused()


def test_every_stream_is_inherited_up_to_the_cut(kleio):
    """S24, S59: statistics and artifacts, for the reader and for the script itself."""
    parent = kleio("python", "train.py", "--epochs", "4").trial
    branch = kleio("branch", "--timestamp", "epoch=2", parent, "--lr", "2", env={"START": "3"}).trial
    statistics = kleio.json("stats", "--format", "json", branch)
    logged = [(row["values"]["epoch"], row["values"]["lr"]) for row in statistics]
    assert logged == [(1, "1"), (2, "1"), (3, "2"), (4, "2")]
    assert kleio("artifacts", "cat", branch, "weights", "epoch=2").out == b"w2-1\n"
    assert kleio("artifacts", "cat", branch, "weights", "epoch=3").out == b"w3-2\n"
    assert kleio("artifacts", "cat", parent, "weights", "epoch=3").out == b"w3-1\n"


def test_lists_show_of_a_branch_what_its_statistics_are(kleio):
    parent = kleio("python", "train.py", "--sleep", "0").trial
    branch = kleio("branch", "--timestamp", "epoch=10", parent, "--lr", "2", env={"START": "11"}).trial
    waiting, whole = (
        kleio("branch", "--no-run", *cut, parent, "--lr", lr).words.split()[-1]
        for cut, lr in ((("--timestamp", "epoch=3"), "3"), ((), "4"))
    )
    for trial, last in ((branch, 12), (waiting, 3), (whole, 12)):
        epochs = [point["values"]["epoch"] for point in kleio.json("stats", trial, "--json")]
        assert epochs == list(range(1, last + 1))
        assert kleio.info(trial)["statistics"]["epoch"] == {
            "count": last, "first": 1, "last": last, "min": 1, "max": last
        }  # fmt: skip
    found = kleio.json("ls", "--all", "--json", "--where", "stats.epoch.last == 3")
    assert [trial["id"][:7] for trial in found] == [waiting]
