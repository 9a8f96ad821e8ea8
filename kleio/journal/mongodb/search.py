"""Finding and counting trials on a MongoDB server: as much as it can do alone, the rest here, a page at a time.

What only filters and orders need is imported when there is one: every launch opens a journal.
"""

from __future__ import annotations

import sys
from itertools import chain, islice

from kleio.connection.ahead import read_ahead
from kleio.connection.mongodb import pages_in_order
from kleio.dataclass import dataclass
from kleio.journal.mongodb.codec import decode
from kleio.journal.mongodb.query import EVERY, NEWEST_FIRST, NONE, Pair, both, opposite, trial_filter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from kleio.journal.contract import Tally, TrialQuery
    from kleio.trial.clauses import Order

    Decode = Callable[[bytes], Iterable[dict[str, Any]]]

PAGE = 200
"""Documents that the server sends at a time (or 16 MiB, if that is less)."""
LONG_PAGE = 500
"""The same of a long list: fewer questions to a server far away, for 12 MB of memory in place of 5."""
MOST_FOREMOST = 10_000
"""Of trials that a server must sort; who wants more of them is sent all in order."""
INFINITY = float("inf")


@dataclass(frozen=True)
class Form:
    """How trials that were found are to be read: the fields (``None``: all), and what makes trials of a page that the
    server sends."""

    fields: Mapping[str, int] | None
    decode: Decode


class Search:
    """One query. ``decode`` makes trials of a page that the server sends; with a form, those that are found come in it
    wherever the server alone can say that they fit, or it is known already.
    """

    def __init__(self, trials: Any, query: TrialQuery, decode: Decode, form: Form | None = None) -> None:
        self._trials, self._query, self._decode = trials, query, decode
        self._form = form or Form(None, decode)
        self._base = trial_filter(query)
        self._pair = Pair(EVERY, EVERY)
        self._holds: Callable[[dict[str, Any]], bool] | None = None
        if query.where is not None:
            from kleio.journal.mongodb.where import translated
            from kleio.trial.holding import predicate

            self._pair = translated(query.where)
            self._holds = None if self._pair.is_exact else predicate(query.where)
        self._last = None if query.limit is None else min(query.offset + max(0, query.limit), sys.maxsize)

    def documents(self) -> Iterator[dict[str, Any]]:
        """Those that fit, in order."""
        if self._last == 0:
            return
        if self._query.sort is None:
            found = self._read(EVERY, NEWEST_FIRST)
        else:
            from kleio.journal.mongodb.where import only_path

            path = only_path(self._query.sort.field)
            if path is None or self._query.sort.field.kind == "flag":
                yield from self._sorted_here(self._query.sort)
                return
            found = self._sorted_there(self._query.sort, path)
        yield from islice(found, self._query.offset, self._last)

    def count(self) -> int:
        number: int = self._trials.count_documents(self._and(self._pair.sure))
        return number if self._holds is None else number + sum(1 for _ in self._doubtful())

    def tally(self) -> Tally:
        from kleio.journal.sifting import added_up, tallied

        if self._holds is not None:
            return tallied(self._read(EVERY, NEWEST_FIRST, also=("status", "tags")))
        match = {"$match": self._and(self._pair.sure)}
        group = {"$group": {"_id": {"status": "$status", "tags": "$tags"}, "n": {"$sum": 1}}}
        return added_up((decode(found["_id"]), found["n"]) for found in self._trials.aggregate([match, group]))

    def _and(self, one: dict[str, Any]) -> dict[str, Any]:
        return both(self._base, one)

    def _read(
        self, more: dict[str, Any], order: list[tuple[str, int]], also: tuple[str, ...] | None = None
    ) -> Iterator[dict[str, Any]]:
        """What passes, and fits, in this order; with ``also`` only these fields and what the filter asks for."""
        filters = both(self._and(self._pair.possible), more)
        if also is not None:
            form = Form({**self._asked(), **dict.fromkeys(also, 1)}, self._decode)
            return filter(self._holds, self._sent(filters, order, form))
        if self._holds is None:
            return self._sent(filters, order, self._form, self._last)
        if self._pair.sure == NONE:
            # Few of many may fit: whole documents are fetched of those alone.
            return self._whole(islice((found["_id"] for found in self._read(more, order, also=())), self._last))
        return self._judged(filters, order, self._holds)

    def _judged(
        self, filters: dict[str, Any], order: list[tuple[str, int]], holds: Callable[[dict[str, Any]], bool]
    ) -> Iterator[dict[str, Any]]:
        """Whole documents, of which most will fit.

        Where no index gives the order, a server that must sort keeps the foremost alone, if it knows how many. More are
        only asked for when these were too few.
        """
        form = Form(None, self._decode)
        foremost: set[str] = set()
        if self._last is not None and self._last <= MOST_FOREMOST and order is not NEWEST_FIRST:
            most = max(PAGE, 2 * self._last)
            for document in self._sent(filters, order, form, most):
                foremost.add(document["_id"])
                if holds(document):
                    yield document
            if len(foremost) < most:
                return
        for document in self._sent(filters, order, form):
            if document["_id"] not in foremost and holds(document):
                yield document

    def _sent(
        self, filters: dict[str, Any], order: list[tuple[str, int]], form: Form, limit: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """What the server sends, so many at most."""
        size = PAGE if self._last is not None and self._last <= PAGE else LONG_PAGE
        for page in read_ahead(pages_in_order(self._trials, filters, form.fields, order, limit or 0, size)):
            yield from form.decode(page)

    def _doubtful(self) -> Iterator[dict[str, Any]]:
        return self._read(opposite(self._pair.sure), NEWEST_FIRST, also=())

    def _asked(self) -> dict[str, int]:
        from kleio.journal.mongodb.where import projection
        from kleio.trial.clauses import Ids, leaves

        every = [] if self._query.where is None else leaves(self._query.where)
        return projection(leaf.field for leaf in every if not isinstance(leaf, Ids))  # type: ignore[union-attr]

    def _sorted_there(self, order: Order, path: str) -> Iterator[dict[str, Any]]:
        """Those that have a number or a text to be sorted by, then the rest."""
        numbers: dict[str, Any] = {path: {"$gte": -INFINITY, "$lte": INFINITY}}
        texts: dict[str, Any] = {path: {"$gte": ""}}
        stretches = [texts] if order.field.kind in ("text", "id", "status") else [numbers]
        if order.field.kind == "statistic":
            stretches = [numbers, texts]
        then = [(name, way) for name, way in NEWEST_FIRST if name != path]
        for stretch in stretches:
            yield from self._read(stretch, [(path, -1 if order.falling else 1), *then])
        yield from self._read({"$nor": stretches}, NEWEST_FIRST)

    def _sorted_here(self, order: Order) -> Iterator[dict[str, Any]]:
        """What only kleio can order: keys of all that fit, and then the documents that are wanted, page by page."""
        from kleio.journal.mongodb.where import projection
        from kleio.trial.fields import value_of
        from kleio.trial.holding import value_key

        keys: tuple[list[Any], ...] = ([], [], [])
        for document in self._read(EVERY, NEWEST_FIRST, also=tuple(projection([order.field]))):
            place, value = value_key(value_of(order.field, document))
            keys[place].append((value, document["_id"]))
        for group in keys[:2]:
            group.sort(key=lambda pair: pair[0], reverse=order.falling)
        ids = (trial for group in keys for _, trial in group)
        yield from self._whole(islice(ids, self._query.offset, self._last))

    def _whole(self, ids: Iterator[str]) -> Iterator[dict[str, Any]]:
        """The documents of these trials, a page at a time; one may have been deleted since."""
        while page := list(islice(ids, PAGE)):
            sent = self._trials.find_raw_batches({"_id": {"$in": page}}, self._form.fields)
            found = {one["_id"]: one for one in chain.from_iterable(map(self._form.decode, sent))}
            yield from (found[trial] for trial in page if trial in found)
