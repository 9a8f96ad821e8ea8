from __future__ import annotations

import json

import pytest

from harness.recorded import Recorder
from kleio.analysis import comparison
from kleio.cli.commands import diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def test_a_table_has_a_column_for_each_trial(kleio: Any, recorder: Recorder) -> None:
    one, two, three = (recorder.ended("x", configuration={"lr": lr}) for lr in (1, 2, 2))
    said = kleio("diff", one, two, three)
    assert said.code == 1
    ids = f"{one[:7]}  {two[:7]}  {three[:7]}"
    assert said.out.endswith(f"\nConfiguration\n      {ids}\n  lr  1        2        2\n")


def test_an_option_without_characters_is_seen(kleio: Any, recorder: Recorder) -> None:
    one, two = (recorder.ended("x", configuration=options) for options in ({"tag": ""}, {}))
    assert kleio("diff", one, two).out.splitlines()[-1].split() == ["tag", "(empty)", "(none)"]
    assert "option tag: (empty) -> (none)" in kleio("why", one, two).out


def test_many_rows_are_counted_and_shown_on_demand(kleio: Any, recorder: Recorder) -> None:
    one, two = (recorder.ended("x", configuration={f"o{at}": value for at in range(20)}) for value in (1, 2))
    said = kleio("diff", one, two)
    assert "  and 5 more: --all shows them\n" in said.out
    assert "more:" not in kleio("diff", "-a", one, two).out


def test_two_sides_have_their_colours(kleio: Any, recorder: Recorder, monkeypatch: Any) -> None:
    one, two = (recorder.ended("x", configuration={"lr": value}) for value in (1, 2))
    monkeypatch.setenv("FORCE_COLOR", "1")
    said = kleio("diff", one, two)
    assert "\x1b[31m1" in said.out
    assert "\x1b[32m2" in said.out


def test_of_many_statistics_the_last_values_are_shown_first(kleio: Any, recorder: Recorder) -> None:
    ids = []
    for value in (1.0, 2.0):
        figures = {"first": value, "last": value, "min": value, "max": value, "count": value}
        made = recorder.ended("x")
        statistics = {f"s{at:02}": figures for at in range(14)}
        recorder.journal.compare_and_set(made, {}, {"summary": {"statistics": statistics}})
        ids.append(made)
    shown = [
        line.split()[0] for line in kleio("diff", *ids, "--only", "statistics").out.splitlines() if "  1  " in line
    ]
    assert shown == ["s00.last", "s00.min", *(f"s{at:02}.last" for at in range(1, 14))]


def test_a_command_that_stands_above_is_not_repeated(
    kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (recorder.ended("train.py", "--lr", str(lr), configuration={"lr": lr}) for lr in (1, 2))
    assert "argv" not in kleio("diff", one, two).out
    assert "argv  train.py --lr 1" in kleio("diff", "--all", one, two).out
    same = [recorder.ended("train.py", *words, configuration={"lr": 1}) for words in (("--lr", "1"), ("--lr=1",))]
    assert "argv  train.py --lr 1" in kleio("diff", *same).out
    monkeypatch.setenv("COLUMNS", "30")
    assert "argv" in kleio("diff", one, two, terminal=True).out


def test_what_a_trial_lacks_is_told_from_null(kleio: Any, recorder: Recorder) -> None:
    one, two = recorder.ended("x", configuration={"a": None}), recorder.ended("x", configuration={})
    assert "a  null" in kleio("diff", one, two).out
    assert "(none)" in kleio("diff", one, two).out
    (row,) = json.loads(kleio("diff", "--json", one, two).out)["data"]["sections"]["configuration"]
    assert row == {"name": "a", "values": [None, None], "present": [True, False]}


def test_a_branch_alone_is_compared_with_its_parent(kleio: Any, recorder: Recorder) -> None:
    cut = {"attempt": 1, "time": None}
    root = recorder.ended("x", configuration={"lr": 1})
    child = recorder.ended("x", configuration={"lr": 2}, refers={"parent": root, "cut": {"trial": root, **cut}})
    assert "lr  1        2" in kleio("diff", child).out
    orphan = recorder.ended("x", refers={"parent": "f" * 64, "cut": {"trial": "f" * 64, **cut}})
    assert "the parent of" in kleio("diff", orphan).err
    assert kleio("diff", root).code == 2


def test_trials_that_find_no_room_beside_the_others_stand_below(
    kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = []
    for value in range(6):
        figures = {"first": value / 3, "last": value / 7, "min": 0, "max": value * 1e6, "count": 9}
        made = recorder.ended("x", configuration={"lr": value, "note": f"a long note of the {value} th trial " * 3})
        summary = {"statistics": {"train/loss": figures, "validation/loss": figures}}
        recorder.journal.compare_and_set(made, {}, {"summary": summary})
        ids.append(made)
    wide = kleio("diff", *ids).out.splitlines()
    assert sum(one[:7] in line for line in wide for one in ids[-1:]) == 3
    for width in (30, 60, 80, 100):
        monkeypatch.setenv("COLUMNS", str(width))
        lines = kleio("diff", *ids).out.splitlines()
        assert max(map(len, lines)) <= width
    monkeypatch.setenv("COLUMNS", "80")
    lines = kleio("diff", *ids, "--only", "statistics").out.splitlines()[7:]
    assert [line.split() for line in lines if not line.startswith("  train") and not line.startswith("  valid")] == [
        ["Statistics"], [one[:7] for one in ids[:5]], [], [ids[5][:7]],
    ]  # fmt: skip
    assert {line.split()[0] for line in lines if line.startswith("  train")} >= {"train/loss.first", "train/loss.last"}


def test_two_trials_stand_beside_each_other_however_long_their_values(
    kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    one, two = (recorder.ended("x", configuration={"some/option/of/a/long/name": f"{at} " * 60}) for at in (1, 2))
    title = f"{one[:7]}"
    (line,) = [
        line for line in kleio("diff", one, two, "--only", "configuration").out.splitlines()[2:] if title in line
    ]
    assert line.split() == [one[:7], two[:7]]


def test_figures_that_are_not_kept_of_a_value_are_missing_and_not_null(kleio: Any, recorder: Recorder) -> None:
    ids = [recorder.ended("x"), recorder.ended("x")]
    for trial, figures in zip(ids, ({"count": 1, "last": 7}, {"count": 1}), strict=True):
        recorder.journal.compare_and_set(trial, {}, {"summary": {"statistics": {"n": figures}}})
    rows = [line.split() for line in kleio("diff", *ids).out.splitlines()]
    assert ["n.last", "7", "(none)"] in rows


def test_what_was_not_compared_is_told(kleio: Any, recorder: Recorder) -> None:
    ran, saved = recorder.ended("x"), recorder.new("x")
    said = kleio("diff", ran, saved)
    assert f"code, packages, environment, machine, output not compared: {saved[:7]} never ran" in said.err
    assert "output" in json.loads(kleio("diff", "--json", ran, saved).out)["data"]["uncompared"]


def test_what_could_not_be_compared_is_not_said_to_be_the_same(kleio: Any, recorder: Recorder) -> None:
    ran, saved = recorder.ended("x"), recorder.new("x")
    said = kleio("diff", "--only", "output", ran, saved)
    assert (said.code, said.out) == (125, "")
    assert f"output not compared: {saved[:7]} never ran" in said.err


def test_each_section_may_be_asked_for() -> None:
    """They are written down twice because the command line is read before anything of the comparison is imported."""
    assert diff.SECTIONS == comparison.SECTIONS


def test_of_several_trials_those_that_can_be_compared_are(kleio: Any, recorder: Recorder) -> None:
    made = [recorder.ended("x") for _ in range(3)]
    for trial, digest in zip(made, "ab", strict=False):
        code = {"kind": "script", "digest": digest, "script": "x.py"}
        recorder.journal.compare_and_set(trial, {}, {"code": code})
    said = kleio("diff", "--only", "code", *made)
    assert said.code == 1
    assert f"code not compared: nothing of the kind was recorded of {made[2][:7]}" in said.err
