"""Facts of the machine, and the scheduler's job around a command."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kleio.capture.environment.host import file_system, host_facts, job_context


def test_facts_are_plain_and_none_is_empty(tmp_path: Path) -> None:
    facts = host_facts({}, str(tmp_path))
    assert facts["host"] == os.uname().nodename
    assert facts["memory"] > 1 << 20
    assert facts["cpu_count"] >= facts["cpu_available"] >= 1
    assert all(value not in (None, "", {}) for value in facts.values())
    assert "job" not in facts


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, {}),
        ({"SLURM_JOB_ID": "7", "SLURM_PROCID": "1", "RANK": "1"}, {"scheduler": "slurm", "id": "7", "rank": "1"}),
        ({"PBS_JOBID": "7.srv", "PBS_QUEUE": "gpu"}, {"scheduler": "pbs", "id": "7.srv", "queue": "gpu"}),
        ({"LSB_JOBID": "7"}, {"scheduler": "lsf", "id": "7"}),
        (
            {"TORCHELASTIC_RUN_ID": "r", "RANK": "0", "WORLD_SIZE": "2"},
            {"scheduler": "torchrun", "id": "r", "rank": "0", "world_size": "2"},
        ),
        ({"WORLD_SIZE": "2", "RANK": "0"}, {"scheduler": "ranks", "rank": "0", "world_size": "2"}),
        ({"SLURM_JOB_ID": ""}, {}),
    ],
)
def test_the_job_is_recognised(environ: dict[str, str], expected: dict[str, str]) -> None:
    assert job_context(environ) == expected


def test_the_file_system_is_the_innermost_mount() -> None:
    assert file_system("/proc/self") == "proc"
    assert file_system("/") is not None
