"""The trash: trials that are out of sight and keep everything, until they are restored or purged.

A trial goes to the trash, and comes back, by one compare-and-set of its field ``trashed``; a reservation demands that
the field is empty, so a trial never runs from the trash, whoever is faster. Children read through their parents, so no
trial goes before its children, and one that comes back brings back its parents.

A purge first writes into the trial that it has begun, so that nobody restores what is being deleted. One that was cut
short is finished by the next purge, or by the collector.
"""

from __future__ import annotations

from kleio.clock import stamp
from kleio.dataclass import dataclass
from kleio.errors import TrialBusy, TrialNotFound, TrialRefused
from kleio.journal.contract import Segment, TrialQuery
from kleio.launcher.rescue import rescue
from kleio.launcher.reserve import this_process
from kleio.spool.attempt.liveness import held_by
from kleio.spool.references import digests_in, refers_to_blobs
from kleio.trial import status
from kleio.trial.edits import EDITS, RESTORED, TRASHED, new_edit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.settings import Settings

    Document = dict[str, Any]

MOST_NAMED = 5
"""Children that a refusal names."""


@dataclass(frozen=True)
class Purged:
    """A trial that is deleted, or would be: bytes of its records, and the digests that it referred to."""

    trial: str
    bytes: int
    digests: frozenset[str]


def throw_away(
    journal: Journal, document: Mapping[str, Any], settings: Settings, clock: Clock, *, why: str = ""
) -> Document:
    """Put a trial into the trash. Refused while it is held, and while it has children that are not there."""
    document = rescue(journal, dict(document), settings, clock)
    short = document["_id"][:7]
    if document["status"] in status.HELD:
        raise TrialBusy(
            f"trial {short} is {document['status']} on {held_by(document)}: it is not removed",
            hint=f"end it first: kleio suspend {short}, or kleio kill {short}",
        )
    _refuse_with_children(journal, document, trash=False)
    trashed = {**stamp(clock), "who": this_process(), "why": why}
    return _change(journal, document, trashed, new_edit(TRASHED, clock, who=this_process(), text=why))


def restore(journal: Journal, document: Mapping[str, Any], clock: Clock) -> list[Document]:
    """Take a trial out of the trash, and its parents, which it reads through, before it. Returns those that moved."""
    family = [dict(document)]
    seen = {document["_id"]}
    while (parent := (family[-1].get("refers") or {}).get("parent")) and parent not in seen:
        seen.add(parent)
        found = journal.trial(parent)
        if found is None:
            break
        family.append(found)
    moved = []
    for one in reversed(family):
        if not one.get("trashed"):
            continue
        if one["trashed"].get("purging"):
            raise TrialRefused(
                f"trial {one['_id'][:7]} is being purged: parts of it are gone",
                hint=f"finish that with: kleio rm --purge {one['_id'][:7]}",
            )
        moved.append(_change(journal, one, None, new_edit(RESTORED, clock, who=this_process())))
    return moved


def purge(
    journal: Journal, document: Mapping[str, Any], *, dry_run: bool = False, without: Collection[str] = ()
) -> Purged:
    """Delete a trial that is in the trash, with all its records. Its blobs are the collector's business.

    ``dry_run`` only looks, as if the trials ``without`` were gone already.
    """
    short = document["_id"][:7]
    _refuse_with_children(journal, document, trash=None, without=without)
    purged = weigh(journal, document)
    if dry_run:
        return purged
    if not document.get("trashed"):
        raise TrialRefused(f"trial {short} is not in the trash", hint=f"kleio rm {short}")
    begun = journal.compare_and_set(
        document["_id"], {"rvn": document["rvn"]}, {"trashed": {**document["trashed"], "purging": True}}
    )
    if begun is None:
        raise TrialBusy(f"trial {short} was changed by somebody else in this moment", hint="kleio rm --list")
    try:  # once more, for a branch that was under way before the mark stood there
        _refuse_with_children(journal, document, trash=None, without=without)
    except TrialRefused:
        journal.compare_and_set(document["_id"], {"rvn": begun["rvn"]}, {"trashed": document["trashed"]})
        raise
    journal.delete_trial(document["_id"])
    return purged


def weigh(journal: Journal, document: Mapping[str, Any]) -> Purged:
    """How large the trial's records are, and what they refer to."""
    size, digests = _size(document), digests_in(document)
    for segment in journal.segments(document["_id"]):
        size += _size(segment.body)
        if refers_to_blobs(segment.stream):
            digests |= digests_in(segment.body)
    return Purged(document["_id"], size, frozenset(digests))


def children_of(journal: Journal, trial: str, *, trash: bool | None) -> list[Document]:
    """The trials that branch off this one."""
    found = journal.find_trials(TrialQuery(parent=trial, trash=trash))
    return [child for child in found if child["_id"] != trial]


def with_descendants(journal: Journal, documents: Iterable[Document], *, trash: bool | None) -> list[Document]:
    """These trials and all that branch off them, each once, and none before its children."""
    ordered: dict[str, Document] = {}
    entered: set[str] = set()
    stack: list[tuple[Document, Iterator[Document]]] = []
    for root in documents:
        queue = iter([root])
        while True:
            document = next(queue, None)
            if document is not None and document["_id"] in entered:
                continue  # seen already, or a circle that somebody made by hand
            if document is not None:
                entered.add(document["_id"])
                stack.append((document, queue))
                queue = iter(children_of(journal, document["_id"], trash=trash))
            elif stack:
                document, queue = stack.pop()
                ordered[document["_id"]] = document
            else:
                break
    return list(ordered.values())


def in_order(documents: Iterable[Document]) -> list[Document]:
    """These trials, none before those of them that branch off it."""
    by_id = {document["_id"]: document for document in documents}

    def depth(document: Document) -> int:
        seen: set[str] = set()
        while document["_id"] not in seen:
            seen.add(document["_id"])
            document = by_id.get((document.get("refers") or {}).get("parent"), document)
        return len(seen)

    return sorted(by_id.values(), key=depth, reverse=True)


def _refuse_with_children(
    journal: Journal, document: Mapping[str, Any], *, trash: bool | None, without: Collection[str] = ()
) -> None:
    found = children_of(journal, document["_id"], trash=trash)
    children = [child for child in found if child["_id"] not in without]
    if children:  # in a circle that somebody made by hand nobody comes first
        above = _ancestors(journal, document)
        children = [child for child in children if child["_id"] not in above]
    if not children:
        return
    short = document["_id"][:7]
    named = ", ".join(f"{child['_id'][:7]} [{_word(child)}]" for child in children[:MOST_NAMED])
    more = f" and {len(children) - MOST_NAMED} more" if len(children) > MOST_NAMED else ""
    raise TrialRefused(
        f"trial {short} has children, which read through it: {named}{more}",
        hint=f"remove them with it: kleio rm --recursive{'' if trash is False else ' --purge'} {short}",
    )


def _ancestors(journal: Journal, document: Mapping[str, Any]) -> set[str]:
    seen: set[str] = set()
    found: Mapping[str, Any] | None = document
    while found is not None and (parent := (found.get("refers") or {}).get("parent")) and parent not in seen:
        seen.add(parent)
        found = journal.trial(parent)
    return seen


def _word(document: Mapping[str, Any]) -> str:
    return f"{document['status']}, in the trash" if document.get("trashed") else str(document["status"])


def _change(
    journal: Journal, document: Mapping[str, Any], trashed: Mapping[str, Any] | None, edit: Mapping[str, Any]
) -> Document:
    """One move into the trash or out of it. A trial that anybody has touched meanwhile is left alone."""
    moved = journal.compare_and_set(document["_id"], {"rvn": document["rvn"]}, {"trashed": trashed})
    short = document["_id"][:7]
    if moved is None:
        if journal.trial(document["_id"]) is None:
            raise TrialNotFound(f"trial {short} was deleted meanwhile")
        raise TrialBusy(f"trial {short} was changed by somebody else in this moment", hint=f"kleio info {short}")
    journal.append([Segment(document["_id"], document["fence"], EDITS, edit["id"], 0, 0, edit)])
    return moved


def _size(value: Any) -> int:
    """About how many bytes a stored value takes."""
    if isinstance(value, dict):
        return sum(len(key) + _size(item) for key, item in value.items())
    if isinstance(value, list):
        return sum(map(_size, value))
    return len(value) if isinstance(value, (str, bytes)) else 8
