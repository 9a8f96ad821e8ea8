from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from harness.recorded import PROJECT, Recorder
from kleio.trial.snapshot import Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FIELDS = [
    "argv", "artifacts", "attempts", "command", "created", "directory", "duration", "ended", "id", "name", "outcome",
    "parent", "project", "short_id", "started", "statistics", "status", "tags", "within",
]  # fmt: skip


def full(prefix: str) -> str:
    return prefix.ljust(64, "0")


def test_each_trial_is_one_line_newest_first(kleio: Any, recorder: Recorder) -> None:
    recorder.ended("python", "train.py", "--name", "a b", trial_id=full("3f9c2ab1"))
    recorder.ended("./s.sh", "\x1b]0;x\x07\n", word="broken", code=3, trial_id=full("4f9c2ab1"))
    said = kleio("ls")
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "4f9c2ab [broken] ./s.sh $'\\e]0;x\\x07\\n'\n3f9c2ab [completed] python train.py --name 'a b'\n"
    )
    assert kleio("list").out == said.out


def test_ids_that_begin_alike_are_shown_longer(kleio: Any, recorder: Recorder) -> None:
    for end in "ab":
        recorder.new("x", trial_id=full(f"3f9c2ab1{end}"))
    assert [line.split()[0] for line in kleio("ls").out.splitlines()] == ["3f9c2ab1b", "3f9c2ab1a"]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ([], ["c", "b", "a"]),
        (["--tags", "x"], ["b", "a"]),
        (["--tags", "x;y"], ["b"]),
        (["--tags", "x;zz"], []),
        (["--status", "new"], ["c"]),
        (["--status", "new", "--status", "broken"], ["c", "a"]),
        (["--limit", "1"], ["c"]),
        (["-n", "2"], ["c", "b"]),
    ],
)
def test_filters_narrow_the_list(kleio: Any, recorder: Recorder, options: list[str], names: list[str]) -> None:
    recorder.ended("a", word="broken", tags=("x",))
    recorder.ended("b", tags=("x", "y"))
    recorder.new("c")
    said = kleio("ls", *options)
    assert said.code == 0
    assert [line.split()[-1] for line in said.out.splitlines()] == names
    assert said.err == ("" if names else "kleio: no trial fits\n")


def test_inside_a_repository_its_own_trials_are_listed(
    kleio: Any, recorder: Recorder, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = subprocess.run(["git", "rev-parse", "HEAD"], cwd=repo, capture_output=True, text=True, check=True)
    recorder.new("other")
    recorder.new("own", project=Project(root.stdout.strip(), "r", str(repo), ""))
    monkeypatch.chdir(repo)
    assert [line.split()[-1] for line in kleio("ls").out.splitlines()] == ["own"]
    assert [line.split()[-1] for line in kleio("ls", "-a").out.splitlines()] == ["own", "other"]


def test_an_empty_list_says_where_it_looked(kleio: Any, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kleio("ls").err == f"kleio: no trial in {kleio.address} yet\n"
    monkeypatch.chdir(repo)
    assert kleio("ls").err == f"kleio: no trial of this project in {kleio.address}; `kleio ls -a` lists all\n"
    assert kleio("-q", "ls").err == ""
    assert kleio("ls").out == ""


def test_on_a_terminal_a_line_is_cut_to_its_width(
    kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder.new("x" * 100, trial_id=full("3f9c2ab1"))
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("NO_COLOR", "1")
    assert kleio("ls", terminal=True).out == "3f9c2ab [new] " + "x" * 15 + "…\n"
    monkeypatch.delenv("COLUMNS")
    assert kleio("ls").out == "3f9c2ab [new] " + "x" * 100 + "\n"


def test_json_has_stable_fields(kleio: Any, recorder: Recorder) -> None:
    recorder.ended("python", "a b", trial_id=full("3f9c2ab1"), tags=("t",), name="best")
    content = json.loads(kleio("ls", "--json").out)
    assert content["kleio"]["command"] == "ls"
    assert content["kleio"]["schema"] == 1
    (trial,) = content["data"]
    assert sorted(trial) == FIELDS
    assert trial["id"] == full("3f9c2ab1")
    assert trial["command"] == "python 'a b'"
    assert trial["argv"] == ["python", "a b"]
    assert trial["project"] == {"id": PROJECT.id, "name": "engine"}
    assert trial["outcome"] == {"code": 0, "signal": None, "why": "exit 0", "cause": None}
    assert trial["created"] == {"time": 1_700_000_060.0, "iso": "2023-11-14T23:14:20.000+01:00"}
    assert trial["duration"] == 10.0
    assert json.loads(kleio("ls", "--json", "--tags", "none").out)["data"] == []


@pytest.mark.parametrize("options", [["--status", "nope"], ["--limit", "0"], ["--limit", "x"], ["--nope"]])
def test_a_bad_option_is_a_usage_error(kleio: Any, options: list[str]) -> None:
    said = kleio("ls", *options)
    assert said.code == 2
    assert said.out == ""
    assert said.err.endswith("kleio: hint: see `kleio ls --help`\n")
