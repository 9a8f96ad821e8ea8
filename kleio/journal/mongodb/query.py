"""Filters, orders and indexes of the MongoDB journal: the portable subset only, no expressions."""

from __future__ import annotations

from kleio.dataclass import dataclass
from kleio.journal.change import accepted
from kleio.journal.mongodb.codec import encode, encode_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    from kleio.journal.contract import TrialQuery

    Filter: TypeAlias = dict[str, Any]

EVERY: Filter = {}
NONE: Filter = {"_id": {"$in": []}}
NEWEST_FIRST = [("created.time", -1), ("_id", -1)]

TRIAL_INDEXES: tuple[list[tuple[str, int]], ...] = (
    NEWEST_FIRST,
    [("status", 1), *NEWEST_FIRST],
    [("project.id", 1), *NEWEST_FIRST],
    [("tags", 1)],
    [("name", 1)],
    [("refers.parent", 1)],
)
SEGMENT_INDEXES: tuple[list[tuple[str, int]], ...] = (
    [("trial", 1), ("attempt", 1), ("stream", 1), ("writer", 1), ("last", -1)],
)


@dataclass(frozen=True)
class Pair:
    """``sure`` admits only what fits, ``possible`` at least all that does."""

    sure: Filter
    possible: Filter

    @property
    def is_exact(self) -> bool:
        return self.sure == self.possible


def both(*filters: Filter) -> Filter:
    """All of them: in one document where no name comes twice, which some servers plan better."""
    wanted = [one for one in filters if one != EVERY]
    if NONE in wanted:
        return NONE
    names = [name for one in wanted for name in one]
    if len(set(names)) == len(names):
        return {name: value for one in wanted for name, value in one.items()}
    return {"$and": [part for one in wanted for part in (one["$and"] if [*one] == ["$and"] else [one])]}


def either(*filters: Filter) -> Filter:
    """One of them."""
    wanted = [one for one in filters if one != NONE]
    if EVERY in wanted:
        return EVERY
    parts = [part for one in wanted for part in (one["$or"] if [*one] == ["$or"] else [one])]
    return NONE if not parts else parts[0] if len(parts) == 1 else {"$or": parts}


def opposite(one: Filter) -> Filter:
    """What does not pass."""
    if one in (EVERY, NONE):
        return NONE if one == EVERY else EVERY
    return {"$nor": [one]}


def trial_filter(query: TrialQuery) -> dict[str, Any]:
    """Which documents fit the query."""
    wanted: dict[str, Any] = {}
    for field, value in (("name", query.name), ("project.id", query.project), ("refers.parent", query.parent)):
        if value is not None:
            wanted[field] = encode(value)
    if query.statuses is not None:
        wanted["status"] = {"$in": list(query.statuses)}
    if query.tags:
        wanted["tags"] = {"$all": [encode(tag) for tag in query.tags]}
    if query.trash is not None:
        wanted["trashed"] = {"$ne": None} if query.trash else None
    ids: dict[str, Any] = {}
    if query.ids is not None:
        ids["$in"] = [encode(one) for one in query.ids]
    if query.id_prefix:
        if query.id_prefix.isascii():
            ids |= {"$gte": query.id_prefix, "$lt": query.id_prefix + "\U0010ffff"}
        else:
            ids["$in"] = []  # no id looks like this
    if ids:
        wanted["_id"] = ids
    return wanted


def expectation(trial_id: str, expected: Mapping[str, Any]) -> dict[str, Any]:
    """The filter of a compare-and-set."""
    wanted: dict[str, Any] = {"_id": encode(trial_id)}
    for field, value in expected.items():
        values = [encode(one) for one in accepted(value)]
        wanted[encode_key(field)] = values[0] if len(values) == 1 else {"$in": values}
    return wanted


def segment_filter(trial: str, attempt: int | None, stream: str | None, writer: str | None) -> dict[str, Any]:
    """Segments by a range of ``_id``, as far as the parts given are its beginning; by their fields for the rest."""
    prefix = f"{trial} "
    if attempt is not None:
        prefix += f"{attempt:06d} "
        if stream is not None:
            prefix += f"{stream} "
            if writer is not None:
                prefix += f"{writer} "
    wanted: dict[str, Any] = {"_id": {"$gte": prefix, "$lt": prefix[:-1] + "!"}}
    for field, value in (("stream", stream), ("writer", writer)):
        if value is not None:
            wanted[field] = value
    return wanted
