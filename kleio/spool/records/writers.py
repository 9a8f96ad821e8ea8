"""Who writes: what a client says about its own process, once, in front of its first record.

A record of the stream ``writer``. It is written only by processes that belong to a group, such as the ranks of a
distributed training; its body is::

    {"rank": 3, "local_rank": 1, "world_size": 8}          what is not known is left out

The numbers come from the variables that ``torchrun``, Open MPI, MPICH and SLURM set, the innermost launcher first:
under ``srun torchrun`` they are torchrun's. Records of one process keep their order; by its rank a view tells it from
the others. Every script's import pays for this module: it imports nothing.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from kleio.journal.contract import Journal

WRITER = "writer"
LAUNCHERS = (
    ("RANK", "LOCAL_RANK", "WORLD_SIZE"),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("PMI_RANK", "MPI_LOCALRANKID", "PMI_SIZE"),
    ("SLURM_PROCID", "SLURM_LOCALID", "SLURM_NTASKS"),
)
NAMES = ("rank", "local_rank", "world_size")


def rank_of(environ: Mapping[str, str]) -> dict[str, int]:
    """The place of a process with this environment in its group; empty if it is alone."""
    for variables in LAUNCHERS:
        if _number(environ.get(variables[0])) is not None:
            numbers = zip(NAMES, (_number(environ.get(variable)) for variable in variables), strict=True)
            return {name: number for name, number in numbers if number is not None}
    return {}


def own_rank() -> dict[str, int]:
    """The same for this process, as it is now: a forked worker may have got another one."""
    return rank_of(os.environ)


def read_ranks(journal: Journal, trial: str) -> dict[tuple[int, str], int]:
    """(attempt, writer) → rank, for the writers that have one."""
    from kleio.spool.records.segments import points

    return {
        (segment.attempt, segment.writer): point.values["rank"]
        for segment in journal.segments(trial, stream=WRITER)
        for point in points(segment.body)
        if isinstance(point.values, dict) and isinstance(point.values.get("rank"), int)
    }


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
