from __future__ import annotations

import itertools
import uuid

import pytest

from harness.recorded import Recorder
from kleio.errors import TrialBusy, TrialRefused
from kleio.journal.contract import TrialQuery
from kleio.journal.memory import MemoryJournal
from kleio.launcher.care.trash import in_order, purge, restore, throw_away, weigh, with_descendants
from kleio.launcher.reserve import reserve
from kleio.settings import load_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@pytest.fixture
def recorder() -> Recorder:
    return Recorder.on(MemoryJournal(uuid.uuid4().hex))


@pytest.fixture
def settings(home: Any) -> Any:
    return load_settings({}, {"HOME": str(home)}, str(home))


def document(recorder: Recorder, trial: str) -> dict[str, Any]:
    found = recorder.journal.trial(trial)
    assert found is not None
    return found


def family(recorder: Recorder) -> list[str]:
    """A parent, its child, and that one's child."""
    ids: list[str] = []
    for name in "abc":
        refers = {"parent": ids[-1], "cut": {"attempt": 1}} if ids else None
        ids.append(recorder.ended("run", name, refers=refers))
    return ids


def test_children_come_before_their_parents_whatever_was_named_first(recorder):
    ids = family(recorder)
    documents = [document(recorder, trial) for trial in ids]
    for order in itertools.permutations(documents):
        assert [one["_id"] for one in in_order(order)] == ids[::-1]
    found = with_descendants(recorder.journal, documents[:1], trash=False)
    assert [one["_id"] for one in found] == ids[::-1]


def test_a_circle_made_by_hand_ends(recorder, settings):
    ids = family(recorder)
    refers = {"parent": ids[2], "cut": {"attempt": 1}}
    assert recorder.journal.compare_and_set(ids[0], {}, {"refers": refers})
    documents = [document(recorder, trial) for trial in ids]
    assert {one["_id"] for one in in_order(documents)} == set(ids)
    assert {one["_id"] for one in with_descendants(recorder.journal, documents[:1], trash=False)} == set(ids)
    assert restore(recorder.journal, documents[0], recorder.clock) == []


def test_a_trial_in_the_trash_is_never_reserved(recorder, settings):
    trial = recorder.new("run")
    thrown = throw_away(recorder.journal, document(recorder, trial), settings, recorder.clock, why="x")
    with pytest.raises(TrialRefused, match=r"is in the trash$"):
        reserve(recorder.journal, trial, recorder.clock, held_by={}, changes={}, note={}, fence=0)
    assert [one["_id"] for one in restore(recorder.journal, thrown, recorder.clock)] == [trial]
    reserve(recorder.journal, trial, recorder.clock, held_by={}, changes={}, note={}, fence=0)


def test_what_somebody_touched_meanwhile_is_left_alone(recorder, settings):
    trial = recorder.ended("run")
    seen = document(recorder, trial)
    recorder.journal.compare_and_set(trial, {}, {"tags": ["new"]})
    with pytest.raises(TrialBusy, match="changed by somebody else"):
        throw_away(recorder.journal, seen, settings, recorder.clock)
    thrown = throw_away(recorder.journal, document(recorder, trial), settings, recorder.clock)
    restore(recorder.journal, thrown, recorder.clock)
    with pytest.raises(TrialBusy, match="changed by somebody else"):
        purge(recorder.journal, thrown)
    assert document(recorder, trial)["trashed"] is None


def test_a_purge_that_was_cut_short_is_finished_and_not_restored(recorder, settings):
    class Failing(MemoryJournal):
        def delete_trial(self, trial_id: str) -> bool:
            raise OSError("the machine went down")

    trial = recorder.ended("run")
    thrown = throw_away(recorder.journal, document(recorder, trial), settings, recorder.clock)
    with pytest.raises(OSError, match="went down"):
        purge(Failing(recorder.journal.address.removeprefix("memory://")), thrown)
    with pytest.raises(TrialRefused, match="is being purged"):
        restore(recorder.journal, document(recorder, trial), recorder.clock)
    purge(recorder.journal, document(recorder, trial))
    assert recorder.journal.trial(trial) is None


def test_a_branch_that_was_under_way_keeps_its_parent_from_being_purged(recorder, settings):
    class Racing(MemoryJournal):
        """A launcher that read the parent before it went to the trash stores its branch while a purge begins."""

        def compare_and_set(self, *what: Any, **how: Any) -> Any:
            done = super().compare_and_set(*what, **how)
            if not self.children:
                self.children.append(recorder.ended("branch", refers={"parent": trial, "cut": {"attempt": 1}}))
            return done

    trial = recorder.ended("run")
    thrown = throw_away(recorder.journal, document(recorder, trial), settings, recorder.clock)
    racing = Racing(recorder.journal.address.removeprefix("memory://"))
    racing.children = []
    with pytest.raises(TrialRefused, match=f"trial {trial[:7]} has children, which read through it"):
        purge(racing, thrown)
    assert "purging" not in document(recorder, trial)["trashed"]
    assert restore(recorder.journal, document(recorder, trial), recorder.clock)


def test_a_circle_made_by_hand_is_thrown_away_and_purged(recorder, settings):
    ids = family(recorder)
    refers = {"parent": ids[2], "cut": {"attempt": 1}}
    assert recorder.journal.compare_and_set(ids[0], {}, {"refers": refers})
    for trial in ids:
        throw_away(recorder.journal, document(recorder, trial), settings, recorder.clock)
    for one in with_descendants(recorder.journal, [document(recorder, ids[0])], trash=True):
        purge(recorder.journal, one)
    assert recorder.journal.count_trials(TrialQuery(trash=None)) == 0


def test_only_what_is_in_the_trash_is_purged(recorder):
    trial = recorder.ended("run")
    with pytest.raises(TrialRefused, match="is not in the trash"):
        purge(recorder.journal, document(recorder, trial))
    assert recorder.journal.count_trials(TrialQuery()) == 1


def test_the_weight_counts_every_record(recorder):
    trial = recorder.ended("run")
    before = weigh(recorder.journal, document(recorder, trial)).bytes
    recorder.printed(trial, b"x" * 10_000)
    stored = recorder.stored(trial, "weights", b"w" * 50)
    weight = weigh(recorder.journal, document(recorder, trial))
    assert 10_000 <= weight.bytes - before < 11_000
    assert stored in weight.digests
