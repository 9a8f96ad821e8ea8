from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.attempt import TRIAL, World, log
from harness.recorded import Recorder
from kleio.analysis import Trials
from kleio.journal.memory import MemoryJournal
from kleio.spool.records.reader import Record
from kleio.spool.records.segments import segment_of
from kleio.spool.shipping import summary
from kleio.spool.shipping.hindsight import inherited_summary, summary_at_start, summary_left

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def store(world: World, attempt: int, stream: str, *bodies: Any, writer: str = "w") -> None:
    """Records of another attempt, as they lie in the journal."""
    records = [Record(n, stream, attempt * 100.0 + n, body, n, n + 1) for n, body in enumerate(bodies)]
    world.journal.append([segment_of(TRIAL, attempt, writer, stream, records)])


def epochs(*numbers: int) -> list[dict[str, float]]:
    return [{"epoch": n, "loss": 1.0 / n} for n in numbers]


def test_what_was_taken_back_does_not_count(world: World) -> None:
    store(world, 1, "statistics", *epochs(1, 2, 3, 4))
    store(world, 1, "artifacts", *({"name": "m", "metadata": {"epoch": n}} for n in (2, 4)))
    store(world, 2, "statistics", *epochs(3, 4, 5, 6))
    store(world, 2, "resume", {"epoch": 2})
    store(world, 3, "resume", {"epoch": 4})
    before = {"output": {"stdout": 9}, "lost": 1, "artifacts": 2, "statistics": {}}
    left = summary_left(world.journal, world.trial, 3, before)
    assert left["statistics"]["epoch"] == {"count": 4, "first": 1, "last": 4, "min": 1, "max": 4}
    assert left["statistics"]["loss"]["count"] == 4
    assert (left["artifacts"], left["output"], left["lost"]) == (1, {"stdout": 9}, 1)


@pytest.mark.parametrize("told", [True, False], ids=["after a heartbeat", "at the end"])
def test_the_summary_agrees_with_the_view(world: World, told: bool) -> None:
    from kleio.analysis.series import read_statistics
    from kleio.spool.closing import close_attempt

    world.start()
    log(world, 6)
    world.exit()
    shipper = world.shipper()
    shipper.ship(final=True)
    close_attempt(shipper, world.journal, world.clock)
    assert world.trial["summary"]["statistics"]["n"]["count"] == 6
    world.journal.compare_and_set(TRIAL, {}, {"status": "suspended"})
    world.begin_again()
    world.start()
    world.script.append("resume", {"n": 2})
    log(world, 2, first=3)
    if told:
        keeper = world.keeper()
        keeper.step()
        world.clock.advance(20)
        keeper.step()
        assert world.trial["summary"]["statistics"]["n"] == {"count": 5, "first": 0, "last": 4, "min": 0, "max": 4}
    world.exit()
    shipper = world.shipper()
    shipper.ship(final=True)
    close_attempt(shipper, world.journal, world.clock)
    seen = [values["n"] for values in read_statistics(world.journal, TRIAL)]
    assert seen == [0, 1, 2, 3, 4]
    assert world.trial["summary"]["statistics"]["n"] == {"count": 5, "first": 0, "last": 4, "min": 0, "max": 4}


PARENT, CHILD, GRANDCHILD = "a" * 64, "b" * 64, "c" * 64
STEPS = st.lists(
    st.tuples(
        st.sampled_from((PARENT, CHILD, GRANDCHILD)),
        st.integers(1, 3),
        st.booleans(),
        st.lists(st.integers(0, 5), min_size=1, max_size=3),
    ),
    max_size=10,
)
CUTS = st.tuples(st.integers(0, 3), st.one_of(st.none(), st.integers(0, 12)))


def branch_of(recorder: Recorder, parent: str, child: str, attempt: int, time: float | None) -> None:
    cut = {"trial": parent, "attempt": attempt, "time": time, "output": None}
    recorder.new("x", trial_id=child, refers={"parent": parent, "cut": cut})


def seen_of(journal: MemoryJournal, trial_id: str) -> dict[str, Any]:
    """The summary as the view tells it."""
    trial = Trials(journal).trial(trial_id)
    found = summary.empty()
    for point in trial.statistics:
        summary.add(found, "statistics", dict(point), 0.0)
    return {"statistics": summary.together([found])["statistics"], "artifacts": len(trial.artifacts())}


def document_of(journal: MemoryJournal, trial_id: str) -> dict[str, Any]:
    document = journal.trial(trial_id)
    assert document is not None
    return document


@given(STEPS, CUTS, CUTS)
def test_the_summary_of_a_branch_is_that_of_its_view(
    steps: list[Any], cut: tuple[int, int | None], again: tuple[int, int | None]
) -> None:
    journal = MemoryJournal("summed up")
    for trial_id in (PARENT, CHILD, GRANDCHILD):
        journal.delete_trial(trial_id)
    recorder = Recorder.on(journal)
    start = recorder.clock.wall() + 180
    recorder.new("x", trial_id=PARENT)
    for parent, child, (attempt, time) in ((PARENT, CHILD, cut), (CHILD, GRANDCHILD, again)):
        branch_of(recorder, parent, child, attempt, None if time is None else start + time)
    for trial_id in (PARENT, CHILD, GRANDCHILD):
        # Before it has run, a branch has what it inherits.
        inherited = inherited_summary(journal, document_of(journal, trial_id)) or summary.empty()
        assert {name: inherited[name] for name in ("statistics", "artifacts")} == seen_of(journal, trial_id)
        for who, number, restored, epochs in steps:
            if who == trial_id and restored:
                recorder.wrote(trial_id, "resume", {"epoch": epochs[0]}, attempt=number)
            elif who == trial_id:
                recorder.logged(trial_id, *({"epoch": epoch} for epoch in epochs), attempt=number)
                recorder.stored(trial_id, "m", attempt=number, epoch=epochs[0])
        # And later all that its view shows.
        left = summary_left(journal, document_of(journal, trial_id), 4, summary.empty())
        assert {name: left[name] for name in ("statistics", "artifacts")} == seen_of(journal, trial_id)


def test_a_branch_of_all_of_an_ended_trial_takes_over_its_summary(tmp_path: Any) -> None:
    recorder = Recorder.on(MemoryJournal(str(tmp_path)))
    told = {
        "statistics": {"n": {"count": 7, "first": 1, "last": 7}},
        "artifacts": 2,
        "output": {"stdout": 5},
        "lost": 1,
    }
    parent = recorder.ended("x")
    recorder.move(parent, "completed", changes={"summary": told})
    branch_of(recorder, parent, CHILD, 1, None)
    found = inherited_summary(recorder.journal, document_of(recorder.journal, CHILD))
    assert found == {**told, "output": {}, "lost": 0}


def test_a_branch_of_a_running_trial_counts_again_what_came_late(world: World) -> None:
    recorder = Recorder.on(world.journal)
    parent = recorder.running("x")
    recorder.logged(parent, {"n": 1}, {"n": 2})
    recorder.clock.advance(5)
    cut = {"trial": parent, "attempt": 1, "time": recorder.clock.wall(), "output": None}
    world.journal.compare_and_set(TRIAL, {}, {"refers": {"parent": parent, "cut": cut}})
    world.journal.compare_and_set(TRIAL, {}, {"summary": inherited_summary(world.journal, world.trial)})
    assert world.trial["summary"]["statistics"]["n"]["count"] == 2
    recorder.clock.advance(-3)
    recorder.logged(parent, {"n": 3})
    begun = summary_at_start(world.journal, world.trial, world.shipper())
    assert begun["statistics"]["n"] == {"count": 3, "first": 1, "last": 3, "min": 1, "max": 3}
