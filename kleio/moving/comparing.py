"""Whether a journal holds all of a trial as it is elsewhere: every segment equal, every blob hashed again."""

from __future__ import annotations

import hashlib

from kleio.errors import BlobCorrupt, JournalCorrupt
from kleio.moving.parcel import blobs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.artifacts.contract import BlobStore
    from kleio.journal.contract import Journal
    from kleio.moving.parcel import Parcel


def check_arrival(parcel: Parcel, journal: Journal, blobs: BlobStore) -> None:
    """Read everything back. ``JournalCorrupt`` or ``BlobCorrupt`` for what is missing or different here.

    Both sides come in the same order; what only this journal has (its own notes, say) is passed over.
    """
    trial = parcel.document["_id"]
    held = journal.segments(trial)
    hashed: set[str] = set()
    for wanted in parcel.segments():
        here = next((one for one in held if one.id >= wanted.id), None)
        if here is None or here.id != wanted.id:
            raise JournalCorrupt(f"trial {trial[:7]}: segment {wanted.id!r} did not arrive")
        if here.last != wanted.last or not equal(here.body, wanted.body):
            raise JournalCorrupt(f"trial {trial[:7]}: segment {wanted.id!r} is not what was sent")
        for digest in blobs_of(parcel, wanted) - hashed:
            hashed.add(digest)
            _hash(blobs, digest)


def equal(left: Any, right: Any) -> bool:
    """Equal in values and types, NaN to itself."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, float) and isinstance(right, float):
        return left == right or (left != left and right != right)
    return type(left) is type(right) and bool(left == right)


def _hash(blobs: BlobStore, digest: str) -> None:
    found = hashlib.sha256()
    for piece in blobs.open(digest):
        found.update(piece)
    if found.hexdigest() != digest:
        raise BlobCorrupt(f"the bytes of blob {digest} have the digest {found.hexdigest()}")
