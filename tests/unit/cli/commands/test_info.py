from __future__ import annotations

import json
import os
import time

import pytest

from harness.recorded import Recorder
from kleio.cli.terminal.fitting import columns_of
from kleio.journal.contract import Segment
from kleio.spool.output import pack_times
from kleio.spool.records.reader import Record
from kleio.spool.records.segments import segment_of
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TRIAL = "3f9c2ab".ljust(64, "0")
CHANGES = {
    "code": {
        "kind": "git", "digest": "d" * 64, "commit": "c" * 40, "branch": "main", "remote": "host:/r", "dirty": True,
        "script": "train.py", "notes": ["unstable"],
    },
    "environment": {
        "digest": "e" * 64,
        "compared": {"python": "3.11.7", "packages": "digest", "env.CLUSTER": "c1"},
        "recorded": {"host": "engine", "user": "ada", "memory": 1 << 34, "variables": ["A", "B"], "gpus": []},
    },
    "summary": {
        "statistics": {"loss": {"first": 1.0, "last": 0.25, "min": 0.125, "max": 1.0, "count": 12}},
        "artifacts": 3,
        "output": {"stdout": 2048, "stderr": 0},
    },
}  # fmt: skip
WHOLE = """\
3f9c2ab [completed] engine
python train.py --lr 0.1

  id            3f9c2ab000000000000000000000000000000000000000000000000000000000
  name          best
  tags          a; b
  directory     /home/ada/engine
  outcome       exit 0
  submitted     2023-11-14 23:14:20 +0100
  started       2023-11-14 23:14:21 +0100
  ended         2023-11-14 23:14:32 +0100
  duration      10s in 1 attempt
  parent        aaaaaaa, shared up to attempt 3 of aaaaaaa, its end
  within        bbbbbbb, attempt 2
  child         4f9c2ab [new] child

Attempts
  #  status     started                    ran  by             end
  1  completed  2023-11-14 23:14:21 +0100  10s  ada@engine:42  exit 0

Configuration
  lr            0.1
  file          c.yaml (with its content)
  file.x        1
  flag          true

Statistics
  name  first  last    min  max  count
  loss      1  0.25  0.125    1     12

Recorded
  stdout        2 KiB
  stderr        0 B
  artifacts     3

Code
  commit        cccccccccccc, changed
  branch        main
  remote        host:/r
  script        train.py
  digest        dddddddddddd
  note          unstable

Machine
  peak memory   1 MiB

Environment
  host          engine
  user          ada
  python        3.11.7
  memory        16 GiB
  env.CLUSTER   c1
  packages      1 installed; --json lists them
  variables     the names of 2 more; --json lists them
"""


@pytest.fixture
def trial(recorder: Recorder) -> str:
    """A trial with all there can be."""
    made = recorder.new(
        "python", "train.py", "--lr", "0.1",
        trial_id=TRIAL, name="best", tags=("b", "a"),
        refers={"parent": "a" * 64, "cut": {"attempt": 3}}, within={"trial": "b" * 64, "attempt": 2},
        configuration={"lr": 0.1, "file": {"file": "c.yaml", "content": {"x": 1}}, "flag": True},
    )  # fmt: skip
    recorder.reserve(made, started={"time": 1_700_000_061.0, "offset": 3600}, **CHANGES)
    recorder.move(made, status.RUNNING)
    recorder.end(made)
    details = Record(0, "capture", 0.0, {"type": "environment", "packages": {"numpy": "2.0"}}, 0, 0)
    recorder.journal.append([segment_of(made, 1, "front", "capture", [details])])
    recorder.new("child", trial_id="4f9c2ab".ljust(64, "0"), refers={"parent": made, "cut": {"attempt": 1}})
    return made


@pytest.mark.parametrize("words", [("3f9",), ("best",), ("a",)])
def test_everything_is_shown_at_a_glance(kleio: Any, trial: str, words: tuple[str, ...]) -> None:
    said = kleio("info", *words)
    assert (said.code, said.err) == (0, "")
    assert said.out == WHOLE


def test_on_a_terminal_it_is_coloured_and_fits(kleio: Any, trial: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    assert all(columns_of(line) <= 80 for line in kleio("info", trial, terminal=True).out.splitlines())
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b[1;32m[completed]\x1b[0m" in kleio("info", trial, terminal=True).out


@pytest.mark.parametrize("words", [("--json", TRIAL), (TRIAL, "--json")])
def test_json_may_stand_before_or_after_the_id(kleio: Any, trial: str, words: tuple[str, ...]) -> None:
    data = json.loads(kleio("info", *words).out)["data"]
    assert data["id"] == trial
    assert data["parent"] == "a" * 64
    assert data["cut"] == {"attempt": 3, "typed": None}
    assert data["within"] == "b" * 64
    assert data["children"] == ["4f9c2ab".ljust(64, "0")]
    assert data["output"] == {"stdout": 2048, "stderr": 0}
    assert data["environment"]["packages"] == {"numpy": "2.0"}
    assert data["configuration"]["file"] == {"file": "c.yaml", "content": {"x": 1}}
    (attempt,) = data["history"]
    assert sorted(attempt) == [
        "attempt", "capture", "cwd", "duration", "ended", "events", "host", "outcome", "pid", "started", "status",
        "usage", "user",
    ]  # fmt: skip
    assert [event["status"] for event in attempt["events"]] == ["reserved", "running", "completed"]


def test_a_trial_that_nobody_has_run_has_little_to_show(kleio: Any, recorder: Recorder) -> None:
    recorder.new("true", trial_id=TRIAL)
    said = kleio("info", TRIAL)
    assert said.code == 0
    assert "Attempts" not in said.out
    assert "Code" not in said.out


def test_of_a_running_trial_the_holder_and_the_time_so_far_are_shown(kleio: Any, recorder: Recorder) -> None:
    recorder.clock.jump(time.time() - recorder.clock.wall() - 60 - 7230)
    trial = recorder.running("true", holder={"user": "ada", "host": "elsewhere", "pid": 7, "lease": 120.0})
    recorder.journal.append([Segment(trial, 1, "stdout", "output", 0, 9, {
        "data": b"0123456789", "encoding": "raw", "size": 10, "hole": 0, "times": pack_times([])})])  # fmt: skip
    out = kleio("info", trial).out
    assert "  held by       ada@elsewhere, process 7\n" in out
    assert "  duration      2h so far, in 1 attempt\n" in out
    assert "  stdout        10 B\n" in out


def test_hostile_text_cannot_command_the_terminal(kleio: Any, recorder: Recorder) -> None:
    evil = "\x1b]0;x\x07\u202e"
    trial = recorder.ended(evil, name=evil, tags=(evil,), configuration={evil: evil, "l": [evil]})
    out = kleio("info", trial, terminal=True).out
    assert "\x1b]" not in out
    assert "\x07" not in out
    assert "\u202e" not in out


@pytest.mark.parametrize(
    ("word", "message"),
    [("", "kleio: an empty word names no trial\n"), ("0000000", "kleio: no trial is called '0000000'\n")],
)
def test_what_names_no_trial_is_refused(kleio: Any, trial: str, word: str, message: str) -> None:
    said = kleio("info", word)
    assert (said.code, said.out) == (125, "")
    assert said.err == message + "kleio: hint: `kleio ls` shows the trials\n"


def test_an_ambiguous_word_lists_the_candidates(kleio: Any, recorder: Recorder) -> None:
    for end in "ab":
        recorder.new("run", end, trial_id=f"3f9{end}".ljust(64, "0"))
    said = kleio("info", "3f9")
    assert said.code == 125
    assert said.err == (
        "kleio: '3f9' fits 2 trials:\n"
        "kleio:   3f9b000 [new] run b\n"
        "kleio:   3f9a000 [new] run a\n"
        "kleio: hint: type more characters of the id\n"
    )


def test_a_missing_id_is_a_usage_error(kleio: Any) -> None:
    assert kleio("info").code == 2


def test_samples_and_inputs_are_summed_up(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    first = {"cpu": 50.0, "memory": 1 << 20, "threads": 2, "read": 10, "written": 1 << 10}
    recorder.wrote(trial, "metrics", first, {**first, "cpu": 150.0, "memory": 3 << 20, "read": 20})
    body = {"name": "train.csv", "kind": "file", "sha256": "d" * 64, "bytes": 2048, "metadata": {}}
    recorder.wrote(trial, "resources", body, {"name": "s3://x", "kind": "name", "metadata": {}})
    shown = [" ".join(line.split()) for line in kleio("info", trial).out.splitlines()]
    for line in (
        "cpu 100 % on average, 150 % at most", "memory 2 MiB on average, 3 MiB at most",
        "threads 2", "read 20 B", "written 1 KiB", "train.csv 2 KiB, dddddddddddd",
        "s3://x not read",
    ):  # fmt: skip
        assert line in shown
    data = json.loads(kleio("info", "--json", trial).out)["data"]
    assert data["metrics"]["cpu"] == {"mean": 100.0, "max": 150.0}
    assert data["metrics"]["read"] == {"total": 20}
    assert [one["digest"] for one in data["resources"]] == ["d" * 64, None]


def test_the_commit_leads_to_its_page(kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    made = recorder.new("x")
    recorder.reserve(
        made, code={"kind": "git", "commit": "c" * 40, "remote": "git@github.com:ada/r.git", "digest": "d"}
    )
    page = "https://github.com/ada/r/commit/" + "c" * 40
    assert f"page          {page}" in kleio("info", made).out
    assert json.loads(kleio("info", "--json", made).out)["data"]["code_page"] == page
    seen = kleio("info", made, terminal=True).out
    assert f"\x1b]8;;{page}\x1b\\{'c' * 12}\x1b]8;;\x1b\\" in seen
    assert "page  " not in seen
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b]8" not in kleio("info", made, terminal=True).out


def test_a_branch_shows_what_it_changed_as_a_difference(
    kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = {
        "what": "code", "from": {"commit": "c" * 40}, "to": {"commit": "c" * 40},
        "lines": ["modified: train.py", "    @@ -1,2 +1,2 @@", "     if a:", "    -    b", "    +    \x1b[2Jc"],
    }  # fmt: skip
    changes = [code, {"what": "option", "name": "lr", "from": 1, "to": 2}]
    made = recorder.new("x", refers={"parent": "a" * 64, "cut": {"attempt": 1}}, changes=changes)
    lines = kleio("info", made).out.splitlines()
    start = lines.index("Changes since aaaaaaa")
    assert lines[start + 1 : lines.index("", start)] == [
        "  code: cccccccccccc",
        "    modified: train.py",
        "        @@ -1,2 +1,2 @@",
        "         if a:",
        "        -    b",
        "        +    \\e[2Jc",
        "  option lr: 1 -> 2",
    ]
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31m    -    b\x1b[0m" in kleio("info", made).out


def test_options_come_before_words_without_one(kleio: Any, recorder: Recorder) -> None:
    made = recorder.new("x", configuration={"_pos_0": "python", "_pos_1": "train.py", "lr": 0.1})
    sections = {part.splitlines()[0]: part for part in kleio("info", made).out.split("\n\n")}
    assert [line.split()[0] for line in sections["Configuration"].splitlines()[1:]] == ["lr", "_pos_0", "_pos_1"]


def test_notes_and_edits_have_their_own_place(kleio: Any, recorder: Recorder) -> None:
    made = recorder.new("x")
    kleio("note", made, "why not")
    kleio("tag", made, "good")
    sections = {part.splitlines()[0]: part for part in kleio("info", made).out.split("\n\n")}
    assert sections["Notes"].splitlines()[-1].endswith("why not")
    assert sections["Edits"].splitlines()[-1].endswith("+good")


def test_a_running_trial_says_how_far_it_is(kleio: Any, recorder: Recorder) -> None:
    here = {"host": os.uname().nodename, "pid": os.getpid()}
    made = recorder.running("x", holder=here)
    told = {
        "attempt": 1,
        "step": {"name": "step", "value": 120, "rate": 2.0},
        "metrics": {},
        "output": None,
        "time": 1.0,
    }
    recorder.journal.compare_and_set(made, {}, {"progress": told})
    assert "  progress      step 120, 2/s\n" in kleio("info", made).out
    assert json.loads(kleio("ls", "--json").out)["data"][0]["progress"]["step"] == told["step"]


def test_what_a_trial_was_imported_from_is_told_to_programs_too(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    origin = {"tool": "mlflow", "id": "7", "experiment": None, "path": "/runs"}
    assert json.loads(kleio("info", "--json", trial).out)["data"]["imported"] is None
    recorder.journal.compare_and_set(trial, {}, {"imported": origin})
    assert json.loads(kleio("info", "--json", trial).out)["data"]["imported"] == origin


@pytest.mark.parametrize("statistics", [{"loss": {"count": 1, "last": 2}}, {}])
def test_names_that_are_not_summed_up_are_told_of(kleio: Any, recorder: Recorder, statistics: dict[str, Any]) -> None:
    trial = recorder.ended("x")
    recorder.journal.compare_and_set(trial, {}, {"summary": {"statistics": statistics, "more_names": True}})
    lines = kleio("info", trial).out.splitlines()
    said = "and more" if statistics else "by long names"
    assert f"  {said}: kleio stats {trial[:7]}" in lines
    assert lines.count("Statistics") == 1
