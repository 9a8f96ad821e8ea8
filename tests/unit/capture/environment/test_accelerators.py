"""GPUs are what the vendor's tool says, asked once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kleio.capture.environment import accelerators
from kleio.capture.environment.accelerators import gpu_facts

NVIDIA = "NVIDIA A100-SXM4-80GB, 550.54.15, 81920\nNVIDIA A100-SXM4-80GB, 550.54.15, 81920\n"
AMD = json.dumps(
    {"card0": {"Card Series": "MI250X"}, "card1": {"Card Series": "MI250X"}, "system": {"Driver version": "6.7"}}
)


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


def install(tool: Path, name: str, script: str) -> None:
    (tool / name).write_text(f"#!/bin/sh\necho x >>{tool}/runs\n{script}\n")
    (tool / name).chmod(0o755)


def facts(tool: Path, **more: str) -> dict[str, object]:
    return gpu_facts({"PATH": str(tool), **more}, str(tool.parent / "data"))


def test_without_a_tool_there_is_no_gpu(tool: Path) -> None:
    assert facts(tool) == {}


def test_nvidia_gpus_are_listed_and_asked_once(tool: Path) -> None:
    install(tool, "nvidia-smi", f"printf '{NVIDIA}'")
    expected = {"gpus": ["NVIDIA A100-SXM4-80GB"] * 2, "gpu_driver": "550.54.15", "gpu_memory": [81920, 81920]}
    assert facts(tool) == facts(tool) == expected
    assert (tool / "runs").read_text() == "x\n"
    facts(tool, SLURM_JOB_ID="8")
    assert (tool / "runs").read_text() == "x\nx\n"


def test_amd_gpus_are_listed(tool: Path) -> None:
    install(tool, "rocm-smi", f"printf '%s' '{AMD}'")
    assert facts(tool) == {"gpus": ["MI250X", "MI250X"], "gpu_driver": "6.7"}


@pytest.mark.parametrize("script", ["exit 9", "echo No devices were found", "echo '[1]'", "printf '\\377'"])
@pytest.mark.parametrize("name", ["nvidia-smi", "rocm-smi"])
def test_a_tool_without_an_answer_means_no_gpu(name: str, script: str, tool: Path) -> None:
    install(tool, name, script)
    assert facts(tool) == {}


def test_a_tool_that_hangs_is_named(tool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accelerators, "TIMEOUT", 0.3)
    install(tool, "nvidia-smi", "/bin/sleep 600 & wait")
    assert facts(tool) == {"gpu_note": "nvidia-smi gave no answer in 0.3 s"}
