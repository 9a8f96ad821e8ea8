"""Branches take their ancestors along, in front of them; what runs waits, and what hangs on it too."""

from __future__ import annotations

import pytest

from kleio.moving.delivery import Delivery
from kleio.moving.selection import Selection, Waiting
from kleio.moving.transfer import transfer
from kleio.trial.cut import Cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unit.moving.conftest import Place


def refers(trial: str) -> dict:
    return {"parent": trial, "cut": Cut(trial, 1).as_document()}


@pytest.fixture
def family(here: Place) -> list[str]:
    """A trial, its child, its grandchild, and a trial of another family."""
    root = here.recorder.ended("root")
    child = here.recorder.ended("child", refers=refers(root))
    grandchild = here.recorder.ended("grandchild", refers=refers(child))
    return [root, child, grandchild, here.recorder.ended("other")]


def test_ancestors_come_first_and_each_trial_once(here: Place, family: list[str]) -> None:
    root, child, grandchild, other = family
    assert Selection(here.journal, [other, grandchild, child]).trials == [other, root, child, grandchild]
    assert Selection(here.journal, [child, child]).selected == [child]


def test_descendants_come_if_wanted(here: Place, family: list[str]) -> None:
    root, child, grandchild, _ = family
    assert Selection(here.journal, [root]).trials == [root]
    assert Selection(here.journal, [root], descendants=True).trials == [root, child, grandchild]


def test_a_circle_ends(here: Place) -> None:
    trial = here.recorder.ended("x")
    here.journal.compare_and_set(trial, {}, {"refers": refers(trial)})
    assert Selection(here.journal, [trial], descendants=True).trials == [trial]


def test_what_runs_waits_and_so_do_its_branches(here: Place) -> None:
    running = here.recorder.running("x", holder={"host": "far", "lease": 1e9})
    branch = here.recorder.ended("y", refers=refers(running))
    found = list(Selection(here.journal, [branch]).parcels(here.blobs))
    assert found == [
        Waiting(running, "it is running on far"),
        Waiting(branch, f"it is a branch of trial {running[:7]}, which stays for now"),
    ]
    taken = list(Selection(here.journal, [branch]).parcels(here.blobs, running=True))
    assert [one.document["status"] for one in taken if not isinstance(one, Waiting)] == ["failover", "completed"]


def test_what_is_itself_arriving_waits(here: Place, trial: str) -> None:
    here.journal.compare_and_set(trial, {}, {"status": "arriving"})
    assert list(Selection(here.journal, [trial]).parcels(here.blobs, running=True)) == [
        Waiting(trial, "it is still arriving here")
    ]


def test_one_failure_does_not_keep_the_others(here: Place, there: Place, family: list[str]) -> None:
    root, child, grandchild, other = family
    there.recorder.ended("mine", trial_id=root)
    parcels = Selection(here.journal, [grandchild, other]).parcels(here.blobs)
    moved = {one.trial: one for one in transfer(parcels, Delivery(there.journal, there.blobs))}
    assert {one.trial: one.result for one in moved.values()} == {
        root: "refused", child: "refused", grandchild: "refused", other: "added",
    }  # fmt: skip
    assert moved[child].why == f"trial {child[:7]} is a branch of trial {root[:7]}, which was not moved"
    assert there.journal.trial(child) is None


def test_a_rehearsal_changes_nothing(here: Place, there: Place, family: list[str]) -> None:
    parcels = Selection(here.journal, family).parcels(here.blobs)
    moved = list(transfer(parcels, Delivery(there.journal, there.blobs), dry_run=True))
    assert [one.result for one in moved] == ["added"] * 4
    assert there.journal._store.trials == {}
    assert there.journal._store.segments == {}


def test_what_a_journal_cannot_hold_is_told_of(here: Place, there: Place, trial: str) -> None:
    class Small:
        def __getattr__(self, name: str) -> object:
            return getattr(there.journal, name)

        def insert_trial(self, document: object) -> bool:
            raise ValueError("too large")

    (moved,) = transfer(here.parcels([trial]), Delivery(Small(), there.blobs))
    assert (moved.result, moved.why) == ("failed", f"trial {trial[:7]} cannot be stored there: too large")
