"""Guild's runs, from a home that Guild wrote."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kleio.errors import StoreUnreadable
from kleio.moving.foreign import guild

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unit.moving.foreign.conftest import Import


def by_status(take: Import) -> dict:
    return {trial.status: trial for trial in take.trials().values()}


def test_a_run_becomes_a_trial_with_all_that_guild_knew(take: Import, stores: Path) -> None:
    assert [one.result for one in take("guild", stores / "guild")] == ["added", "added"]
    first = by_status(take)["completed"]
    assert first.command == "guild run train.py kernel=rbf lr=0.1"
    assert first.configuration == {"kernel": "rbf", "lr": 0.1}
    assert [(record["step"], record["loss"]) for record in first.statistics] == [(0, 0.1), (1, 0.05), (2, 0.033333335)]
    assert {one.name: one.metadata for one in first.artifacts()} == {"train.py": {"kind": "source"}, "weights.txt": {}}
    assert first.artifacts("weights.txt")[0].read() == b"lr=0.1\n"
    assert b"".join(piece.data for piece in first.output.pieces()).endswith(b"step: 2\nloss: 0.03333333333333333\n")
    assert "envvars" not in first.document["imported"]


def test_a_failed_run_keeps_its_exit_code_and_tags(take: Import, stores: Path) -> None:
    take("guild", stores / "guild")
    failed = by_status(take)["broken"]
    assert failed.outcome is not None
    assert (failed.outcome.code, failed.tags) == (3, ("odd", "train.py"))
    assert failed.document["imported"]["label"] == "large"


def test_staged_runs_are_passed_over(take: Import, stores: Path) -> None:
    take("guild", stores / "guild")
    (said,) = take.said
    assert said.endswith(" never ran: passed over")


def test_the_place_does_not_matter_and_one_run_can_be_named(take: Import, stores: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(stores / "guild" / "runs", tmp_path / "runs"))
    assert [one.result for one in take("guild", moved)] == ["added", "added"]
    (run,) = [path for path in moved.iterdir() if (path / ".guild/attrs/tags").exists()]
    assert [one.result for one in take("guild", run)] == ["there"]


def test_a_run_that_was_cut_short_is_told_of(take: Import, stores: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(stores / "guild", tmp_path / "guild"))
    (run,) = [path for path in (home / "runs").iterdir() if (path / ".guild/attrs/tags").exists()]
    (run / ".guild/attrs/stopped").unlink()
    (run / ".guild/attrs/exit_status").unlink()
    assert sorted(one.result for one in take("guild", home)) == ["added", "waiting"]
    (events,) = (run / ".guild").glob("events.out.tfevents.*")
    events.write_bytes(events.read_bytes()[:-40] + b"x" * 40)
    assert sorted(one.result for one in take("guild", home, running=True)) == ["failed", "there"]
    (run / ".guild/attrs/flags").write_text("a: [")
    assert "is no YAML file" in next(one for one in take("guild", home) if one.result == "failed").why


@pytest.mark.parametrize("name", ["output", "opref", "attrs/comments", "sourcecode"])
def test_links_that_lead_out_of_the_store_are_not_followed(
    take: Import, stores: Path, tmp_path: Path, name: str
) -> None:
    store = Path(shutil.copytree(stores / "guild", tmp_path / "guild"))
    place = tmp_path / "home"
    place.mkdir()
    (place / "secret").write_text("PRIVATE")
    for run in [path.parent for path in store.rglob("attrs")]:
        link = run / name
        if link.is_dir():
            shutil.rmtree(link)
        link.unlink(missing_ok=True)
        link.symlink_to(place if name == "sourcecode" else place / "secret")
    take("guild", store)
    assert take.trials()
    for trial in take.trials().values():
        assert "PRIVATE" not in str(trial.document)
        assert not any(b"PRIVATE" in piece.data for piece in trial.output.pieces())
        assert not any(one.name == "secret" for one in trial.artifacts())


def test_a_place_without_runs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreadable, match="holds no runs of Guild"):
        list(guild.runs(str(tmp_path)))
