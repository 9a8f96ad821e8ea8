"""``kleio gc``: removes blobs that nothing refers to, and trials that were in the trash for long.

It takes no lock and stops nobody. Safety rests on the order of three moments (``docs/design/collection.rst``): the
collector notes the time, less a day, *before* it reads the first reference; a blob that was put since then stays; and
whoever puts a blob refers to it within an hour, or puts it again behind the reference. Each removal is one step with
the store's own look at the blob's time, so a collector that is stopped for a week and goes on does no harm either.
Trials in the trash refer to their blobs like all others.
"""

from __future__ import annotations

from kleio.artifacts.contract import AGE
from kleio.dataclass import dataclass, field
from kleio.errors import BlobMissing, KleioError
from kleio.journal.contract import TrialQuery
from kleio.launcher.care import trash
from kleio.spool.references import references_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.artifacts.contract import BlobStore
    from kleio.journal.contract import Journal


@dataclass
class Collected:
    """What was removed, or would be. ``young`` blobs are unreferenced as well, and stay for now."""

    trials: list[str] = field(default_factory=list)
    trial_bytes: int = 0
    blobs: int = 0
    blob_bytes: int = 0
    young: int = 0
    young_bytes: int = 0
    uploads: int = 0
    problems: list[str] = field(default_factory=list)


def collect(journal: Journal, blobs: BlobStore, *, trash_age: float, dry_run: bool = False) -> Collected:
    """Purge the trash that is older than ``trash_age`` seconds, then remove the blobs that nothing refers to."""
    before = blobs.now() - AGE
    found = Collected()
    purged = _empty_trash(journal, trash_age, dry_run, found)
    referenced: set[str] = set()
    for document in journal.find_trials(TrialQuery(trash=None)):
        if document["_id"] not in purged:
            referenced |= references_of(journal, document)
    for digest in blobs.digests():
        if digest not in referenced:
            _remove(blobs, digest, before, dry_run, found)
    if not dry_run:
        found.uploads = blobs.sweep(AGE)
    return found


def _empty_trash(journal: Journal, age: float, dry_run: bool, found: Collected) -> set[str]:
    """Purge what has been in the trash, untouched, for so long by the journal's clock; children first."""
    oldest = journal.ping().now - age
    old = [
        document
        for document in journal.find_trials(TrialQuery(trash=True))
        if float(document.get("hb") or 0.0) <= oldest or document["trashed"].get("purging")
    ]
    gone: set[str] = set()
    for document in trash.in_order(old):
        try:
            children = {child["_id"] for child in trash.children_of(journal, document["_id"], trash=None)}
            if children - gone:
                continue  # a child that stays reads through it
            purged = trash.weigh(journal, document) if dry_run else trash.purge(journal, document)
        except KleioError as error:
            found.problems.append(error.message)
            continue
        gone.add(document["_id"])
        found.trials.append(document["_id"])
        found.trial_bytes += purged.bytes
    return gone


def _remove(blobs: BlobStore, digest: str, before: float, dry_run: bool, found: Collected) -> None:
    try:
        size = blobs.size(digest)
        removed = blobs.last_put(digest) < before if dry_run else blobs.collect(digest, before)
    except BlobMissing:
        return  # another collector was faster
    if removed:
        found.blobs += 1
        found.blob_bytes += size
    else:
        found.young += 1
        found.young_bytes += size
