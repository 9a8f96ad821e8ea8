from __future__ import annotations

import pytest

from kleio.spool.records.writers import rank_of


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, {}),
        ({"RANK": "3", "LOCAL_RANK": "1", "WORLD_SIZE": "8"}, {"rank": 3, "local_rank": 1, "world_size": 8}),
        ({"SLURM_PROCID": "0", "SLURM_NTASKS": "2"}, {"rank": 0, "world_size": 2}),
        ({"SLURM_PROCID": "0", "RANK": "5"}, {"rank": 5}),
        ({"OMPI_COMM_WORLD_RANK": "2", "SLURM_PROCID": "0"}, {"rank": 2}),
        ({"WORLD_SIZE": "8"}, {}),
        ({"RANK": "first", "SLURM_PROCID": "1"}, {"rank": 1}),
        ({"RANK": "-1"}, {}),
        ({"RANK": ""}, {}),
        ({"RANK": "9" * 5000}, {}),
        ({"RANK": "٣"}, {}),
    ],
)
def test_the_innermost_launcher_tells_the_rank(environ: dict[str, str], expected: dict[str, int]) -> None:
    assert rank_of(environ) == expected
