from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harness.waiting import until
from kleio.clock import FakeClock
from kleio.spool.attempt.processes import descendants
from kleio.spool.samples import Sampler, Sampling, gpu_figures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CHILD = """
import os, sys
block = bytearray(40 << 20)
for _ in sys.stdin:
    start = os.times().user
    while os.times().user - start < 0.2: pass
    print("done", flush=True)
"""


class Writer:
    """Takes what is appended."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Any]] = []

    def append(self, stream: str, body: Any) -> int:
        self.taken.append((stream, body))
        return len(self.taken)


def test_figures_are_sums_over_the_tree_since_the_last_sample() -> None:
    clock = FakeClock()
    sampler = Sampler(os.getpid(), lambda root: [child.pid], clock, dict)
    child = subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin
    assert child.stdout
    sampler.sample()
    child.stdin.write(b"work\n")
    child.stdin.flush()
    child.stdout.readline()
    clock.advance(1.0)
    figures = sampler.sample()
    clock.advance(1.0)
    idle = sampler.sample()
    child.communicate()
    assert figures["cpu"] >= 15
    assert idle["cpu"] < figures["cpu"]
    assert figures["memory"] > 40 << 20
    assert (figures["processes"], figures["threads"]) == (1, 1)
    assert {"read", "written"} <= figures.keys()


def test_a_tree_that_is_gone_has_no_figures() -> None:
    assert Sampler(1 << 30, descendants, FakeClock(), lambda: {"gpu0.load": 1}).sample() == {}
    assert Sampler(1, lambda root: [1 << 30], FakeClock(), dict).sample() == {}


def test_gpus_that_have_nothing_to_say_are_not_asked_again() -> None:
    asked: list[int] = []

    def ask() -> dict[str, float]:
        asked.append(1)
        return {"gpu0.load": 50} if len(asked) == 1 else {}

    sampler = Sampler(0, lambda root: [os.getpid()], FakeClock(), ask)
    assert [sampler.sample().get("gpu0.load") for _ in range(4)] == [50, None, None, None]
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("0, 45, 1024\n1, 0, 3\n", {"gpu0.load": 45, "gpu0.memory": 1 << 30, "gpu1.load": 0, "gpu1.memory": 3 << 20}),
        ("0, [N/A], 10\n", {"gpu0.memory": 10 << 20}), ("", {}), ("no devices were found\n", {}), ("0\n", {}),
    ],
)  # fmt: skip
def test_the_vendors_answer_is_understood(
    answer: str, expected: dict[str, float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "answer").write_text(answer)
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f'#!/bin/sh\n[ "$1" = --query-gpu=index,utilization.gpu,memory.used ] && cat {tmp_path}/answer\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert gpu_figures() == expected


ROCM = json.dumps(
    {
        "card0": {"GPU use (%)": "7", "VRAM Total Memory (B)": "9", "VRAM Total Used Memory (B)": "5"},
        "card1": {"GPU use (%)": "N/A", "VRAM Total Used Memory (B)": "6"},
        "system": {"Driver version": "6"},
    }
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ROCM, {"gpu0.load": 7, "gpu0.memory": 5, "gpu1.memory": 6}), ("", {}), ("[]", {}), ("{}", {}), ("None", {}),
        ('{"card0": 5, "cardx": {"GPU use (%)": "1"}}', {}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("both", [False, True])
def test_the_other_vendors_answer_is_understood_as_well(
    answer: str, expected: dict[str, float], both: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "answer").write_text(answer)
    tools = {"rocm-smi": f'[ "$1 $2 $3 $4" = "--showuse --showmeminfo vram --json" ] && cat {tmp_path}/answer'}
    if both:
        tools["nvidia-smi"] = "echo 0, 45, 1"
        expected = {"gpu0.load": 45, "gpu0.memory": 1 << 20} | {
            f"gpu{int(name[3]) + 1}{name[4:]}": value for name, value in expected.items()
        }
    for name, body in tools.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert gpu_figures() == expected


def test_without_a_vendors_tool_there_are_no_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gpu_figures() == {}


def test_samples_are_written_until_stopped() -> None:
    writer, taken = Writer(), threading.Event()

    def sample() -> dict[str, float]:
        if len(writer.taken) == 2:
            taken.set()
        return {"cpu": 1.0}

    sampling = Sampling(sample, writer, 0.001)  # type: ignore[arg-type]
    sampling.start()
    assert taken.wait(20)
    sampling.stop()
    count = len(writer.taken)
    sampling._thread.join(20)
    assert len(writer.taken) == count
    assert writer.taken[0] == ("metrics", {"cpu": 1.0})


def test_an_interval_of_0_takes_none() -> None:
    sampling = Sampling(lambda: {"cpu": 1.0}, Writer(), 0.0)  # type: ignore[arg-type]
    sampling.start()
    sampling.stop()
    assert not sampling._thread.is_alive()


def test_a_sampler_that_fails_ends_in_silence(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> dict[str, float]:
        raise ValueError("strange machine")

    sampling = Sampling(fail, Writer(), 0.001)  # type: ignore[arg-type]
    sampling.start()
    until(lambda: not sampling._thread.is_alive(), "the thread to end")
    assert capsys.readouterr().err == ""
