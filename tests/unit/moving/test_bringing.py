"""What a delivery says that it brought is what was not there before."""

from __future__ import annotations

import io

import pytest
from unit.moving.test_delivery import Cut, Mortal, deliver

from kleio.journal.contract import Segment
from kleio.journal.memory import MemoryJournal
from kleio.moving.delivery import Delivered, Delivery
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from unit.moving.conftest import Place


def counts(done: Delivered) -> tuple[int, int, int]:
    return done.segments, done.blobs, done.bytes


def held(place: Place, trial: str) -> tuple[set[tuple[str, int]], dict[str, int]]:
    """Which segments a place has and where they end, and how large its blobs are."""
    segments = {(segment.id, segment.last) for segment in place.journal.segments(trial)}
    return segments, {digest: place.blobs.size(digest) for digest in place.blobs.digests()}


def brought(there: Place, parcel: Any) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """What a delivery says that it brought, and what was there behind it that was not there before it."""
    trial = parcel.document["_id"]
    segments, blobs = held(there, trial)
    done = Delivery(there.journal, there.blobs).deliver(parcel)
    after, more = held(there, trial)
    new = more.keys() - blobs.keys()
    return counts(done), (len(after - segments), len(new), sum(more[digest] for digest in new))


def test_of_a_resumed_trial_only_the_new_attempt_is_counted(here: Place, there: Place) -> None:
    trial = here.recorder.ended("x", word=status.SUSPENDED)
    here.recorder.logged(trial, {"loss": 2}, {"loss": 1})
    here.recorder.stored(trial, "weights", b"w" * 1000, blobs=here.blobs)
    said, new = brought(there, here.parcel(trial))
    assert said == new
    assert said[1:] == (1, 1000)
    here.recorder.reserve(trial)
    here.recorder.logged(trial, {"loss": 0}, attempt=2)
    here.recorder.stored(trial, "weights", b"w" * 1000, blobs=here.blobs, attempt=2)
    here.recorder.end(trial)
    expected = len([segment for segment in here.journal.segments(trial) if segment.attempt == 2])
    (segments, *files), _ = brought(there, here.parcel(trial))
    assert (segments, *files) == (expected, 0, 0)
    assert there.whole(trial) == here.whole(trial)


def test_what_an_interrupted_delivery_brought_is_not_counted_again(here: Place, trial: str) -> None:
    seen = set()
    for writes in range(1, 5):
        there = type(here)()
        left = [writes]
        mortal = Delivery(Mortal(there.journal, left), Mortal(there.blobs, left))
        if writes < 4:
            with pytest.raises(Cut):
                mortal.deliver(here.parcel(trial))
        else:
            mortal.deliver(here.parcel(trial))
        said, new = brought(there, here.parcel(trial))
        assert said == new
        seen.add(said)
    assert len(seen) == 3, "everything, the segments alone, nothing"


def test_a_blob_that_another_trial_brought_is_not_counted_again(here: Place, there: Place) -> None:
    for content in (b"small", b"large" * 10_000):
        first, second = (here.recorder.ended("x", str(number), content[:5].decode()) for number in range(2))
        for trial in (first, second):
            here.recorder.stored(trial, "weights", content, blobs=here.blobs)
        assert brought(there, here.parcel(first))[0][1:] == (1, len(content))
        assert brought(there, here.parcel(second))[0][1:] == (0, 0)


def test_a_segment_that_was_brought_while_it_grew_is_brought_whole_and_counted(here: Place, there: Place) -> None:
    trial = here.recorder.running("x")
    part, whole = (Segment(trial, 1, "stdout", "output", 0, last, {"data": b"x" * (last + 1)}) for last in (3, 9))
    here.journal.append([part])
    (parcel,) = here.parcels([trial], running=True)
    deliver(there, parcel)
    assert here.journal.extend(whole, part.last) == whole.last
    here.recorder.end(trial)
    said, new = brought(there, here.parcel(trial))
    assert said == new
    assert list(there.journal.segments(trial, stream="stdout")) == [whole]
    assert there.whole(trial) == here.whole(trial)


def test_what_was_attached_later_is_counted_with_its_bytes(here: Place, there: Place, trial: str) -> None:
    deliver(there, here.parcel(trial))
    digest = here.blobs.put(io.BytesIO(b"figure"))
    body = {"name": "figure", "digest": digest, "size": 6, "metadata": {}, "creator": {"user": "ann"}}
    here.recorder.wrote(trial, "attached", body, attempt=0, writer="remark-1")
    assert brought(there, here.parcel(trial)) == ((1, 1, 6), (1, 1, 6))
    assert brought(there, here.parcel(trial)) == ((0, 0, 0), (0, 0, 0))


def test_what_was_brought_counts_although_the_arrival_had_to_be_repeated(here: Place, trial: str) -> None:
    class Jostled(MemoryJournal):
        """Somebody changes the trial just before its first arrival."""

        jostles = 1

        def replace_trial(self, document: Any, rvn: int) -> bool:
            if self.jostles:
                self.jostles -= 1
                self.compare_and_set(document["_id"], {}, {"tags": ["jostled"]})
            return super().replace_trial(document, rvn)

    there = type(here)()
    there.journal = Jostled(there.name)
    said, new = brought(there, here.parcel(trial))
    assert said == new
    assert said[1:] == (2, 3001)
    assert there.whole(trial)[1:] == here.whole(trial)[1:]


def test_the_journal_is_asked_once_for_each_writer(here: Place, there: Place) -> None:
    class Asked(MemoryJournal):
        """Keeps what was asked of it."""

        def __init__(self, name: str) -> None:
            super().__init__(name)
            self.writers: list[Any] = []

        def last_sequence(self, trial_id: str, *writer: Any, confirmed: bool = False) -> int:
            self.writers.append(writer)
            return super().last_sequence(trial_id, *writer, confirmed=confirmed)

    trial = here.recorder.ended("x", word=status.SUSPENDED)
    here.journal.append([Segment(trial, 1, "stdout", "output", n, n, {"data": b"x"}) for n in range(1200)])
    asked = Asked(there.name)
    Delivery(asked, there.blobs).deliver(here.parcel(trial))
    assert asked.writers == []
    here.recorder.reserve(trial)
    here.recorder.end(trial)
    Delivery(asked, there.blobs).deliver(here.parcel(trial))
    assert asked.writers.count((1, "stdout", "output")) == 1
    assert len(asked.writers) == len(set(asked.writers)) < 10
