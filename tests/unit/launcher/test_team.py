from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kleio.clock import FakeClock, SystemClock
from kleio.errors import TrialBusy
from kleio.launcher import team as teams
from kleio.launcher.request import LaunchRequest
from kleio.launcher.team import Team
from kleio.settings import load_settings

SLURM = {"SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0", "SLURM_NTASKS": "3", "SLURM_PROCID": "1"}
MPI = {"PMIX_NAMESPACE": "n", "OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0"}


@pytest.fixture
def request_(tmp_path: Path) -> LaunchRequest:
    settings = load_settings({"data": str(tmp_path)}, {"HOME": str(tmp_path)}, str(tmp_path))
    return LaunchRequest(("train",), settings, lambda journal, word: {}, print, print)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        (SLURM, (1, 3)), (MPI, (0, 2)), ({**SLURM, "SLURM_STEP_NUM_TASKS": "8"}, (1, 8)), ({}, None),
        ({**SLURM, "SLURM_NTASKS": "1"}, None), ({**SLURM, "SLURM_PROCID": "x"}, None),
        ({**SLURM, "SLURM_STEP_ID": ""}, None), ({**SLURM, "KLEIO_TRIAL_ID": "a"}, None),
    ],
)  # fmt: skip
def test_a_team_is_known_by_its_variables(
    environ: dict[str, str], expected: tuple[int, int] | None, request_: LaunchRequest
) -> None:
    team = Team.of(environ, request_)
    assert (None if team is None else (team.rank, team.size)) == expected


def test_tasks_meet_in_one_file_and_steps_in_different_ones(request_: LaunchRequest) -> None:
    def path(**changes: str) -> str:
        team = Team.of({**SLURM, **changes}, request_)
        assert team is not None
        return team.path

    assert path() == path(SLURM_PROCID="2")
    others = [path(SLURM_STEP_ID="1"), path(SLURM_JOB_ID="8"), path(SLURM_RESTART_COUNT="1")]
    assert len({path(), *others}) == 4


def joined(team: Team) -> int:
    return Team(1, 3, team.path).join(SystemClock())


@pytest.fixture
def team(tmp_path: Path) -> Team:
    team = Team(0, 3, str(tmp_path / "teams" / "x.json"))
    team.begin(SystemClock())
    return team


def test_the_others_end_as_the_refused_one_does(team: Team) -> None:
    team.refuse(125)
    assert joined(team) == 125


def test_a_task_that_comes_too_late_is_told(team: Team) -> None:
    team.end()
    with pytest.raises(TrialBusy, match=r"^task 1 came too late"):
        joined(team)


def test_a_task_that_does_not_see_the_spool_names_the_way_out(team: Team, tmp_path: Path) -> None:
    told = {"trial": "a" * 64, "attempt": 1, "spool": str(tmp_path / "far"), "argv": ["x"], "path": "x", "cwd": "/"}
    Path(team.path).write_text(json.dumps(told))
    with pytest.raises(TrialBusy, match="No such file or directory") as caught:
        joined(team)
    assert "kleio srun" in str(caught.value.hint)


def test_a_task_that_hears_nothing_gives_up(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teams, "PATIENCE", 0.0)
    with pytest.raises(TrialBusy, match="task 0 has not said within 0 s what it runs"):
        joined(team)


def test_the_files_of_old_steps_are_removed(team: Team) -> None:
    old, young = (Path(team.path).with_name(name) for name in ("old.json", "young.json"))
    for path in (old, young, Path(team.path)):
        path.touch()
    os.utime(old, (1, 1))
    team.begin(FakeClock(young.stat().st_mtime))
    assert (old.exists(), young.exists(), Path(team.path).exists()) == (False, True, False)
