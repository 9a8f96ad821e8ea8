from __future__ import annotations

import fcntl
import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from kleio.clock import FakeClock, SystemClock
from kleio.errors import CommandNotFound, SettingsError, TrialBusy
from kleio.launcher import team as teams
from kleio.launcher.request import LaunchRequest
from kleio.launcher.team import Team
from kleio.settings import load_settings
from kleio.spool.attempt.locks import hold_lock
from kleio.spool.attempt.members import lock_name

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
def team(tmp_path: Path, request_: LaunchRequest) -> Team:
    team = Team(0, 3, str(tmp_path / "teams" / "x.json"))
    team.begin(request_.settings, SystemClock())
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


def test_a_launcher_that_is_stopped_later_takes_back_nothing(team: Team, tmp_path: Path) -> None:
    told = tell(team, tmp_path, "/nowhere")
    team.refuse(130)
    assert Path(team.path).read_text() == told


@pytest.fixture
def spool(team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What task 0 records into, after it said that it runs a command that is nowhere."""
    spool = tmp_path / "spool"
    spool.mkdir(mode=0o700)
    monkeypatch.chdir(tmp_path)  # joining leads elsewhere
    tell(team, spool, str(tmp_path))
    return spool


def tell(team: Team, spool: Path, cwd: str) -> str:
    told = {"trial": "a" * 64, "attempt": 1, "spool": str(spool), "argv": ["x"], "path": "/nowhere/x", "cwd": cwd}
    Path(team.path).write_text(json.dumps(told))
    return json.dumps(told)


def test_a_task_without_the_directory_of_the_command_names_it(team: Team, spool: Path) -> None:
    tell(team, spool, "/nowhere")
    with pytest.raises(TrialBusy, match="/nowhere: No such file or directory on "):
        joined(team)


def test_who_looks_at_the_place_of_a_task_does_not_keep_it_from_joining(team: Team, spool: Path) -> None:
    with open(spool / lock_name(1), "w") as looker:
        fcntl.flock(looker, fcntl.LOCK_SH)
        leaving = threading.Timer(0.1, fcntl.flock, (looker, fcntl.LOCK_UN))
        leaving.start()
        with pytest.raises(CommandNotFound):
            joined(team)
        leaving.join()


def test_a_task_whose_place_is_taken_says_so(team: Team, spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teams, "OWNERS_TRIES", 1)
    held = hold_lock(str(spool), lock_name(1))
    with pytest.raises(TrialBusy, match="another process is its task 1 already"):
        joined(team)
    os.close(held)


def test_a_task_that_cannot_make_its_place_says_why(team: Team, spool: Path) -> None:
    (spool / lock_name(1)).mkdir()
    with pytest.raises(TrialBusy, match=r"it cannot lock its place in .*: Is a directory"):
        joined(team)


def test_a_file_that_cannot_be_read_is_not_waited_for(team: Team) -> None:
    Path(team.path).mkdir()
    with pytest.raises(TrialBusy, match=r"x\.json: Is a directory"):
        joined(team)


def test_a_place_to_meet_that_cannot_be_made_is_named(tmp_path: Path, request_: LaunchRequest) -> None:
    (tmp_path / "teams").touch()
    with pytest.raises(SettingsError, match=r"cannot meet in .*teams: File exists") as caught:
        Team(0, 3, str(tmp_path / "teams" / "x.json")).begin(request_.settings, SystemClock())
    assert "KLEIO_DATA" in str(caught.value.hint)


def test_the_first_task_ever_makes_a_data_directory_that_is_private(tmp_path: Path, request_: LaunchRequest) -> None:
    settings = replace(request_.settings, data=str(tmp_path / "new"))
    Team(0, 3, str(tmp_path / "new" / "teams" / "x.json")).begin(settings, SystemClock())
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in ("new", "new/teams")} == {0o700}


def test_a_task_that_hears_nothing_gives_up(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teams, "PATIENCE", 0.0)
    with pytest.raises(TrialBusy, match="task 0 has not said within 0 s what it runs"):
        joined(team)


def test_the_files_of_old_steps_are_removed(team: Team, request_: LaunchRequest) -> None:
    old, young = (Path(team.path).with_name(name) for name in ("old.json", "young.json"))
    for path in (old, young, Path(team.path)):
        path.touch()
    os.utime(old, (1, 1))
    team.begin(request_.settings, FakeClock(young.stat().st_mtime))
    assert (old.exists(), young.exists(), Path(team.path).exists()) == (False, True, False)
