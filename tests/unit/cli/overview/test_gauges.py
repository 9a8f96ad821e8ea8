from __future__ import annotations

import os

import pytest

from harness.recorded import Recorder
from kleio.cli.context import Context
from kleio.cli.overview.gauges import Gauges
from kleio.cli.terminal.console import Console
from kleio.clock import FakeClock
from kleio.errors import FilterError


@pytest.fixture
def gauges(recorder: Recorder) -> Gauges:
    """Of three trials, one of which is over."""
    told = {
        "attempt": 1, "time": 0.0, "output": recorder.clock.wall() + 100, "metrics": {"cpu": 97.0, "memory": 1 << 20},
        "step": {"name": "epoch", "value": 3, "rate": 0.1},
    }  # fmt: skip
    far = {"host": "elsewhere", "lease": 120.0}
    trial = recorder.running("python", "a.py", name="best", configuration={"epochs": 9, "lr": 0.1}, holder=far)
    recorder.journal.compare_and_set(trial, {}, {"progress": told})
    recorder.running("python", "b.py", tags=("g",), holder={"host": os.uname().nodename, "pid": os.getpid()})
    recorder.ended("python", "c.py")
    return Gauges(Context(Console(), {}), FakeClock(wall=recorder.clock.wall() + 100), project=None)


def test_what_runs_elsewhere_is_as_its_heartbeat_told(gauges: Gauges) -> None:
    here, there = gauges.read()
    assert (there.label, there.host, there.progress, there.left) == ("best", "elsewhere", "epoch 3/9, 6/min", 60.0)
    assert (there.cpu, there.memory) == (97.0, 1 << 20)
    assert there.silent is not None
    assert (here.label, here.progress, here.cpu, here.silent) == ("#g", "", None, None)


@pytest.mark.parametrize(
    ("words", "names"), [("BEST", ["best"]), ("b.py", ["#g"]), ("config.lr > 0.05", ["best"]), ("nothing", [])]
)
def test_a_part_of_the_line_or_a_filter_chooses(gauges: Gauges, words: str, names: list[str]) -> None:
    assert [gauge.label for gauge in gauges.read(words)] == names


def test_a_filter_that_is_not_understood_says_so(gauges: Gauges) -> None:
    with pytest.raises(FilterError):
        gauges.read("loss < 1")
