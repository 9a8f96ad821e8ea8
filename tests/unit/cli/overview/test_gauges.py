from __future__ import annotations

import os

import pytest

from harness.recorded import Recorder
from kleio.cli.context import Context
from kleio.cli.overview.gauges import Gauges
from kleio.cli.terminal.console import Console
from kleio.clock import FakeClock
from kleio.errors import FilterError
from kleio.spool.attempt.locks import hold_lock
from kleio.spool.records.log import SpoolWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


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


def test_what_runs_here_is_at_the_step_of_the_moment(recorder: Recorder, tmp_path: Path) -> None:
    holder = {"host": os.uname().nodename, "pid": os.getpid(), "spool": str(tmp_path)}
    lock = hold_lock(str(tmp_path))
    trial = recorder.running("python", "a.py", configuration={"epochs": 9}, holder=holder)
    told = {"attempt": 1, "time": 0.0, "output": None, "metrics": {}}
    told["step"] = {"name": "epoch", "value": 3, "rate": 0.1}
    recorder.journal.compare_and_set(trial, {}, {"progress": told})
    gauges = Gauges(Context(Console(), {}), recorder.clock, project=None)
    assert [(one.progress, one.left) for one in gauges.read()] == [("epoch 3/9, 6/min", 60.0)]
    SpoolWriter(str(tmp_path), None, recorder.clock).append("statistics", {"epoch": 5})
    assert [(one.progress, one.left) for one in gauges.read()] == [("epoch 5/9, 6/min", 40.0)]
    os.close(lock)


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
