"""Brings one trial into a journal: whole, once, and never over something else.

The trial is there at once, but as ``arriving``: nobody can run it, and whoever repeats what was interrupted completes
it. Then blobs, then the segments that name them, each of them harmless to send twice; then everything is read back and
compared. At last one compare-and-set makes the trial what it was elsewhere. So a crash at any point leaves either the
state before, or an ``arriving`` trial that the same command completes.
"""

from __future__ import annotations

from itertools import chain
from typing import cast

from kleio.dataclass import dataclass
from kleio.errors import JournalCorrupt, TrialBusy, TrialDiverged, TrialRefused
from kleio.failpoints import failpoint
from kleio.moving import relation
from kleio.moving.comparing import compare, equal
from kleio.moving.parcel import EDITS, blobs_of
from kleio.moving.relation import ADDED_LATER
from kleio.moving.streaming import Pieces
from kleio.spool.attempt.liveness import Observer
from kleio.trial import status
from kleio.trial.edits import NAME, NOTE, TAGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, BinaryIO

    from kleio.artifacts.contract import BlobStore
    from kleio.journal.contract import Journal, Segment
    from kleio.moving.parcel import Parcel

ADDED = "added"
UPDATED = "updated"
COMPLETED = "completed"
THERE = "there"
NEWER = "newer"
_WORDS = {relation.NEW: ADDED, relation.AHEAD: UPDATED, relation.UNFINISHED: COMPLETED}
_EDITS = {NOTE: "note", TAGS: "change of tag", NAME: "change of name"}
_TRIES = 20
BATCH_BYTES = 4 << 20
BATCH = 500
SMALL = 16 << 10
"""Bytes of a blob that is stored together with others."""


@dataclass(frozen=True)
class Delivered:
    """What became of a trial: ``added``; ``updated`` or ``completed`` (there was an older state, or its beginning);
    ``there`` before, all of it; or ``newer`` there than what came, which was left as it is. ``edits`` says what was
    ``updated`` if it was only what people had added to it: ``1 note``."""

    trial: str
    result: str
    segments: int = 0
    blobs: int = 0
    bytes: int = 0
    edits: str = ""


class Delivery:
    """Brings trials into one journal. ``pulse`` is called with every piece of a blob and every batch: its bytes."""

    def __init__(self, journal: Journal, blobs: BlobStore, pulse: Callable[[int], None] = lambda size: None) -> None:
        self._journal, self._blobs, self._pulse = journal, blobs, pulse

    def foretell(self, parcel: Parcel) -> Delivered:
        """What :meth:`deliver` would do. ``TrialDiverged`` if it would refuse."""
        here = self._journal.trial(parcel.document["_id"])
        result = self._result(parcel, here)
        if result in (THERE, NEWER):
            return _later(parcel, result, self._missing(parcel))
        return Delivered(parcel.document["_id"], result)

    def deliver(self, parcel: Parcel) -> Delivered:
        """Bring it. ``TrialDiverged`` if the trial was run here, and there, each without the other; ``TrialBusy`` if
        it still runs here, and what comes has more."""
        trial = parcel.document["_id"]
        for _ in range(_TRIES):
            here = self._journal.trial(trial)
            result = self._result(parcel, here)
            if result in (THERE, NEWER):
                assert here is not None
                missing = self._missing(parcel)
                if self._add_later(parcel, here, missing):
                    return _later(parcel, result, missing)
                continue
            document = dict(parcel.document)
            if here is not None:
                document = relation.joined(document, here, self._only_here(parcel), parcel.segments(EDITS))
            rvn = self._announce(document, here)
            if rvn is None:
                continue  # somebody changed it in this moment: look again
            counts = self._bring(parcel)
            compare(parcel, self._journal, self._blobs)
            failpoint("before_arrival")
            if self._journal.replace_trial(document, rvn):
                return Delivered(trial, result, *counts)
        raise TrialBusy(f"trial {trial[:7]} could not be written: others change it all the time")

    def _result(self, parcel: Parcel, here: Mapping[str, Any] | None) -> str:
        if here is not None and here.get("trashed"):
            short = here["_id"][:7]
            raise TrialRefused(
                f"trial {short} is there, in the trash", hint=f"take it out first: kleio restore {short}"
            )
        how = relation.relation(parcel, self._journal, here)
        if how == relation.DIVERGED:
            assert here is not None
            raise diverged(parcel.document, here)
        if how in (relation.SAME, relation.BEHIND):
            return THERE if how == relation.SAME else NEWER
        if here is not None and here["status"] in status.HELD:
            self._refuse_held(here)
        return _WORDS[how]

    def _refuse_held(self, here: Mapping[str, Any]) -> None:
        """Nothing is taken from under a launcher that lives: what it still records would mix with what comes."""
        document, now, _ = Observer(self._journal).current(dict(here))
        if now in status.HELD:
            short = here["_id"][:7]
            where = (document.get("holder") or {}).get("host") or "another machine"
            raise TrialBusy(
                f"trial {short} was run on elsewhere, and is {now} here on {where}",
                hint=f"end it here first: kleio suspend {short}",
            )

    def _announce(self, document: Mapping[str, Any], here: Mapping[str, Any] | None) -> int | None:
        """The trial as arriving; its ``rvn``, or ``None`` if somebody else was faster."""
        arriving = {**document, "status": status.ARRIVING, "arriving": {"status": document["status"]}}
        failpoint("before_announce")
        if here is None:
            return 0 if self._journal.insert_trial(arriving) else None
        rvn = cast("int", here["rvn"])
        if equal({field: value for field, value in here.items() if field not in ("rvn", "hb")}, arriving):
            return rvn  # announced before, and perhaps being brought by another process: whoever is first completes it
        return rvn + 1 if self._journal.replace_trial(arriving, rvn) else None

    def _bring(self, parcel: Parcel) -> tuple[int, int, int]:
        """All segments, blobs before those that name them. Returns how many segments, blobs and bytes were new."""
        segments, bytes_, brought = 0, 0, set[str]()
        for batch in batches(parcel.segments()):
            small: dict[str, bytes] = {}
            for segment in batch:
                for digest in blobs_of(parcel, segment) - brought:
                    bytes_ += self._bring_blob(parcel, digest, small)
                    brought.add(digest)
            self._bring_small(small)
            failpoint("before_segments")
            for segment, last in zip(batch, self._journal.append(batch), strict=True):
                self._lengthen(segment, last)
            segments += len(batch)
            self._pulse(0)
        return segments, len(brought), bytes_

    def _lengthen(self, segment: Segment, last: int) -> None:
        """The last segment of a stream that was brought while its trial ran (it ends with ``last`` here) has grown."""
        if last < segment.last:
            last = self._journal.extend(segment, last)
        if last != segment.last:
            raise JournalCorrupt(f"trial {segment.trial[:7]}: the journal holds another segment {segment.id!r}")

    def _bring_blob(self, parcel: Parcel, digest: str, small: dict[str, bytes]) -> int:
        """Store a blob, or put it with the ``small`` ones; its size. Also one that is there: its age begins anew."""
        pieces = parcel.blob(digest)
        head = next(pieces, b"")
        if len(head) <= SMALL:
            small[digest] = b"".join([head, *pieces])
            if len(small) >= BATCH:
                self._bring_small(small)
            return len(head)
        failpoint("before_blob")
        source = Pieces(chain([head], pieces), self._pulse)
        self._blobs.put(cast("BinaryIO", source), digest)
        return source.size

    def _bring_small(self, small: dict[str, bytes]) -> None:
        """Store small blobs together, which costs little more than one."""
        if small:
            failpoint("before_blob")
            found = self._blobs.put_many(list(small.values()))
            assert found == list(small), "a parcel gives verified bytes"
            self._pulse(sum(map(len, small.values())))
            small.clear()

    def _missing(self, parcel: Parcel) -> list[Segment]:
        """Notes, tags, names and remarks that only the one that comes has."""
        trial = parcel.document["_id"]
        return [
            segment
            for stream in ADDED_LATER
            for segment in relation.lacking(parcel.segments(stream), self._journal.segments(trial, stream=stream))
        ]

    def _add_later(self, parcel: Parcel, here: Mapping[str, Any], missing: list[Segment]) -> bool:
        """Add what is missing. False if the trial changed meanwhile."""
        edits = [segment for segment in missing if segment.stream == EDITS]
        if edits:
            known = self._journal.segments(here["_id"], stream=EDITS)
            new = relation.joined(here, {**parcel.document, "fence": 1, "name": None}, edits, known)
            changed = {field: new[field] for field in ("tags", "name") if new[field] != here.get(field)}
            if changed and not self._journal.compare_and_set(here["_id"], {"rvn": here["rvn"]}, changed):
                return False
        if missing:
            small: dict[str, bytes] = {}
            for digest in {digest for segment in missing for digest in blobs_of(parcel, segment)}:
                self._bring_blob(parcel, digest, small)
            self._bring_small(small)
            self._journal.append(missing)
        return True

    def _only_here(self, parcel: Parcel) -> list[Segment]:
        ours = self._journal.segments(parcel.document["_id"], stream=EDITS)
        return relation.lacking(ours, parcel.segments(EDITS))


def _later(parcel: Parcel, result: str, missing: list[Segment]) -> Delivered:
    """The result for a trial to which at most something was added by hand."""
    counts: dict[str, int] = {}
    for segment in missing:
        what = _EDITS.get(str(segment.body.get("kind")), "edit") if segment.stream == EDITS else "remark"
        counts[what] = counts.get(what, 0) + 1
    edits = ", ".join(f"{count} {what}{'s' if count > 1 else ''}" for what, count in sorted(counts.items()))
    return Delivered(parcel.document["_id"], UPDATED if edits else result, len(missing), edits=edits)


def batches(segments: Iterator[Segment]) -> Iterator[list[Segment]]:
    """The segments in lists of a few megabytes at most."""
    batch: list[Segment] = []
    size = 0
    for segment in segments:
        batch.append(segment)
        size += weight(segment)
        if size >= BATCH_BYTES or len(batch) >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def weight(segment: Segment) -> int:
    """About how many bytes a segment takes."""
    return sum(_size(value) for value in segment.body.values()) + 200


def _size(value: Any) -> int:
    if isinstance(value, (str, bytes)):
        return len(value)
    if isinstance(value, dict):
        return sum(_size(each) for each in value.values()) + 8 * len(value)
    return sum(map(_size, value)) if isinstance(value, list) else 8


def diverged(comes: Mapping[str, Any], here: Mapping[str, Any]) -> TrialDiverged:
    """The refusal to choose between two histories."""
    short = here["_id"][:7]
    if here["status"] == status.ARRIVING:
        return TrialDiverged(
            f"trial {short} is arriving from another journal, in a state that this one does not lead to",
            hint="complete that first: repeat the `kleio import` or `kleio copy` that began it",
        )
    return TrialDiverged(
        f"trial {short} was run both here ({_latest(here)}) and there ({_latest(comes)}), each without the other: "
        "nothing of it was moved",
        hint=f"go on in one of the two journals; `kleio info {short}` shows what each has",
    )


def _latest(document: Mapping[str, Any]) -> str:
    event = document.get("event") or {}
    where = (event.get("who") or {}).get("host")
    return f"attempt {document.get('fence')}: {document['status']}" + (f" on {where}" if where else "")
