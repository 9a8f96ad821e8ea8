"""Filter, order, offset and limit of a query, carried out on documents: what every journal's answer must equal."""

from __future__ import annotations

import sys
from itertools import islice

from kleio.journal.contract import Tally
from kleio.trial.holding import in_order, predicate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from kleio.journal.contract import TrialQuery


def sifted(documents: Iterable[dict[str, Any]], query: TrialQuery) -> Iterator[dict[str, Any]]:
    """Of documents that are newest first, those that the query's ``where`` admits, as it wants them."""
    if query.where is not None:
        documents = filter(predicate(query.where), documents)
    if query.sort is not None:
        documents = in_order(documents, query.sort)
    last = None if query.limit is None else min(query.offset + max(0, query.limit), sys.maxsize)
    return islice(documents, query.offset, last)


def tallied(documents: Iterable[dict[str, Any]]) -> Tally:
    """The documents counted, one by one."""
    return added_up((document, 1) for document in documents)


def added_up(groups: Iterable[tuple[Mapping[str, Any], int]]) -> Tally:
    """Documents counted where of each group, alike in status and tags, there is one and how many they are."""
    statuses: dict[str, int] = {}
    tags: dict[str, dict[str, int]] = {}
    for document, number in groups:
        status = document.get("status")
        if not isinstance(status, str):
            continue
        statuses[status] = statuses.get(status, 0) + number
        for tag in set(document.get("tags") or ()):
            of_tag = tags.setdefault(tag, {})
            of_tag[status] = of_tag.get(status, 0) + number
    return Tally(statuses, tags)


def moved(tally: Tally, document: Mapping[str, Any], status: str) -> Tally:
    """The tally if one of the trials that it counts were in another status."""
    groups = [tally.statuses, *(tally.tags.get(tag, {}) for tag in set(document.get("tags") or ()))]
    before = document["status"]
    if not all(group.get(before) for group in groups):
        return tally  # it has moved by itself since
    statuses = _moved(tally.statuses, before, status)
    tags = {tag: _moved(tally.tags[tag], before, status) for tag in set(document.get("tags") or ())}
    return Tally(statuses, {**tally.tags, **tags})


def _moved(counts: Mapping[str, int], before: str, after: str) -> dict[str, int]:
    changed = {**counts, before: counts[before] - 1}
    changed[after] = changed.get(after, 0) + 1
    return {status: count for status, count in changed.items() if count}
