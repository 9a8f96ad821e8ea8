"""Brings many trials, one after the other: what befalls one does not keep the others, and nothing is passed over."""

from __future__ import annotations

from kleio.dataclass import dataclass
from kleio.errors import (
    JournalLocked,
    JournalReadOnly,
    JournalTooNew,
    JournalUnreachable,
    KleioError,
    TrialBusy,
    TrialRefused,
)
from kleio.moving.selection import Waiting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kleio.moving.delivery import Delivery
    from kleio.moving.parcel import Parcel

WAITING = "waiting"
REFUSED = "refused"
FAILED = "failed"
_NO_JOURNAL = (JournalUnreachable, JournalLocked, JournalReadOnly, JournalTooNew)
"""With these the next trial would fare no better."""


@dataclass(frozen=True)
class Moved:
    """What became of one trial: a result of :class:`kleio.moving.delivery.Delivered`, or ``waiting`` (it runs),
    ``refused`` (two histories) or ``failed`` (damaged), and then why. ``edits``: what was ``updated``, if it
    was no more than what people had added."""

    trial: str
    result: str
    segments: int = 0
    blobs: int = 0
    bytes: int = 0
    why: str = ""
    hint: str | None = None
    edits: str = ""


def transfer(
    parcels: Iterable[Parcel | Waiting | Moved], delivery: Delivery, *, dry_run: bool = False
) -> Iterator[Moved]:
    """Bring them all; with ``dry_run`` only say what would become of each. Raises what ends everything.

    What is ``Moved`` already, because it could not even be read, is passed on.
    """
    left: set[str] = set()
    for parcel in parcels:
        if isinstance(parcel, Moved):
            moved = parcel
        elif isinstance(parcel, Waiting):
            moved = Moved(parcel.trial, WAITING, why=parcel.why)
        else:
            moved = _one(parcel, delivery, left, dry_run)
        if moved.result in (REFUSED, FAILED):
            left.add(moved.trial)
        yield moved


def _one(parcel: Parcel, delivery: Delivery, left: set[str], dry_run: bool) -> Moved:
    trial = parcel.document["_id"]
    parent = (parcel.document.get("refers") or {}).get("parent")
    if parent in left:
        # Its records would be read behind those of another history.
        return Moved(trial, REFUSED, why=f"trial {trial[:7]} is a branch of trial {parent[:7]}, which was not moved")
    try:
        done = delivery.foretell(parcel) if dry_run else delivery.deliver(parcel)
    except _NO_JOURNAL:
        raise
    except TrialRefused as error:
        return Moved(trial, REFUSED, why=error.message, hint=error.hint)
    except TrialBusy as error:
        return Moved(trial, WAITING, why=error.message, hint=error.hint)
    except KleioError as error:
        why = error.message if trial[:7] in error.message else f"trial {trial[:7]}: {error.message}"
        return Moved(trial, FAILED, why=why, hint=error.hint)
    except ValueError as error:  # what this kind of journal cannot hold
        return Moved(trial, FAILED, why=f"trial {trial[:7]} cannot be stored there: {error}")
    return Moved(trial, done.result, done.segments, done.blobs, done.bytes, edits=done.edits)
