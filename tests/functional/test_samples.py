"""What a command takes of its machine is sampled while it runs, and summed up."""

from __future__ import annotations

import pytest

WORK = """
import time
block = bytearray(60 << 20)
end = time.monotonic() + 2
while time.monotonic() < end: sum(range(1000))
"""


def test_processors_and_memory_of_the_tree_are_recorded(kleio):
    done = kleio("sh", "-c", f"python -c '{WORK}'; true", env={"KLEIO_SAMPLES": "0.2"})
    assert done.code == 0, done.words
    metrics = kleio.info(done.trial)["metrics"]
    assert metrics["cpu"]["max"] > 5
    assert metrics["memory"]["max"] > 60 << 20
    assert metrics["processes"]["max"] >= 2
    assert metrics["written"]["total"] >= 0
    shown = kleio("info", done.trial).out.decode()
    assert "% on average" in shown
    assert kleio("fsck", done.trial).code == 0


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
def test_samples_are_taken_only_where_they_are_wanted_and_worth_it(kleio):
    short = kleio("echo", "short", env={"KLEIO_SAMPLES": "0.5"})
    off = kleio("sleep", "1", env={"KLEIO_SAMPLES": "0"})
    assert kleio.info(short.trial)["metrics"] == {}
    assert kleio.info(off.trial)["metrics"] == {}
