from __future__ import annotations

from pathlib import Path

import pytest

from harness.recorded import Recorder
from kleio.analysis import Trials
from kleio.cli.drawing.plotting import Wanted, drawing_of
from kleio.journal.memory import MemoryJournal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from kleio.journal.contract import Segment


class CountingJournal(MemoryJournal):
    """Counts how often statistics are read."""

    reads = 0

    def segments(self, *words: Any, **more: Any) -> Iterator[Segment]:
        self.reads += more.get("stream") == "statistics"
        return super().segments(*words, **more)


@pytest.mark.parametrize(("axes", "drawn"), [(("epoch", "step"), "epoch, step"), (("step", "step"), "step")])
def test_each_statistic_is_read_once_whatever_the_axes(tmp_path: Path, axes: tuple[str, str], drawn: str) -> None:
    journal = CountingJournal(str(tmp_path))
    recorder = Recorder.on(journal)
    ids = [recorder.ended(axis) for axis in axes]
    for trial, axis in zip(ids, axes, strict=True):
        recorder.logged(trial, *({axis: at, "loss": 1 / (1 + at)} for at in range(5)))
    trials = [Trials(journal).trial(trial) for trial in ids]
    journal.reads = 0
    assert drawing_of(trials, Wanted(("loss",), None, 0.0, 100)).x_name == drawn
    assert journal.reads == 2
