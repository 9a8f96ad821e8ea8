from __future__ import annotations

import pytest

from kleio.launcher.supervisor.scheduler import job_of


@pytest.mark.parametrize(
    ("environ", "job"),
    [
        ({}, ""),
        ({"SLURM_JOB_ID": "123", "SLURM_ARRAY_TASK_ID": "4"}, "SLURM job 123"),
        ({"PBS_JOBID": "7.server"}, "PBS job 7.server"),
        ({"LSB_JOBID": "9"}, "LSF job 9"),
        ({"JOB_ID": "5", "SGE_TASK_ID": "undefined"}, "Grid Engine job 5"),
        ({"JOB_ID": "5"}, ""),
        ({"SLURM_JOB_ID": ""}, ""),
        ({"SLURM_JOB_ID": "\x1b[31m"}, "SLURM job ?"),
        ({"SLURM_JOB_ID": "1" * 500}, "SLURM job " + "1" * 60),
    ],
)
def test_a_job_is_known_by_its_variables(environ, job):
    assert job_of(environ) == job
