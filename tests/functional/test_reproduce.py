"""``kleio rerun`` and ``kleio verify``: a trial once more, on its own code, whatever the user's tree holds now."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

SCRIPT = """\
import io, os, random, sys
from kleio.client.logger import kleio_logger
print("in", os.getcwd())
sure, unsure = random.Random(1), random.Random()
for epoch in range(3):
    kleio_logger.log_statistic(epoch=epoch, loss=sure.random())
    if "--noisy" in sys.argv:
        kleio_logger.log_statistic(noise=unsure.random())
kleio_logger.log_artifact("model", io.BytesIO(unsure.randbytes(4) if "--noisy" in sys.argv else b"m"), epoch=3)
if "--noisy" in sys.argv:
    print("took", unsure.random())
open("left.txt", "w").write("left behind")
"""
WAIT = """\
import os, time
print("up", flush=True)
time.sleep(0 if os.environ.get("GO") else 600)
"""


@pytest.fixture
def script(repo, git):
    """A script that prints, logs and stores; the tree holds another one by the time it is run again."""
    (repo / "fit.py").write_text(SCRIPT)
    git("add", "-A")
    git("commit", "-qm", "fit")
    return repo / "fit.py"


def rooms(kleio):
    place = Path(kleio.environment["HOME"]) / ".local/share/kleio/checkouts"
    return sorted(place.iterdir()) if place.exists() else []


def test_a_configuration_file_outside_of_the_repository_is_there_again(kleio, repo):
    conf = repo.parent / "conf.yaml"
    conf.write_text("lr: 1\n")
    words = ["sh", "-c", "cat ../conf.yaml", "x", "--config", "../conf.yaml"]
    original = kleio(*words)
    again = kleio("rerun", original.trial)
    assert (again.code, again.out) == (0, b"lr: 1\n"), again.err
    place = repo.parent / "elsewhere" / "checkout"
    assert (
        b"../conf.yaml: this configuration file lies outside of the tree"
        in kleio("checkout", original.trial, place).err
    )
    assert not (repo.parent / "elsewhere/conf.yaml").exists()


def test_a_rerun_is_a_trial_of_its_own_on_the_recorded_code(kleio, repo, script):
    script.write_text(f"{SCRIPT}print('edited')\n")
    original = kleio("--tags", "a", "python", "fit.py")
    script.write_text("raise SystemExit('broken meanwhile')\n")
    again = kleio("rerun", original.trial, "--tags", "b")
    assert again.code == 0
    assert again.out.endswith(b"edited\n")
    assert again.trial != original.trial
    before, after = kleio.info(original.trial), kleio.info(again.trial)
    assert (after["parent"], after["tags"], after["status"]) == (before["id"], ["b"], "completed")
    assert after["code"]["digest"] == before["code"]["digest"]
    assert after["statistics"]["loss"] == before["statistics"]["loss"]
    assert before["attempts"] == 1
    assert rooms(kleio) == []
    assert script.read_text().startswith("raise")


def test_each_rerun_is_another_trial(kleio, repo, script):
    original = kleio("python", "fit.py").trial
    ids = {kleio("rerun", original).trial for _ in range(2)}
    assert len(ids | {original}) == 3


def test_the_exit_code_of_a_rerun_is_the_commands(kleio, repo):
    assert kleio("rerun", kleio("sh", "-c", "exit 7").trial).code == 7
    assert kleio("rerun", kleio("sh", "-c", "kill -TERM $$").trial).code == -signal.SIGTERM


def test_a_rerun_reads_stdin_and_keeps_its_checkout_when_asked(kleio, repo, script):
    original = kleio("sh", "-c", "cat >got; pwd").trial
    again = kleio("rerun", "--keep", original, stdin=b"typed")
    place = Path(again.out.decode().strip())
    assert f"the checkout stays in {place}" in again.words
    assert (place / "got").read_text() == "typed"
    assert (place / "fit.py").exists()
    kleio("rerun", original)
    assert place.exists()


def test_a_suspended_rerun_goes_on_in_its_checkout(kleio, repo):
    (repo / "wait.py").write_text(WAIT)
    original = kleio("python", "wait.py", env={"GO": "1"}).trial
    running = kleio.background("rerun", original)
    running.until_output(b"up")
    running.interrupt()
    ended = running.wait()
    assert f"go on there with: kleio run {ended.trial}" in ended.words
    place = Path(ended.words.split("the checkout stays in ")[1].splitlines()[0])
    again = kleio("run", ended.trial, cwd=place, env={"GO": "1"})
    assert (again.code, again.trial) == (0, ended.trial)


def test_a_command_with_secrets_is_not_run_where_nobody_can_be_asked(kleio):
    trial = kleio("python", "args.py", "--password", "hunter2secret").trial
    assert f"the command of trial {trial} holds secrets" in kleio("rerun", trial).refused()
    assert len(kleio.ids()) == 1


def test_code_that_cannot_be_restored_exactly_is_not_run(kleio, repo):
    with (repo / "args.py").open("a") as file:
        file.write("API_TOKEN = 'sk-abcdefghijklmnopqrstuvwxyz123456'\n")
    trial = kleio("python", "args.py", "a").trial
    kleio.bare("git", "checkout", "-q", ".")
    result = kleio("rerun", trial)
    assert result.code == 125
    assert "cannot be restored exactly: it is not run" in result.words
    assert "args.py: redacted" in result.words
    assert len(kleio.ids()) == 1


def test_a_command_that_names_the_users_tree_is_not_run(kleio, repo, script):
    trial = kleio("python", str(script)).trial
    assert "would still run that file, not the recorded one" in kleio("rerun", trial).refused()


def test_a_command_that_needs_an_ignored_file_gets_it_by_link(kleio, repo):
    (repo / "out").mkdir()
    (repo / "out/data").write_text("42")
    trial = kleio("head", "out/data").trial
    assert kleio("rerun", trial).code == 1
    assert kleio("rerun", "--link", "out", trial).out == b"42"


def test_a_deterministic_trial_is_reproduced(kleio, repo, script):
    trial = kleio("python", "fit.py").trial
    script.unlink()
    result = kleio("verify", trial)
    assert result.code == 0, result.words
    assert result.out.decode().splitlines()[-1].startswith(f"{trial} reproduced by trial ")
    [edit] = kleio.info(trial)["edits"]
    assert edit["kind"] == "verified"
    assert edit["text"].startswith("reproduced: exit, 2 statistics, 1 artifact, output (trial ")
    assert edit["content"]["reproduced"] is True
    assert "reproduced: exit" in kleio("info", trial).out.decode()
    assert rooms(kleio) == []


def test_what_differs_is_named(kleio, repo, script):
    trial = kleio("python", "fit.py", "--noisy").trial
    result = kleio("verify", "--json", trial)
    assert result.code == 1
    found = {(one["what"], one["name"]): one["agrees"] for one in json.loads(result.out)["data"]["findings"]}
    assert found == {
        ("exit", ""): True, ("statistic", "epoch"): True, ("statistic", "loss"): True, ("statistic", "noise"): False,
        ("artifact", "model"): False, ("output", "stdout"): False, ("output", "stderr"): True,
    }  # fmt: skip
    assert "not reproduced: statistic noise, artifact model, output stdout" in kleio("info", trial).out.decode()


BOTH = """\
import sys
print("out")
print("err", file=sys.stderr)
print("more" if len(sys.argv) == 1 else "\\n".join(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("recorded", "verified"), [("2>err.txt", "2>&1"), ("2>&1", "2>err.txt"), ("2>&1", "2>&1"), ("2>a.txt", "2>b.txt")]
)
def test_where_the_output_went_makes_no_difference(kleio, repo, git, recorded, verified):
    (repo / "both.py").write_text(BOTH)
    git("add", "-A")
    git("commit", "-qm", "both")
    kleio.bare("sh", "-c", f"kleio python both.py {recorded}")
    (trial,) = kleio.ids()
    result = kleio.bare("sh", "-c", f"kleio verify {trial} {verified}")
    assert result.code == 0, result.words
    findings = kleio.info(trial)["edits"][0]["content"]["findings"]
    outputs = {one["name"]: one["detail"] for one in findings if one["what"] == "output"}
    if recorded == "2>&1":
        assert outputs == {"stdout and stderr": "3 lines, equal; recorded as one stream"}
    else:
        assert outputs == {"stdout": "2 lines, equal", "stderr": "1 line, equal"}


CUT = """\
import sys
for epoch in range(3):
    print(f"epoch {epoch} ...", end="", flush=True)
    print(f"warning {epoch}", "second line", sep="\\n", file=sys.stderr, flush=True)
    print(f" done")
"""


def test_a_line_that_was_cut_by_one_of_the_other_stream_is_known_again(kleio, repo, git):
    (repo / "cut.py").write_text(CUT)
    git("add", "-A")
    git("commit", "-qm", "cut")
    kleio.bare("sh", "-c", "kleio python cut.py 2>&1")
    (trial,) = kleio.ids()
    assert kleio("cat", trial).out.startswith(b"epoch 0 ...warning 0\nsecond line\n done\n")
    assert kleio("verify", trial).code == 0
    assert "stdout and stderr recorded together" in kleio("info", trial).out.decode()


MOVED = """\
import os, sys
print("out", flush=True)
print("ERROR", file=sys.stderr if os.environ.get("GO") else sys.stdout)
"""


def test_a_line_that_comes_again_on_the_other_stream_is_not_the_same(kleio, repo, git):
    (repo / "moved.py").write_text(MOVED)
    git("add", "-A")
    git("commit", "-qm", "moved")
    trial = kleio("python", "moved.py").trial
    assert kleio("verify", trial, env={"GO": "1"}).code == 1
    assert "not reproduced: output stdout, output stderr (trial " in kleio("info", trial).out.decode()


AGAIN = """\
import io, sys, os, time
from kleio.client.logger import kleio_logger
print("in", os.getcwd(), *sys.argv[1:])
for epoch in range(2):
    kleio_logger.log_statistic(epoch=epoch)
kleio_logger.log_artifact("model", io.BytesIO(b"m"))
print("up", flush=True)
time.sleep(0 if os.environ.get("GO") else 600)
"""


def test_a_branch_that_began_again_is_reproduced(kleio, repo, git):
    (repo / "again.py").write_text(AGAIN)
    git("add", "-A")
    git("commit", "-qm", "again")
    go = {"GO": "1"}
    parent = kleio("python", "again.py", "--lr", "1", env=go).trial
    running = kleio.background("branch", parent, "--lr", "2")
    running.until_output(b"up")
    running.interrupt()
    branch = running.wait().trial
    assert kleio("run", branch, env=go).code == 0
    result = kleio("verify", "--json", branch, env=go)
    details = {one["name"]: one["detail"] for one in json.loads(result.out)["data"]["findings"]}
    assert result.code == 0, details
    assert details["epoch"] == "2 values, equal, in attempt 2, its last"
    assert details["stdout"] == "2 lines, equal, in attempt 2, its last"


def test_output_that_was_not_recorded_is_not_compared(kleio, repo, script):
    trial = kleio("run", "--output", "off", "python", "fit.py").trial
    result = kleio("verify", "--json", trial)
    assert result.code == 0, result.words
    found = {(one["what"], one["name"]): one for one in json.loads(result.out)["data"]["findings"]}
    for stream in ("stdout", "stderr"):
        assert found["output", stream]["agrees"] is None
        assert found["output", stream]["detail"] == "not recorded: it ran with --output off"
    assert found["statistic", "loss"]["agrees"] is True
    assert "reproduced: exit, 2 statistics, 1 artifact (trial " in kleio("info", trial).out.decode()
    assert "not recorded (--output off)" in kleio("info", trial).out.decode()


def test_a_line_that_is_other_is_found_in_output_that_was_recorded_as_one_stream(kleio, repo, git):
    (repo / "both.py").write_text(BOTH + "import os; print(os.getpid(), file=sys.stderr)\n")
    git("add", "-A")
    git("commit", "-qm", "both")
    kleio.bare("sh", "-c", "kleio python both.py 2>&1")
    (trial,) = kleio.ids()
    assert kleio("verify", trial).code == 1
    assert "not reproduced: output stdout and stderr (trial " in kleio("info", trial).out.decode()


def test_what_is_ignored_does_not_count(kleio, repo, script):
    trial = kleio("python", "fit.py", "--noisy").trial
    options = ("--ignore-statistic", "noi*", "--ignore-artifact", "model", "--ignore-line", "^took")
    assert kleio("verify", *options, trial).code == 0


def test_a_trial_without_a_result_is_not_verified(kleio, repo):
    kleio("save", "true")
    assert "has no result yet" in kleio("verify", kleio.ids()[0]).refused()


def test_a_pattern_that_is_none_is_refused(kleio, repo):
    trial = kleio("true").trial
    assert "is no regular expression" in kleio("verify", "--ignore-line", "(", trial).refused(2)


def test_an_isolated_worker_runs_each_trial_on_its_own_code(kleio, repo, script):
    """The tree holds other code now: a plain worker skips the trial, an isolated one runs it."""
    (repo / "wait.py").write_text(WAIT)
    running = kleio.background("python", "wait.py")
    running.until_output(b"up")
    running.interrupt()
    trial = running.wait().trial
    (repo / "wait.py").write_text("raise SystemExit(1)\n")
    plain = kleio("work", env={"GO": "1"})
    assert "0 trials run, 1 could not run here" in plain.words
    result = kleio("work", "--isolated", env={"GO": "1"})
    assert "worker: 1 trial run\n" in result.words
    assert kleio.status(trial) == "completed"
    assert rooms(kleio) == []


def test_an_isolated_worker_gives_new_trials_the_code_of_its_beginning(kleio, repo):
    """The first trial edits the user's tree; the second does not see it."""
    (repo / "show.py").write_text("print('as it was')\n")
    (repo / "sub").mkdir()
    kleio("save", "sh", "-c", f"echo 'print(1)' >{repo}/show.py; echo x >{repo}/new.py; pwd", cwd=repo / "sub")
    kleio("save", "python", "show.py")
    result = kleio("work", "--isolated")
    assert "2 trials run" in result.words, result.words
    assert b"as it was" in result.out
    assert result.out.decode().splitlines()[0].endswith("/r/sub")
    assert not result.out.decode().startswith(str(repo))


def test_an_isolated_worker_tells_what_it_cannot_restore_and_goes_on(kleio, repo):
    with (repo / "hold.py").open("a") as file:
        file.write("API_TOKEN = 'sk-abcdefghijklmnopqrstuvwxyz123456'\n")
    running = kleio.background("python", "hold.py")
    running.until_file("pid.txt")
    running.interrupt()
    trial = running.wait().trial
    kleio.bare("git", "checkout", "-q", ".")
    kleio("save", "true")
    result = kleio("work", "--isolated")
    assert f"the code of trial {trial} cannot be restored exactly" in result.words
    assert "worker: 1 trial run, 1 could not run here" in result.words


def test_isolation_outside_git_is_refused(kleio, tmp_path):
    assert "--isolated needs a git repository" in kleio("work", "--isolated", cwd=tmp_path).refused(2)


@pytest.mark.parametrize("isolated", [(), ("--isolated",)])
def test_a_worker_of_all_projects_runs_each_where_it_belongs(kleio, repo, git, tmp_path, isolated):
    other = tmp_path / "other"
    other.mkdir()
    git("init", "-q", cwd=other)
    (other / "x.py").write_text("import os; print(os.path.basename(os.getcwd()))\n")
    git("add", "-A", cwd=other)
    git("commit", "-qm", "x", cwd=other)
    kleio("save", "python", "args.py", "here")
    kleio("save", "python", "x.py", cwd=other)
    assert "worker: 1 trial run\n" in kleio("work", *isolated).words
    result = kleio("work", "--all", *isolated)
    assert ("worker: 1 trial run\n" in result.words, result.out) == (True, b"other\n")
