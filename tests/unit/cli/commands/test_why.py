from __future__ import annotations

import json

import pytest

from harness.recorded import Recorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def made(recorder: Recorder, last: float, word: str = "completed", **configuration: Any) -> str:
    trial = recorder.ended("train", word=word, configuration=configuration)
    loss = {"first": 9.0, "last": last, "min": last, "max": 9.0, "count": 3}
    recorder.journal.compare_and_set(trial, {}, {"summary": {"statistics": {"loss": loss}}})
    return trial


@pytest.mark.parametrize(
    ("configuration", "inputs", "words"),
    [
        ({}, False, ["no option is called a seed", "no input was named: log_resource(FILE)"]),
        ({"seed": 3}, True, ["the same seed (seed = 3)", "the inputs that were named are the same; are there others?"]),
    ],
)
def test_chance_is_named_if_nothing_recorded_differs(
    kleio: Any, recorder: Recorder, configuration: dict[str, int], inputs: bool, words: list[str]
) -> None:
    trials = [made(recorder, last, **configuration) for last in (0.5, 0.25)]
    for trial in trials if inputs else ():
        recorder.wrote(trial, "resources", {"name": "data", "sha256": "d", "bytes": 3, "kind": "file"})
    said = kleio("why", *trials)
    assert said.code == 0, said.err
    assert (
        "Nothing else that was recorded differs. What is left is chance, or an input that was not recorded:" in said.out
    )
    for word in words:
        assert word in said.out
    found = json.loads(kleio("why", "--json", *trials).out)["data"]
    assert (found["chance"], found["causes"], found["seeds"]) == (True, [], configuration)


def test_the_head_says_which_trial_is_which_command(kleio: Any, recorder: Recorder) -> None:
    one = recorder.ended("train", "--lr", "1")
    two = recorder.ended("train", "--lr", "2", word="broken")
    heads = [f"{one[:7]} [completed] train --lr 1", f"{two[:7]} [broken] train --lr 2", ""]
    assert kleio("why", one, two).out.splitlines()[:3] == heads


def test_equal_results_need_no_explanation(kleio: Any, recorder: Recorder) -> None:
    trials = [made(recorder, 0.5) for _ in range(2)]
    said = kleio("why", *trials)
    words = f"The results of {trials[0][:7]} and {trials[1][:7]} do not differ: there is nothing to explain.\n"
    assert said.out.partition("\n\n")[2] == f"{words}Nothing else that was recorded differs either.\n"


def test_what_differs_beside_equal_results_is_no_cause(kleio: Any, recorder: Recorder) -> None:
    one, two = made(recorder, 0.5, "suspended", lr=1), made(recorder, 0.5, "suspended", lr=2)
    recorder.reserve(one)
    recorder.end(one, "suspended")
    said = kleio("why", one, two)
    assert said.out.endswith(
        "there is nothing to explain.\n\nWhat differs all the same\n- option lr: 1 -> 2\n"
        "\n1 more difference: --all shows them\n"
    )
    assert "- one was interrupted and resumed more often: 2 -> 1" in kleio("why", "--all", one, two).out


def test_a_repetition_goes_on_from_nothing_that_its_original_recorded(kleio: Any, recorder: Recorder) -> None:
    original = made(recorder, 0.5)
    start = {"parent": original, "cut": {"trial": original, "attempt": 0}}
    again, third = (recorder.ended("train", configuration={}, refers=start) for _ in range(2))
    for words in ((original, again), (again, original), (again, third)):
        found = json.loads(kleio("why", "--json", *words).out)["data"]
        assert found["causes"] == []
    assert "no option is called a seed" in kleio("why", original, again).out


def test_unlikely_causes_are_counted_and_shown_on_demand(kleio: Any, recorder: Recorder) -> None:
    one, two = made(recorder, 0.5, "suspended", lr=1), made(recorder, 0.25, lr=2)
    recorder.reserve(one)
    said = kleio("why", one, two)
    assert "1. option lr: 1 -> 2" in said.out
    assert "1 less likely: --all shows them" in said.out
    assert "- one was interrupted and resumed more often: 2 -> 1" in kleio("why", "--all", one, two).out


def test_what_never_ran_has_no_results(kleio: Any, recorder: Recorder) -> None:
    new = recorder.new("x")
    said = kleio("why", made(recorder, 0.5), new)
    assert said.code == 125
    assert f"trial {new[:7]} has never run: it has no results to explain" in said.err


def test_printed_lines_are_results_that_may_differ(kleio: Any, recorder: Recorder) -> None:
    trials = [recorder.ended("train", configuration={}) for _ in range(2)]
    for trial, number in zip(trials, (b"0.1", b"0.2"), strict=True):
        recorder.printed(trial, b"start\n" + number + b"\n")
    said = kleio("why", *trials)
    assert "\nResults\n" in said.out
    assert "  stdout, line 2  0.1      0.2\n" in said.out
    assert "What is left is chance" in said.out
    said = kleio("diff", *trials)
    assert (said.code, said.out.splitlines()[-1]) == (1, "  stdout, line 2  0.1      0.2")
    assert json.loads(kleio("diff", "--json", *trials).out)["data"]["sections"]["output"] == [
        {"name": "stdout, line 2", "values": ["0.1", "0.2"], "present": [True, True]}
    ]
    assert kleio("diff", "--only", "statistics", *trials).code == 0


def test_code_without_files_is_told_once(kleio: Any, recorder: Recorder) -> None:
    ids = [recorder.ended("x", configuration={}) for _ in range(2)]
    for trial, name in zip(ids, "ab", strict=True):
        recorder.printed(trial, name.encode())
        recorder.journal.compare_and_set(trial, {}, {"code": {"kind": "git", "digest": name, "commit": name}})
    said = kleio("why", *ids)
    assert "1. the code: a -> b\n   no repository here holds commit a or b" in said.out


def test_printed_lines_are_shown_whole(kleio: Any, recorder: Recorder) -> None:
    trials = [recorder.ended("train", configuration={}) for _ in range(2)]
    lines = [f"epoch 10 {'x' * 54}{end}" for end in "12"]
    for trial, line in zip(trials, lines, strict=True):
        recorder.printed(trial, line.encode())
    out = kleio("why", *trials).out
    assert [line in out for line in lines] == [True, True]
