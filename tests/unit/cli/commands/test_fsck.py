from __future__ import annotations

import json

import pytest

from harness.recorded import Recorder
from kleio.artifacts.registry import open_blobs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@pytest.fixture
def trial(kleio: Any, recorder: Recorder) -> str:
    trial = recorder.running("x")
    recorder.logged(trial, {"n": 1}, {"n": 2}, writer="script")
    recorder.stored(trial, "w", b"weights", blobs=open_blobs(kleio.address))
    recorder.move(trial, "completed", manifest={"writers": {"script": {"records": 2}}, "output": {}})
    return trial


def test_a_whole_trial_is_ok(kleio: Any, trial: str) -> None:
    said = kleio("fsck", trial)
    assert (said.code, said.err) == (0, "")
    assert kleio("fsck", "--all").err == "kleio: 1 trial, none damaged\n"
    assert said.out == f"{trial[:7]} ok: 3 records, 0 B of output, 1 blob of 7 B\n"


def test_damage_is_exit_code_1_and_said_in_words(kleio: Any, trial: str) -> None:
    blobs = open_blobs(kleio.address)
    (digest,) = blobs.digests()
    blobs.collect(digest, blobs.now() + 1)
    said = kleio("fsck", "--all")
    assert said.code == 1
    assert said.err == "kleio: 1 trial, 1 damaged\n"
    assert said.out.splitlines()[1] == f"  attempt 1: blob {digest[:12]} (7 bytes) is missing"
    (one,) = json.loads(kleio("fsck", trial, "--json").out)["data"]
    assert one["damage"] == [{"attempt": 1, "what": f"blob {digest[:12]} (7 bytes) is missing"}]


def test_what_was_lost_on_its_way_makes_a_trial_incomplete(kleio: Any, recorder: Recorder, trial: str) -> None:
    other = recorder.running("y")
    recorder.wrote(other, "lost", {"records": 2, "bytes": 20, "why": "No space left on device"})
    recorder.move(other, "completed", manifest={"writers": {"w": {"records": 1}}, "output": {}})
    said = kleio("fsck", "--all")
    assert said.code == 0
    assert said.err == "kleio: 2 trials, none damaged, 1 incomplete\n"
    assert said.out.splitlines()[:2] == [
        f"{other[:7]} incomplete: 1 record, 0 B of output, 0 blobs of 0 B",
        "  2 records lost before they could be stored: the journal says so",
    ]


def test_what_was_attached_later_is_looked_at_as_well(kleio: Any, recorder: Recorder, trial: str) -> None:
    body = {"name": "f", "digest": "ab" * 32, "size": 3, "metadata": {}, "creator": {"user": "ann"}}
    recorder.wrote(trial, "attached", body, attempt=0, writer="remark")
    said = kleio("fsck", trial)
    assert (said.code, said.out.splitlines()[1:]) == (1, ["  attempt 0: blob abababababab (3 bytes) is missing"])


def test_what_still_runs_is_said(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.running("x")
    assert kleio("fsck", trial).code == 0
    assert f"{trial[:7]} ok so far: " in kleio("fsck", trial).out
    assert "attempt 1 cannot be counted" in kleio("fsck", trial).out


def test_no_trial_is_a_usage_error(kleio: Any) -> None:
    assert kleio("fsck").code == 2
    assert kleio("fsck", "nope").code == 125
