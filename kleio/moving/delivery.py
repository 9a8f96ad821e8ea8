"""Brings one trial into a journal: whole, once, and never over something else.

The trial is there at once, but as ``arriving``: nobody can run it, and whoever repeats what was interrupted completes
it. Then blobs, then the segments that name them, each of them harmless to send twice; then everything is read back and
compared. At last one compare-and-set makes the trial what it was elsewhere. So a crash at any point leaves either the
state before, or an ``arriving`` trial that the same command completes.
"""

from __future__ import annotations

from typing import cast

from kleio.dataclass import dataclass, replace
from kleio.errors import TrialBusy, TrialDiverged, TrialRefused
from kleio.failpoints import failpoint
from kleio.moving import relation
from kleio.moving.bringing import Bringing
from kleio.moving.comparing import check_arrival, equal
from kleio.moving.parcel import EDITS
from kleio.moving.relation import ADDED_LATER
from kleio.spool.attempt.liveness import Observer
from kleio.trial import status
from kleio.trial.edits import NAME, NOTE, TAGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

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


@dataclass(frozen=True)
class Delivered:
    """What became of a trial: ``added``; ``updated`` or ``completed`` (there was an older state, or its beginning);
    ``there`` before, all of it; or ``newer`` there than what came, which was left as it is. ``edits`` says what was
    ``updated`` if it was only what people had added to it: ``1 note``. ``segments``, ``blobs`` and the ``bytes`` of
    these are what this delivery brought and the journal did not have before."""

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
        bringing = Bringing(parcel, self._journal, self._blobs, self._pulse)
        for _ in range(_TRIES):
            here = self._journal.trial(trial)
            result = self._result(parcel, here)
            if result in (THERE, NEWER):
                assert here is not None
                missing = self._missing(parcel)
                if self._add_later(parcel, here, missing, bringing):
                    return _with_counts(_later(parcel, result, missing), bringing)
                continue
            document = dict(parcel.document)
            if here is not None:
                document = relation.joined(document, here, self._only_here(parcel), parcel.segments(EDITS))
            bringing.look(is_here=here is not None)
            rvn = self._announce(document, here)
            if rvn is None:
                continue  # somebody changed it in this moment: look again
            bringing.bring(parcel.segments())
            check_arrival(parcel, self._journal, self._blobs)
            failpoint("before_arrival")
            if self._journal.replace_trial(document, rvn):
                return _with_counts(Delivered(trial, result), bringing)
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

    def _missing(self, parcel: Parcel) -> list[Segment]:
        """Notes, tags, names and remarks that only the one that comes has."""
        trial = parcel.document["_id"]
        return [
            segment
            for stream in ADDED_LATER
            for segment in relation.lacking(parcel.segments(stream), self._journal.segments(trial, stream=stream))
        ]

    def _add_later(self, parcel: Parcel, here: Mapping[str, Any], missing: list[Segment], bringing: Bringing) -> bool:
        """Add what is missing. False if the trial changed meanwhile."""
        edits = [segment for segment in missing if segment.stream == EDITS]
        if edits:
            known = self._journal.segments(here["_id"], stream=EDITS)
            new = relation.joined(here, {**parcel.document, "fence": 1, "name": None}, edits, known)
            changed = {field: new[field] for field in ("tags", "name") if new[field] != here.get(field)}
            if changed and not self._journal.compare_and_set(here["_id"], {"rvn": here["rvn"]}, changed):
                return False
        bringing.bring(missing)
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


def _with_counts(done: Delivered, bringing: Bringing) -> Delivered:
    return replace(done, segments=bringing.segments, blobs=bringing.blobs, bytes=bringing.bytes)


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
