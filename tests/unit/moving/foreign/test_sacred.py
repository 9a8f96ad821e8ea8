"""Sacred's runs, from a store that Sacred wrote."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from kleio.errors import StoreUnreadable
from kleio.moving.foreign import sacred

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unit.moving.foreign.conftest import Import


def test_a_run_becomes_a_trial_with_all_that_sacred_knew(take: Import, stores: Path) -> None:
    assert [one.result for one in take("sacred", stores / "sacred")] == ["added", "added", "waiting"]
    first = take.trials()["1"]
    assert (first.status, first.command) == ("completed", "python make_sacred.py")
    assert first.configuration == {"C": 1.0, "model": {"kernel": "rbf", "layers": [8, 8]}, "seed": 7}
    assert first.tags == ("iris",)
    assert list(first.statistics)[:2] == [
        {"step": 0, "training.loss": 1.0, "accuracy": 0.5},
        {"step": 1, "training.loss": 0.5, "accuracy": 0.6},
    ]
    assert first.summary["statistics"]["result"]["last"] == 0.9
    assert {one.name: one.metadata for one in first.artifacts()} == {
        "weights.txt": {}, "make_sacred.py": {"kind": "source"},
    }  # fmt: skip
    assert first.artifacts("weights.txt")[0].read() == b"C=1.0\n"
    assert b"".join(piece.data for piece in first.output.pieces()).endswith(b'Started run with ID "1"\n')
    assert first.document["imported"]["info"] == {"note": "from sacred"}
    assert first.environment["compared"]["python_version"] == "3.11.7"
    assert first.started is not None
    assert 0 < first.duration < 10
    (attempt,) = first.attempts()
    assert attempt.outcome is not None
    assert (attempt.outcome.code, attempt.outcome.why) == (0, "completed")


def test_a_failed_run_is_broken_and_names_its_error(take: Import, stores: Path) -> None:
    take("sacred", stores / "sacred")
    second = take.trials()["2"]
    assert second.status == "broken"
    assert second.command == "python make_sacred.py with C=3.0 model.kernel=linear"
    assert str(second.outcome) == "failed: ValueError: C is too large"
    assert second.configuration["model"]["kernel"] == "linear"


def test_a_run_without_an_end_waits_unless_wanted(take: Import, stores: Path) -> None:
    (waiting,) = [one for one in take("sacred", stores / "sacred") if one.result == "waiting"]
    assert "run 3 still runs, or died without a word" in waiting.why
    assert [one.result for one in take("sacred", stores / "sacred", running=True)] == ["there", "there", "added"]
    assert take.trials()["3"].status == "broken"


def test_the_place_of_the_store_does_not_matter(take: Import, stores: Path, tmp_path: Path) -> None:
    take("sacred", stores / "sacred")
    shutil.copytree(stores / "sacred", tmp_path / "moved")
    assert [one.result for one in take("sacred", tmp_path / "moved" / "1")] == ["there"]


@pytest.fixture
def store(stores: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(stores / "sacred", tmp_path / "sacred"))


def change(path: Path, **fields: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def test_a_damaged_run_does_not_keep_the_others(take: Import, store: Path) -> None:
    (store / "1" / "run.json").write_text('{"status": ')
    results = take("sacred", store)
    assert [one.result for one in results] == ["failed", "added", "waiting"]
    assert "run.json is no JSON file" in results[0].why


@pytest.mark.parametrize("depth", [100, 700, 2000])
def test_a_run_that_is_nested_too_deeply_does_not_keep_the_others(take: Import, store: Path, depth: int) -> None:
    (store / "1" / "info.json").write_text('{"a": ' * depth + "1" + "}" * depth)
    results = take("sacred", store)
    assert [one.result for one in results] == ["failed", "added", "waiting"]
    assert results[0].why


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        (
            "metrics.json",
            {"loss": {"steps": [0], "timestamps": [], "values": [1]}},
            "has 1 values, 1 steps and 0 times",
        ),
        ("metrics.json", {"loss": {"steps": [0], "timestamps": ["soon"], "values": [1]}}, "'soon' is no time"),
        ("run.json", {"start_time": "soon"}, "'soon' is no time"),
        ("run.json", {"experiment": {"repositories": 7}}, "is not what it should be"),
    ],
)
def test_odd_content_is_told_of(take: Import, store: Path, file: str, content: dict, why: str) -> None:
    change(store / "1" / file, **content)
    (result,) = take("sacred", store / "1")
    assert result.result == "failed"
    assert why in result.why


def test_names_that_lead_out_of_the_store_are_left_out(take: Import, store: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (store / "1" / "link").symlink_to(tmp_path / "secret")
    sources = [["x", "../secret"], ["y", "/etc/passwd"], [], "odd"]
    told = json.loads((store / "1" / "run.json").read_text())
    change(store / "1" / "run.json", artifacts=["../2/weights.txt", "link", "weights.txt"],
           experiment={**told["experiment"], "sources": sources})  # fmt: skip
    take("sacred", store / "1")
    assert [one.name for one in take.trials()["1"].artifacts()] == ["weights.txt"]


@pytest.mark.parametrize("name", ["cout.txt", "config.json", "info.json"])
def test_links_that_lead_out_of_the_store_are_not_followed(
    take: Import, store: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "secret").write_text('{"PRIVATE": 1}')
    (store / "1" / name).unlink(missing_ok=True)
    (store / "1" / name).symlink_to(tmp_path / "secret")
    take("sacred", store)
    for trial in take.trials().values():
        assert "PRIVATE" not in str(trial.document)
        assert not any(b"PRIVATE" in piece.data for piece in trial.output.pieces())


def test_queued_runs_are_passed_over(take: Import, store: Path) -> None:
    change(store / "1" / "run.json", status="QUEUED")
    assert take("sacred", store / "1") == []
    assert take.said == ["run 1 never ran (QUEUED): passed over"]


def test_what_jsonpickle_wrote_is_read_as_data() -> None:
    array = {"py/object": "numpy.ndarray", "values": [1, 2], "dtype": "f"}
    pickled = {"a": {"py/tuple": [1, {"py/set": [2]}]}, "b": array, "c": {"py/object": "os.system", "x": 1}}
    assert sacred.plain(pickled) == {"a": [1, [2]], "b": [1, 2], "c": {"x": 1}}


@pytest.mark.parametrize("place", ["nowhere", ""])
def test_a_place_without_runs_is_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(StoreUnreadable, match="holds no run of Sacred"):
        list(sacred.runs(str(tmp_path / place)))
