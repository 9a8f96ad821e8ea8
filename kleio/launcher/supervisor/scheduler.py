"""Which batch system this process runs under, by the variables that it sets."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Grid Engine's own variable for the job is a plain JOB_ID, so another one of it must be there too.
_SYSTEMS = (
    ("SLURM", "SLURM_JOB_ID", ""),
    ("PBS", "PBS_JOBID", ""),
    ("LSF", "LSB_JOBID", ""),
    ("Grid Engine", "JOB_ID", "SGE_TASK_ID"),
)
LONGEST = 60


def job_of(environ: Mapping[str, str]) -> str:
    """``SLURM job 123`` or the like; empty outside of a job."""
    for name, variable, also in _SYSTEMS:
        job = environ.get(variable, "")
        if job and (not also or environ.get(also)):
            return f"{name} job {job[:LONGEST] if job.isprintable() else '?'}"
    return ""
