"""What a reader asks for, understood: a query of the journal.

What a filter needs is imported when there is one: a plain list is faster by a fifth without.
"""

from __future__ import annotations

from kleio.analysis import expected
from kleio.journal.contract import TrialQuery
from kleio.trial.status import STATUSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from kleio.journal.contract import Journal
    from kleio.spool.attempt.liveness import Observer
    from kleio.trial.clauses import Clause, Order


def query_of(
    where: str | Clause,
    statuses: Collection[str] | None,
    tags: Collection[str],
    sort: str | None = None,
    limit: int | None = None,
    *,
    offset: int = 0,
    trash: bool | None = False,
    **words: str | None,
) -> TrialQuery:
    """The query, in the words of :meth:`kleio.analysis.Trials.trials`.

    Raises ``TypeError`` or ``ValueError`` for what is none of these, ``FilterError`` for a filter or an order that is
    wrong.
    """
    if trash not in (True, False, None):
        raise TypeError(f"trash is True, False or None, not {trash!r}")
    return TrialQuery(
        tags=expected.texts(tags, "tags"),
        where=_clause(where, None if statuses is None else expected.texts(statuses, "statuses")),
        sort=None if sort is None else _order(expected.text(sort, "sort")),
        limit=None if limit is None else expected.count(limit, "limit"),
        offset=expected.count(offset, "offset"),
        trash=trash,
        **{name: None if word is None else expected.text(word, name) for name, word in words.items()},
    )


def _clause(where: str | Clause | None, statuses: Collection[str] | None) -> Clause | None:
    if where in ("", None) and statuses is None:
        return None
    from kleio.spool.attempt.resolving import STATUS
    from kleio.trial.clauses import EVERYTHING, Among, conjunction
    from kleio.trial.statement import parse

    clause = parse(where or "") if where is None or isinstance(where, str) else where
    if type(clause).__module__ != Among.__module__:
        raise TypeError(f"a filter is text, such as 'stats.loss.min < 0.2', not {where!r}")
    if statuses is not None:
        unknown = sorted(set(statuses) - STATUSES)
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no status; there are {', '.join(sorted(STATUSES))}")
        clause = conjunction(clause, Among(STATUS, tuple(sorted(statuses))))
    return None if clause == EVERYTHING else clause


def _order(sort: str) -> Order:
    from kleio.trial.statement import parse_order

    return parse_order(sort)


def resolved_query(journal: Journal, observer: Observer, query: TrialQuery) -> TrialQuery:
    """The same as of this moment (:func:`kleio.spool.attempt.resolving.resolved`)."""
    if query.where is None:
        return query
    from kleio.spool.attempt.resolving import resolved

    return resolved(journal, observer, query)
