"""The GPUs of this machine, asked of their vendor's tool once a boot (and a job: a scheduler may hide some)."""

from __future__ import annotations

import json

from kleio.capture import cache, process
from kleio.capture.small import read_small

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

TIMEOUT = 5.0
NVIDIA = ("--query-gpu=name,driver_version,memory.total", "--format=csv,noheader,nounits")
AMD = ("--showproductname", "--showdriverversion", "--json")


def gpu_facts(environ: Mapping[str, str], data: str) -> dict[str, Any]:
    """``gpus`` (a sorted list of models), ``gpu_driver`` and ``gpu_memory`` (MiB); empty without a GPU."""
    for name, arguments, parse in (("nvidia-smi", NVIDIA, _nvidia), ("rocm-smi", AMD, _amd)):
        program = process.find_program(name, environ.get("PATH"))
        if program is None:
            continue
        key = f"1 {program} {_moment(environ)}"
        facts = cache.recall(data, "gpus", key)
        if not isinstance(facts, dict):
            facts = {}
            answer = process.run([program, *arguments], environ, TIMEOUT)
            if answer.timed_out:
                return {"gpu_note": f"{name} gave no answer in {TIMEOUT:g} s"}
            if answer.ok:
                facts = parse(answer.out.decode("utf-8", "replace"))
                cache.remember(data, "gpus", key, facts)
        if facts:
            return dict(facts)
    return {}


def _moment(environ: Mapping[str, str]) -> str:
    boot = read_small("/proc/sys/kernel/random/boot_id") or b""
    driver = read_small("/proc/driver/nvidia/version") or read_small("/sys/module/amdgpu/version") or b""
    group = read_small("/proc/self/cgroup") or b""
    return f"{boot!r} {driver!r} {group!r} {environ.get('SLURM_JOB_ID')}"


def _nvidia(text: str) -> dict[str, Any]:
    rows = [[field.strip() for field in line.split(",")] for line in text.splitlines() if line.count(",") == 2]
    if not rows:
        return {}
    memory = [int(row[2]) for row in rows if row[2].isdigit()]
    return {"gpus": sorted(row[0] for row in rows), "gpu_driver": rows[0][1], "gpu_memory": memory}


def _amd(text: str) -> dict[str, Any]:
    try:
        cards = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(cards, dict):
        return {}
    models = [
        str(card.get("Card Series") or card.get("Card series") or card.get("Card model") or "AMD GPU")
        for name, card in cards.items()
        if isinstance(card, dict) and name.startswith("card")
    ]
    system = cards.get("system")
    driver = system.get("Driver version") if isinstance(system, dict) else None
    facts: dict[str, Any] = {"gpus": sorted(models)} if models else {}
    return {**facts, "gpu_driver": driver} if facts and driver else facts
