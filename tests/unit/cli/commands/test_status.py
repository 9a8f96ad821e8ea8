from __future__ import annotations

import json

import pytest

from harness.recorded import Recorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from conftest import Kleio


def test_nothing_is_nothing(kleio: Kleio) -> None:
    assert kleio("status").out == "total           0\n"
    assert kleio("status", "--short").out == "0 trials\n"


@pytest.fixture
def several(recorder: Recorder) -> Recorder:
    recorder.ended("a", tags=["x", "y"])
    recorder.ended("b", word="broken", tags=["x"])
    recorder.ended("c", word="branched")
    recorder.new("d")
    return recorder


def test_total_first_then_each_tag(kleio: Kleio, several: Recorder) -> None:
    assert kleio("status").out.splitlines() == [
        "total           3",
        "  new           1",
        "  broken        1",
        "  completed     1",
        "",
        "x               2",
        "  broken        1",
        "  completed     1",
        "",
        "y               1",
        "  completed     1",
    ]


def test_tags_are_all_asked_for(kleio: Kleio, several: Recorder) -> None:
    assert kleio("status", "--tags", "x;y", "--short").out == "1 trial: 1 completed\n"


def test_branched_ones_are_shown_on_demand(kleio: Kleio, several: Recorder) -> None:
    assert json.loads(kleio("status", "--json").out)["data"]["total"] == 3
    assert json.loads(kleio("status", "--all", "--json").out)["data"] == {
        "total": 4,
        "statuses": {"new": 1, "broken": 1, "completed": 1, "branched": 1},
        "tags": {
            "x": {"total": 2, "statuses": {"broken": 1, "completed": 1}},
            "y": {"total": 1, "statuses": {"completed": 1}},
        },
    }


def test_a_tag_cannot_play_with_the_terminal(kleio: Kleio, recorder: Recorder) -> None:
    recorder.new("a", tags=["\x1b]0;x\x07"])
    assert "\x1b" not in kleio("status").out


def test_a_filter_that_fits_nothing_says_what_was_never_heard_of(kleio: Kleio, recorder: Recorder) -> None:
    recorder.ended("a", configuration={"lr": 1})
    said = kleio("status", "--where", "config.lrr == 1")
    assert (said.code, said.out) == (0, "total           0\n")
    assert said.err == "kleio: none has the option lrr, did you mean config.lr?\n"
    assert kleio("status", "--where", "config.lr == 2").err == ""
