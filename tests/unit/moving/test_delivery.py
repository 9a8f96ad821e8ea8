"""A trial arrives whole, once, and never over something else, wherever the way was cut."""

from __future__ import annotations

import io
import os

import pytest

from kleio.artifacts.memory import MemoryBlobs
from kleio.errors import BlobCorrupt, BlobMissing, JournalCorrupt, TrialBusy, TrialDiverged, TrialRefused
from kleio.journal.contract import Segment
from kleio.journal.memory import MemoryJournal
from kleio.moving.archive_reader import ArchiveReader
from kleio.moving.delivery import Delivery
from kleio.moving.transfer import transfer
from kleio.spool.records.segments import records_of
from kleio.trial import status
from kleio.trial.edits import EDITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from unit.moving.conftest import Place


class Cut(Exception):
    """The process is gone."""


class Mortal:
    """A journal or a blob store whose user dies before the n-th call that writes."""

    def __init__(self, real: Any, left: list[int]) -> None:
        self._real, self._left = real, left

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)
        if name not in ("insert_trial", "replace_trial", "append", "put", "put_many", "compare_and_set"):
            return method

        def counted(*arguments: Any, **named: Any) -> Any:
            self._left[0] -= 1
            if self._left[0] < 0:
                raise Cut
            return method(*arguments, **named)

        return counted


def deliver(there: Place, parcel: Any) -> str:
    return Delivery(there.journal, there.blobs).deliver(parcel).result


def opened(place: Place, trial: str) -> Any:
    """The trial as it is now, whatever becomes of it later."""
    return ArchiveReader(io.BytesIO(place.archive(trial)), "archive").parcel(trial)


def tag(place: Place, trial: str, added: list[str], removed: list[str], name: str, time: float) -> None:
    document = place.journal.trial(trial)
    assert document is not None
    tags = sorted({*document["tags"], *added} - {*removed})
    place.journal.compare_and_set(trial, {}, {"tags": tags})
    edit = {"id": name, "kind": "tags", "time": time, "added": added, "removed": removed}
    place.journal.append([Segment(trial, document["fence"], EDITS, name, 0, 0, edit)])


def test_a_trial_arrives_with_all_that_it_recorded(here: Place, there: Place, trial: str) -> None:
    done = Delivery(there.journal, there.blobs).deliver(here.parcel(trial))
    assert (done.result, done.blobs, done.bytes) == ("added", 2, 3001)
    assert there.whole(trial) == here.whole(trial)
    assert deliver(there, here.parcel(trial)) == "there"
    assert there.whole(trial) == here.whole(trial)


def test_death_at_any_write_leaves_what_a_repetition_completes(here: Place, trial: str) -> None:
    lived = False
    for writes in range(50):
        there = type(here)()
        left = [writes]
        mortal = Delivery(Mortal(there.journal, left), Mortal(there.blobs, left))
        try:
            mortal.deliver(here.parcel(trial))
            lived = True
        except Cut:
            found = there.journal.trial(trial)
            assert found is None or found["status"] == status.ARRIVING
        assert deliver(there, here.parcel(trial)) in ("added", "completed", "there")
        assert there.whole(trial) == here.whole(trial)
        if lived:
            break
    assert writes == 4


def test_what_is_arriving_cannot_be_reserved(here: Place, there: Place, trial: str) -> None:
    left = [2]
    with pytest.raises(Cut):
        Delivery(Mortal(there.journal, left), Mortal(there.blobs, left)).deliver(here.parcel(trial))
    expected = {"status": status.RESERVABLE}
    assert there.journal.compare_and_set(trial, expected, {}, claim=True, event={"id": "x"}) is None


def test_an_older_state_is_brought_up_to_date_and_a_newer_one_left(here: Place, there: Place) -> None:
    trial = here.recorder.ended("x", word=status.SUSPENDED)
    archived = opened(here, trial)
    deliver(there, here.parcel(trial))
    here.recorder.reserve(trial)
    here.recorder.end(trial)
    here.recorder.logged(trial, {"loss": 1}, attempt=2)
    assert Delivery(there.journal, there.blobs).foretell(here.parcel(trial)).result == "updated"
    assert deliver(there, here.parcel(trial)) == "updated"
    assert there.whole(trial) == here.whole(trial)
    assert deliver(there, archived) == "newer"
    assert deliver(here, there.parcel(trial)) == "there"
    assert there.whole(trial) == here.whole(trial)


def test_a_trial_that_moves_on_while_it_is_read_is_brought_up_to_date_later(here: Place, there: Place) -> None:
    trial = here.recorder.ended("x", word=status.SUSPENDED)
    read = here.parcel(trial)
    here.recorder.reserve(trial)
    here.recorder.logged(trial, {"loss": 1}, attempt=2)
    assert deliver(there, read) == "added"
    assert [segment for segment in there.journal.segments(trial) if segment.attempt == 2] == []
    here.recorder.end(trial)
    assert deliver(there, read) == "there"
    assert deliver(there, here.parcel(trial)) == "updated"
    assert there.whole(trial) == here.whole(trial)


def run_on_elsewhere(here: Place, there: Place, holder: dict[str, Any]) -> str:
    """A trial that runs ``here``, was taken as it ran, and ended ``there``."""
    trial = here.recorder.running("x", holder=holder)
    (parcel,) = here.parcels([trial], running=True)
    assert deliver(there, parcel) == "added"
    there.recorder.reserve(trial)
    there.recorder.end(trial)
    return trial


def test_a_trial_that_runs_here_is_not_replaced_by_what_was_made_of_it_elsewhere(here: Place, there: Place) -> None:
    trial = run_on_elsewhere(here, there, {"host": "engine", "lease": 90.0})
    before = here.whole(trial)
    (waiting,) = transfer([there.parcel(trial)], Delivery(here.journal, here.blobs))
    assert (waiting.result, waiting.hint) == ("waiting", f"end it here first: kleio suspend {trial[:7]}")
    assert "is running here on engine" in waiting.why
    with pytest.raises(TrialBusy):
        Delivery(here.journal, here.blobs).foretell(there.parcel(trial))
    assert here.whole(trial) == before


def test_a_trial_whose_launcher_died_here_is_replaced(here: Place, there: Place) -> None:
    dead = {"host": os.uname().nodename, "boot_id": "before the machine was rebooted", "lease": 90.0}
    trial = run_on_elsewhere(here, there, dead)
    assert deliver(here, there.parcel(trial)) == "updated"
    assert here.whole(trial)[0]["status"] == "completed"


def test_two_histories_of_one_trial_are_never_mixed(here: Place, there: Place) -> None:
    trial = here.recorder.ended("x", word=status.SUSPENDED)
    deliver(there, here.parcel(trial))
    for place in (here, there):
        place.recorder.reserve(trial)
        place.recorder.end(trial)
    before = there.whole(trial)
    with pytest.raises(
        TrialDiverged, match=f"trial {trial[:7]} was run both here .attempt 2: completed on engine. and"
    ):
        deliver(there, here.parcel(trial))
    assert there.whole(trial) == before


def test_a_trial_that_never_ran_gives_way_to_one_that_did(here: Place, there: Place) -> None:
    trial = here.recorder.ended("x", tags=["here"])
    there.recorder.new("x", trial_id=trial, tags=["there"], name="mine")
    assert deliver(there, here.parcel(trial)) == "updated"
    found = there.journal.trial(trial)
    assert found is not None
    assert (found["status"], found["tags"], found["name"]) == ("completed", ["here", "there"], "mine")
    untouched = type(here)()
    untouched.recorder.new("x", trial_id=trial)
    assert deliver(there, untouched.parcel(trial)) == "newer"
    assert there.journal.trial(trial) == found


def test_tags_and_notes_of_both_sides_are_kept(here: Place, there: Place, trial: str) -> None:
    deliver(there, here.parcel(trial))
    tag(here, trial, ["h"], ["a"], "e-here", 1.0)
    tag(there, trial, ["t"], [], "e-there", 2.0)
    assert deliver(there, here.parcel(trial)) == "updated"
    assert deliver(here, there.parcel(trial)) == "updated"
    assert deliver(there, here.parcel(trial)) == deliver(here, there.parcel(trial)) == "there"
    for place in (here, there):
        assert (place.journal.trial(trial) or {})["tags"] == ["h", "t"]
        assert [one.writer for one in place.journal.segments(trial, stream=EDITS)] == ["e-here", "e-there"]


def test_an_artifact_that_was_attached_later_comes_with_its_bytes(here: Place, there: Place, trial: str) -> None:
    deliver(there, here.parcel(trial))
    for content in (b"small", b"large" * 10_000):
        digest = here.blobs.put(io.BytesIO(content))
        body = {"name": "figure", "digest": digest, "size": len(content), "metadata": {}, "creator": {"user": "ann"}}
        here.recorder.wrote(trial, "attached", body, attempt=0, writer=f"remark-{digest[:8]}")
    assert deliver(there, here.parcel(trial)) == "updated"
    assert there.whole(trial) == here.whole(trial)
    digests = [
        record["digest"] for one in there.journal.segments(trial, stream="attached") for record in records_of(one)
    ]
    assert sorted(len(b"".join(there.blobs.open(digest))) for digest in digests) == [5, 50_000]
    assert deliver(there, here.parcel(trial)) == "there"


def test_tags_added_there_survive_an_update(here: Place, there: Place) -> None:
    trial = here.recorder.ended("x", word=status.SUSPENDED, tags=["a"])
    deliver(there, here.parcel(trial))
    tag(there, trial, ["t"], ["a"], "e-there", 2.0)
    here.recorder.reserve(trial)
    here.recorder.end(trial)
    assert deliver(there, here.parcel(trial)) == "updated"
    assert (there.journal.trial(trial) or {})["tags"] == ["t"]


def test_a_running_trial_does_not_look_live_elsewhere_and_catches_up_later(here: Place, there: Place) -> None:
    trial = here.recorder.running("x")
    here.recorder.logged(trial, {"loss": 1})
    (parcel,) = here.parcels([trial], running=True)
    deliver(there, parcel)
    found = there.journal.trial(trial)
    assert found is not None
    assert (found["status"], found["owner"], found["holder"], found["fence"]) == ("failover", None, None, 1)
    here.recorder.logged(trial, {"loss": 2})
    here.recorder.end(trial)
    assert deliver(there, here.parcel(trial)) == "updated"
    assert there.whole(trial) == here.whole(trial)


def test_what_is_in_the_trash_there_is_left_there(here: Place, there: Place, trial: str) -> None:
    deliver(there, here.parcel(trial))
    there.journal.compare_and_set(trial, {}, {"trashed": {"time": 1.0}})
    with pytest.raises(TrialRefused, match="in the trash"):
        deliver(there, here.parcel(trial))


def test_another_archive_of_a_trial_that_is_arriving_is_refused(here: Place, there: Place) -> None:
    trial = here.recorder.ended("x", word=status.SUSPENDED)
    old = opened(here, trial)
    here.recorder.reserve(trial)
    here.recorder.end(trial)
    left = [1]
    with pytest.raises(Cut):
        Delivery(Mortal(there.journal, left), there.blobs).deliver(here.parcel(trial))
    with pytest.raises(TrialDiverged, match="is arriving from another journal"):
        deliver(there, old)
    assert deliver(there, here.parcel(trial)) == "completed"


@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_damaged_bytes_are_not_passed_on(here: Place, there: Place, trial: str, harm: str) -> None:
    digest = next(iter(here.blobs.digests()))
    blobs = MemoryBlobs(here.name)
    if harm == "missing":
        blobs.collect(digest, float("inf"))
    else:
        blobs._blobs[digest] = b"other"
    with pytest.raises(BlobMissing if harm == "missing" else BlobCorrupt):
        deliver(there, here.parcel(trial))
    assert (there.journal.trial(trial) or {})["status"] == status.ARRIVING


def test_other_records_under_the_same_name_are_noticed(here: Place, there: Place, trial: str) -> None:
    there.journal.append([Segment(trial, 1, "statistics", "w", 0, 1, {"format": 1, "groups": []})])
    with pytest.raises(JournalCorrupt, match="is not what was sent"):
        deliver(there, here.parcel(trial))


def test_two_deliveries_at_once_both_succeed(here: Place, there: Place, trial: str) -> None:
    class Nested(MemoryJournal):
        """While one is about to finish, another brings the same trial from its beginning to its end."""

        busy = False

        def replace_trial(self, document: Any, rvn: int) -> bool:
            if not Nested.busy:
                Nested.busy = True
                assert deliver(there, here.parcel(trial)) == "completed"
            return super().replace_trial(document, rvn)

    assert Delivery(Nested(there.name), there.blobs).deliver(here.parcel(trial)).result == "there"
    assert there.whole(trial) == here.whole(trial)
