"""Filter, order, offset and limit of a query, carried out on documents: what every journal's answer must equal."""

from __future__ import annotations

from itertools import islice

from kleio.trial.holding import in_order, predicate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from kleio.journal.contract import TrialQuery


def sifted(documents: Iterable[dict[str, Any]], query: TrialQuery) -> Iterator[dict[str, Any]]:
    """Of documents that are newest first, those that the query's ``where`` admits, as it wants them."""
    if query.where is not None:
        documents = filter(predicate(query.where), documents)
    if query.sort is not None:
        documents = in_order(documents, query.sort)
    return islice(documents, query.offset, None if query.limit is None else query.offset + max(0, query.limit))
