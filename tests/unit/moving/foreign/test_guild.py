"""Guild's runs, from a home that Guild wrote."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest
from unit.moving.foreign.test_tfevents import event, field, framed

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


@pytest.fixture
def store(stores: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(stores / "guild", tmp_path / "guild"))


def attribute(store: Path, name: str) -> Path:
    """The file of an attribute of the run that has tags."""
    (run,) = [path for path in (store / "runs").iterdir() if (path / ".guild/attrs/tags").exists()]
    return run / ".guild/attrs" / name


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("started", "9" * 400, "is not what it should be: OverflowError"),
        ("stopped", "9" * 400, "is not what it should be: OverflowError"),
        ("started", "9" * 40, "it says that it ran 1e+34 seconds after 1970, which is no date"),
        ("stopped", ".nan", "it says that it ran nan seconds after 1970, which is no date"),
        ("flags", "!!int ''", "is no YAML file"),
    ],
)
def test_odd_content_of_one_run_does_not_keep_the_others(
    take: Import, store: Path, name: str, content: str, why: str
) -> None:
    attribute(store, name).write_text(content)
    results = take("guild", store)
    assert sorted(one.result for one in results) == ["added", "failed"]
    (failed,) = [one for one in results if one.result == "failed"]
    assert why in failed.why


def test_a_large_double_in_an_event_file_is_taken_as_it_is(take: Import, store: Path) -> None:
    tensor = field(1, 2) + field(6, struct.pack("<d", 1e300))
    events = attribute(store, "").parent / "events.out.tfevents.9999999999.odd"
    events.write_bytes(framed(event(1.0, 0, field(1, b"large") + field(8, tensor))))
    assert [one.result for one in take("guild", store)] == ["added", "added"]
    assert by_status(take)["broken"].statistics.column("large") == [1e300]


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
