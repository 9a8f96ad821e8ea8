from __future__ import annotations

import csv
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from harness.recorded import PROJECT, Recorder
from kleio.cli.commands.list import command
from kleio.trial.snapshot import Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FIELDS = [
    "argv", "artifacts", "attempts", "command", "created", "directory", "duration", "ended", "id", "name", "outcome",
    "parent", "progress", "project", "short_id", "started", "statistics", "status", "tags", "within",
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
    table = ["id       status  command", "3f9c2ab  [new]   " + "x" * 12 + "…"]
    assert kleio("ls", terminal=True).out.splitlines() == table
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


@pytest.fixture
def grid(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """Three runs of one script that differ in an option, and one of another."""
    monkeypatch.setenv("NO_COLOR", "1")
    for lr in (0.1, 0.01):
        trial = recorder.ended(
            "python", "train.py", "--lr", str(lr), configuration={"lr": lr, "epochs": 9}, tags=("g",)
        )
        summary = {"statistics": {"loss": {"count": 2, "first": 9.0, "last": lr * 10, "min": lr, "max": 9.0}}}
        recorder.journal.compare_and_set(trial, {}, {"summary": summary})
    recorder.new("x", name="other")
    return recorder


def test_titles_that_would_be_alike_are_whole_names(kleio: Any, recorder: Recorder) -> None:
    summary = {"statistics": {"lr": {"count": 1, "last": 0.5}}}
    trial = recorder.ended("x", configuration={"lr": 0.1, "n": 3})
    recorder.journal.compare_and_set(trial, {}, {"summary": summary})
    assert listed(kleio, "--columns", "config.lr,stats.lr,config.n")[0] == ["config.lr", "stats.lr", "n"]


def listed(kleio: Any, *options: str) -> list[list[str]]:
    """The cells of a table that is as wide as it likes, its head first."""
    said = kleio("ls", "--format", "table", *options)
    assert (said.code, said.err) == (0, "")
    head, *rows = said.out.splitlines()
    lines = [line.ljust(300) for line in (head, *rows)]
    blank = "".join(" " if all(line[place] == " " for line in lines) else "x" for place in range(300))
    cells = [match.span() for match in re.finditer(r"x+(?: x+)*", blank)]
    return [[line[start:end].strip() for start, end in cells] for line in lines]


def test_a_table_shows_the_options_that_differ_and_no_other(kleio: Any, grid: Recorder) -> None:
    table = listed(kleio)
    assert table[0] == ["id", "status", "name and tags", "started", "took", "lr", "command"]
    assert [row[1:3] + row[5:] for row in table[1:]] == [
        ["[new]", "other", "", "x"],
        ["[completed]", "#g", "0.01", "python train.py --lr 0.01"],
        ["[completed]", "#g", "0.1", "python train.py --lr 0.1"],
    ]


def test_columns_are_fields_chosen_and_added(kleio: Any, grid: Recorder) -> None:
    chosen = listed(kleio, "--columns", "id,stats.loss.min,config.lr,tags")
    assert [row[1:] for row in chosen] == [
        ["loss.min", "lr", "tags"],
        ["", "", ""],
        ["0.01", "0.01", "g"],
        ["0.1", "0.1", "g"],
    ]
    added = listed(kleio, "--columns", "+exit,stats.loss")
    assert added[0][-3:] == ["exit", "loss", "command"]
    assert added[2][-3:-1] == ["0", "0.1"]


@pytest.mark.parametrize(
    ("width", "head"),
    [
        (67, "id       status       started   lr  command"),
        (200, "id       status       name and tags  started      took    lr  command"),
        (40, "id       status       command"),
    ],
)
def test_a_narrow_terminal_does_without_columns_before_the_command_suffers(
    kleio: Any, grid: Recorder, monkeypatch: pytest.MonkeyPatch, width: int, head: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = kleio("ls", terminal=True).out.splitlines()
    assert lines[0].split() == head.split()
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize("columns", [(), ("+stats.loss,stats.epoch",), ("+exit,env.host",), ("id,name,tags,config",)])
def test_a_table_fits_its_width_whatever_columns_it_has(
    kleio: Any, grid: Recorder, monkeypatch: pytest.MonkeyPatch, columns: tuple[str, ...]
) -> None:
    words = ["--columns", *columns] if columns else []
    for width in (5, 12, 20, 33, 50, 66, 80, 100, 140, 300):
        monkeypatch.setenv("COLUMNS", str(width))
        assert max(map(len, kleio("ls", *words, terminal=True).out.splitlines())) <= width


def test_columns_that_were_asked_for_stay_before_the_usual_ones(
    kleio: Any, grid: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = kleio("ls", "--columns", "+stats.loss.max,exit,stats.loss.count", terminal=True)
    assert said.out.splitlines()[0].split() == "id status lr loss.max exit loss.count command".split()
    assert said.err == ""


def test_columns_that_were_asked_for_and_find_no_room_are_named(
    kleio: Any, grid: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    said = kleio("ls", "--columns", "+stats.loss.max,exit,stats.loss.count", terminal=True)
    assert said.out.splitlines()[0].split() == "id status loss.max exit command".split()
    assert said.err == "kleio: too narrow for: loss.count; --format csv has all\n"


def test_the_options_that_tell_the_rows_apart_stay_before_times_and_tags(
    kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    for lr, seed, size in ((1.5, 5, 16), (1.5, 5, 32), (0.1, 6, 16)):
        words = ("python", "train.py", "--lr", str(lr), "--seed", str(seed), "--batch-size", str(size))
        recorder.ended(*words, configuration={"lr": lr, "seed": seed, "batch-size": size}, tags=("grid",))
    head, *rows = kleio("ls", terminal=True).out.splitlines()
    assert {"lr", "seed", "batch-size"} <= set(head.split())
    assert len({row.partition("]")[2] for row in rows}) == 3


def test_options_that_few_trials_have_are_the_first_to_go(
    kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    for seed in range(4):
        words = ("python", "train.py", "--lr", "0.1", "--seed", str(seed))
        recorder.ended(*words, configuration={"lr": 0.1, "seed": seed})
    for script in ("exit 3", "kill -9 $$"):
        recorder.ended("sh", "-c", script, configuration={"c": script})
    for width, heads in ((80, "id status started took seed command"), (110, "id status started took seed c command")):
        monkeypatch.setenv("COLUMNS", str(width))
        assert kleio("ls", terminal=True).out.splitlines()[0].split() == heads.split()
    monkeypatch.setenv("COLUMNS", "80")
    assert "c" in kleio("ls", "--columns", "+config.c", terminal=True).out.splitlines()[0].split()


def test_names_and_tags_are_whole_where_there_is_room(
    kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    name, tags = "a rather long name of a trial, is it not", ("a-tag-of-some-length", "and-another-one")
    recorder.ended("python", "train.py", name=name, tags=tags)
    chosen = ("ls", "--columns", "id,name,tags")
    assert kleio(*chosen).out.splitlines()[1].endswith(f"{name}  {';'.join(tags)}")
    monkeypatch.setenv("COLUMNS", "200")
    assert kleio(*chosen, terminal=True).out.splitlines()[1].endswith(f"{name}  {';'.join(tags)}")
    assert f"{name} #{' #'.join(tags)}  " in kleio("ls", terminal=True).out


def test_names_and_tags_stand_before_the_command_where_they_have_no_column(
    kleio: Any, grid: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    _, new, *others = kleio("ls", terminal=True).out.splitlines()
    assert new.endswith("  other  x")
    assert [line.endswith("  #g  python train.py --lr …") for line in others] == [True, True]
    monkeypatch.setattr("kleio.cli.lists.forms.BLOCK", 2)
    assert kleio("ls", terminal=True).out.splitlines()[3].endswith("  #g  python train.py --lr …")


def test_a_list_without_a_column_that_says_something_has_the_ids(
    kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    trials = [recorder.new("x", configuration={"lr": 1}) for _ in range(2)]
    for terminal in (False, True):
        lines = kleio("ls", "--columns", "config", terminal=terminal).out.splitlines()
        assert lines == ["id", *(one[:7] for one in reversed(trials))]


def test_a_narrow_terminal_shows_the_step_without_its_pace(
    kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    here = {"host": os.uname().nodename, "pid": os.getpid()}
    trial = recorder.running("python", "train.py", "--epochs", "9", configuration={"epochs": 9}, holder=here)
    step = {"name": "epoch", "value": 3, "rate": 0.2}
    recorder.journal.compare_and_set(trial, {}, {"progress": {"attempt": 1, "step": step}})
    for width, words in ((80, "epoch 3/9, 12/min"), (70, "epoch 3/9  ")):
        monkeypatch.setenv("COLUMNS", str(width))
        assert words in kleio("ls", terminal=True).out


def test_words_begin_below_one_another_and_numbers_end_so(kleio: Any, recorder: Recorder) -> None:
    for optimizer, lr in (("sgd", 0.25), ("adam", 10)):
        recorder.new("x", configuration={"optimizer": optimizer, "lr": lr})
    lines = kleio("ls", "--columns", "config.optimizer,config.lr").out.splitlines()
    assert lines == ["optimizer    lr", "adam         10", "sgd        0.25"]


def test_a_column_of_a_settings_file_that_does_not_exist_is_told_with_its_place(
    kleio: Any, grid: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path("kleio.toml").absolute()
    path.write_text('output = "pipe"\ncolumns = ["id", "bogus"]\n')
    for words in (["--tree"], ["--columns", "+exit"], ["--format", "table"]):
        said = kleio("ls", *words)
        assert (said.code, said.err.splitlines()[0]) == (
            125, f"kleio: {path}, line 2: columns: there is no column 'bogus'"
        )  # fmt: skip
    for words in (["--columns", "id"], ["--json"], ["--format", "csv"], []):
        assert kleio("ls", *words).code == 0
    monkeypatch.setenv("KLEIO_COLUMNS", "id,boguss")
    assert kleio("ls", "--tree").err.startswith("kleio: KLEIO_COLUMNS: there is no column 'boguss'\n")
    assert kleio("ls", "--columns", "+nope").err.startswith("kleio: KLEIO_COLUMNS: there is no column 'boguss'\n")


def test_columns_are_kept_and_pipes_keep_their_form(kleio: Any, grid: Recorder, home: Path) -> None:
    plain = kleio("ls").out
    path = home / ".config/kleio/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('# mine\noutput = "pipe"\ncolumns = [\n  "id",\n  "exit",\n]\n\n[code]\nignore = ["x"]\n')
    assert kleio("ls", "--columns", "id,config.lr", "--save").err == f"kleio: these columns are kept in {path}\n"
    kept = '# mine\noutput = "pipe"\ncolumns = ["id", "config.lr"]\n\n[code]\nignore = ["x"]\n'
    assert path.read_text() == kept
    assert listed(kleio)[0] == ["id", "lr"]
    assert kleio("ls").out == plain
    assert kleio("ls", "--columns", "nope", "--save").code == 2
    assert path.read_text() == kept


def test_a_column_that_does_not_exist_is_named(kleio: Any, grid: Recorder) -> None:
    said = kleio("ls", "--columns", "id,sttatus")
    assert said.code == 2
    assert said.err.splitlines() == [
        "kleio: there is no column 'sttatus'",
        "kleio: hint: did you mean status or stats; a list also has label, progress, config",
    ]


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("stats.a b", 'stats."a b"'),
        ("stats.a b.max", 'stats."a b".max'),
        ("stats.é☃", 'stats."é☃"'),
        ("config.x.a b", 'config.x."a b"'),
    ],
)
def test_a_name_that_needs_quotation_marks_is_told_so_by_every_option(
    kleio: Any, grid: Recorder, name: str, advice: str
) -> None:
    for words in (["--columns", f"id,{name}"], ["--sort", name], ["--where", f"{name} > 1"]):
        said = kleio("ls", *words)
        assert (said.code, said.out) == (2, ""), words
        assert f"needs quotation marks: {advice}" in said.err, words
        assert kleio("ls", words[0], words[1].replace(name, advice)).code == 0


@pytest.mark.parametrize("name", ["config.", "stats"])
def test_a_column_without_its_name_is_asked_for_it(kleio: Any, grid: Recorder, name: str) -> None:
    said = kleio("ls", "--columns", f"id,{name},status")
    root = name.rstrip(".")
    assert said.err.splitlines() == [
        f"kleio: there is no column {name!r}",
        f"kleio: hint: {root} needs a name: {root}.NAME; a list also has label, progress, config",
    ]


@pytest.mark.parametrize(("title", "name"), [("took", "duration"), ("name and tags", "label")])
def test_a_title_that_is_no_name_of_a_column_names_it(kleio: Any, grid: Recorder, title: str, name: str) -> None:
    assert title in kleio("ls", "--columns", name).out
    said = kleio("ls", "--columns", title)
    assert (said.code, said.err) == (
        2,
        f"kleio: there is no column {title!r}\nkleio: hint: the column of this title is called {name}\n",
    )


@pytest.mark.parametrize("option", ["--sort", "--where"])
def test_a_title_that_is_no_field_names_it(kleio: Any, grid: Recorder, option: str) -> None:
    assert (
        "kleio: hint: did you mean duration?" in kleio("ls", option, "took > 3" if option == "--where" else "took").err
    )


def test_running_trials_show_how_far_they_are(kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    here = {"host": os.uname().nodename, "pid": os.getpid()}
    trial = recorder.running("python", "train.py", configuration={"epochs": 9}, holder=here)
    step = {"name": "epoch", "value": 3, "rate": 0.2}
    recorder.journal.compare_and_set(trial, {}, {"progress": {"attempt": 1, "step": step}})
    assert listed(kleio, "--columns", "status,progress")[1] == ["[running]", "epoch 3/9, 12/min"]


def test_branches_stand_below_what_they_come_from(kleio: Any, recorder: Recorder) -> None:
    root = recorder.new("root", trial_id=full("aaaaaaa1"))
    left = recorder.new("left", trial_id=full("bbbbbbb1"), refers={"parent": root})
    recorder.new("leaf", trial_id=full("ccccccc1"), refers={"parent": left})
    recorder.new("right", trial_id=full("ddddddd1"), refers={"parent": root})
    said = kleio("ls", "--tree", "--columns", "id,command").out.splitlines()
    assert [line.replace("  ", " ") for line in said[1:]] == [
        "aaaaaaa root".replace(" ", " " * 4), "├─ bbbbbbb   left", "│ └─ ccccccc leaf", "└─ ddddddd   right",
    ]  # fmt: skip


def test_a_spreadsheet_has_exact_values(kleio: Any, grid: Recorder) -> None:
    rows = list(csv.DictReader(kleio("ls", "--format", "csv").out.splitlines()))
    assert [row["stats.loss"] for row in rows] == ["", "0.1", "1.0"]
    assert [row["config.lr"] for row in rows] == ["", "0.01", "0.1"]
    assert (
        rows[1]["id"] == next(json.loads(kleio("ls", "--json", "-n", "1", "--tags", "g").out)["data"].__iter__())["id"]
    )
    assert rows[1]["started"] == "2023-11-14T23:15:33.000+01:00"
    chosen = kleio("ls", "--format", "csv", "--columns", "config.lr,stats.loss.max").out
    assert chosen == "config.lr,stats.loss.max\n,\n0.01,9.0\n0.1,9.0\n"


def test_a_spreadsheet_cannot_command_a_terminal(kleio: Any, recorder: Recorder) -> None:
    recorder.new("x", configuration={"a": "\x1b[2J"})
    words = ("ls", "--format", "csv", "--columns", "config.a")
    assert kleio(*words).out == "config.a\n\x1b[2J\n"
    assert kleio(*words, terminal=True).out == "config.a\n\\e[2J\n"


def test_json_of_chosen_columns_is_keyed_by_them(kleio: Any, grid: Recorder) -> None:
    data = json.loads(kleio("ls", "--json", "--columns", "name,config.lr", "--sort=-config.lr").out)["data"]
    assert data == [
        {"name": None, "config.lr": 0.1}, {"name": None, "config.lr": 0.01}, {"name": "other", "config.lr": None},
    ]  # fmt: skip


def test_programs_get_every_option_however_many_and_however_alike(kleio: Any, recorder: Recorder) -> None:
    for number in range(2):
        recorder.new("x", configuration={"same": 1, **{f"o{place:04}": place * number for place in range(1500)}})
    (one,) = json.loads(kleio("ls", "--json", "--columns", "id,config", "-n", "1").out)["data"]
    assert list(one)[:3] == ["id", "config.same", "config.o0000"]
    assert len(one) == 1502
    head, *rows = csv.reader(kleio("ls", "--format", "csv", "--columns", "config,id").out.splitlines())
    assert (head[0], head[-2:]) == ("config.same", ["config.o1499", "id"])
    assert [row[-2] for row in rows] == ["1499", "0"]
    whole = next(csv.reader(kleio("ls", "--format", "csv").out.splitlines()))
    assert whole[-1] == "config.o1499"


def test_an_option_that_only_a_later_trial_has_is_a_column(
    kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kleio.cli.terminal.spreadsheet.CELLS", 2)
    recorder.new("x", configuration={"late": 1})
    for number in range(3):
        recorder.new("x", configuration={"lr": number})
    rows = kleio("ls", "--format", "csv", "--columns", "config").out
    assert rows == "config.lr,config.late\n2,\n1,\n0,\n,1\n"


def test_filters_and_orders_are_those_of_the_language(kleio: Any, grid: Recorder) -> None:
    assert kleio("ls", "--where", "stats.loss.min < 0.05").out.split()[1:] == [
        "[completed]",
        "python",
        "train.py",
        "--lr",
        "0.01",
    ]
    assert [line.split()[-1] for line in kleio("ls", "--sort", "config.lr", "-n", "2").out.splitlines()] == [
        "0.01",
        "0.1",
    ]
    assert "^^^^" in kleio("ls", "--where", "loss < 1").err


def test_watching_needs_a_terminal(kleio: Any, grid: Recorder) -> None:
    said = kleio("ls", "--watch")
    assert (said.code, said.err.splitlines()[0]) == (2, "kleio: --watch needs a terminal")


def test_a_terminal_that_cannot_draw_is_not_drawn_on(
    kleio: Any, grid: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    said = kleio("ls", "--watch", terminal=True)
    assert (said.code, said.out, said.raw) == (2, "", b"")
    assert said.err.splitlines()[0] == "kleio: --watch needs a terminal that can draw, and TERM is dumb"


def test_a_list_longer_than_a_block_is_one_table(
    kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kleio.cli.lists.forms.BLOCK", 2)
    for number in range(5):
        recorder.new("x", str(number))
    assert [row[-1] for row in listed(kleio)] == ["command", "x 4", "x 3", "x 2", "x 1", "x 0"]


def test_a_journal_that_does_not_exist_is_told_so(kleio: Any, tmp_path: Path) -> None:
    path = tmp_path / "typo.sqlite"
    said = kleio("--journal", f"sqlite://{path}", "ls")
    assert said.err == f"kleio: no trial yet: there is no journal at {path}; the first `kleio COMMAND` makes it\n"
    assert not path.exists()


def test_a_column_that_is_added_twice_is_shown_once(kleio: Any, recorder: Recorder) -> None:
    recorder.ended("a")
    assert kleio("ls", "--save", "--columns", "+exit").code == 0
    head, _ = kleio("ls", "--columns", "+exit", "--format", "csv").out.splitlines()
    assert head.split(",").count("exit") == 1


def test_the_form_of_a_line_in_a_pipe_is_that_of_the_help(kleio: Any, grid: Recorder) -> None:
    told = " ".join((command.help or "").split())
    assert "Into a pipe, unless --columns, --tree or --format is given, each line is ID [STATUS] COMMAND" in told
    plain = kleio("ls", "--all").out.splitlines()[0]
    assert re.fullmatch(r"\w{7} \[new\] x", plain)
    for words in (["--columns", "id"], ["--tree"], ["--format", "table"]):
        assert kleio("ls", *words).out.splitlines()[0].startswith("id")


@pytest.mark.parametrize(
    "words", [("--sort", "-config.lrr"), ("--columns", "id,config.lrr"), ("--columns", "+config.lrr")]
)
def test_an_order_or_a_column_that_was_never_heard_of_is_said(
    kleio: Any, recorder: Recorder, words: tuple[str, str]
) -> None:
    trial = recorder.ended("a", configuration={"lr": 1})
    said = kleio("ls", *words)
    assert trial[:7] in said.out
    assert said.err == "kleio: none has the option lrr, did you mean config.lr?\n"
    assert kleio("ls", *(word.replace("lrr", "lr") for word in words)).err == ""


@pytest.mark.parametrize("field", ["", " ", "-", "+"])
def test_an_order_that_names_no_field_is_refused_as_other_empty_options_are(kleio: Any, field: str) -> None:
    said = kleio("ls", "--sort", field)
    assert said.code == 2
    assert said.err == (
        "kleio: Invalid value for '--sort': no field is named; without the option the newest come first\n"
        "kleio: hint: see `kleio ls --help`\n"
    )


def test_an_option_that_is_null_is_not_called_unheard_of(kleio: Any, recorder: Recorder) -> None:
    recorder.ended("a", configuration={"nul": None})
    assert kleio("ls", "--where", "config.nul == 1").err == "kleio: no trial fits\n"


def test_a_text_that_is_compared_with_a_number_is_told(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("a", configuration={"version": "1.2.3", "mixed": "1.2.3", "many": [1]})
    recorder.ended("b", configuration={"mixed": 7})
    recorder.journal.compare_and_set(trial, {}, {"environment": {"compared": {"python": "3.11.7"}, "recorded": {}}})
    for field, text in (("env.python", "3.11.7"), ("config.version", "1.2.3")):
        for comparison in ("> 3.1", "== 3", "in (3, 4)"):
            said = kleio("ls", "--where", f"{field} {comparison}").err
            assert said == f'kleio: no trial fits; {field} is text, such as "{text}", and no number\n', comparison
    for where in ("config.mixed > 9", "config.many > 9", 'config.version == "2"', "duration > 999"):
        assert kleio("ls", "--where", where).err == "kleio: no trial fits\n"


def test_a_statistic_that_filters_do_not_know_is_not_said_to_be_missing(kleio: Any, recorder: Recorder) -> None:
    summary = {"statistics": {f"m{at:04}": {"count": 1, "last": 1} for at in range(500)}, "more_names": True}
    recorder.journal.compare_and_set(recorder.ended("x"), {}, {"summary": summary})
    assert kleio("ls", "--where", "stats.m1400.last > 0").err == (
        "kleio: no trial fits; filters know the first 500 statistics of a trial, and m1400 is not among them\n"
    )


@pytest.mark.parametrize(
    ("where", "remark"),
    [
        ("stats.a.min == 3", 'none has the statistic a, did you mean stats."a.min"?'),
        ("stats.loss.mean < 1", "none has the statistic loss.mean; of loss there are first, last, min, max and count"),
        ('stats."my los" < 1', 'none has the statistic "my los", did you mean stats."my loss"?'),
        (
            'stats."my loss".mean < 1',
            'none has the statistic "my loss.mean"; of "my loss" there are first, last, min, max and count',
        ),
        ('stats."".mean < 1', 'none has the statistic ".mean"; of "" there are first, last, min, max and count'),
        (f"stats.{'n' * 201} == 1", "filters know no statistic whose name has more than 200 characters"),
        ("stats.nothing == 1", "none has the statistic nothing"),
    ],
)
def test_of_a_statistic_that_no_trial_has_it_is_said_what_there_is(
    kleio: Any, recorder: Recorder, where: str, remark: str
) -> None:
    names = ("a.min", "loss", "my loss", "")
    summary = {"statistics": {name: {"count": 1, "last": 3} for name in names}, "more_names": True}
    recorder.journal.compare_and_set(recorder.ended("x"), {}, {"summary": summary})
    assert kleio("ls", "--where", where).err == f"kleio: no trial fits; {remark}\n"
