"""What a filter says of this moment, said so that a journal can answer it.

Two things stand in no document: that a launcher has died (``failover``, see :mod:`kleio.spool.attempt.liveness`), and
who descends from whom. Both become lists of ids, found by looking at the few trials that somebody holds, and by
following the branches.
"""

from __future__ import annotations

from kleio.dataclass import dataclass, replace
from kleio.errors import FilterError
from kleio.journal.contract import TrialQuery
from kleio.journal.lineage import ancestors
from kleio.trial import status
from kleio.trial.ambiguity import MOST_CANDIDATES, ambiguous
from kleio.trial.clauses import (
    All,
    Among,
    Either,
    Empty,
    Field,
    Ids,
    Lineage,
    Not,
    conjunction,
    disjunction,
    leaves,
    negation,
)  # fmt: skip
from kleio.trial.facts import command_line
from kleio.trial.holding import value_test
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.journal.contract import Journal
    from kleio.spool.attempt.liveness import Observer
    from kleio.trial.clauses import Clause

PARENT = Field("parent", "parent", "", "id")
STATUS = Field("status", "status", "", "status")


@dataclass(frozen=True)
class Standing:
    """Which held trials are ``failover`` as of now: their documents by id."""

    dead: Mapping[str, Mapping[str, Any]]

    @staticmethod
    def of(journal: Journal, observer: Observer, query: TrialQuery) -> Standing:
        """Of the trials that ``query`` is about, whatever its filter says."""
        held = replace(query, statuses=status.HELD, where=None, sort=None, offset=0, limit=None)
        seen = (observer.current(document) for document in journal.find_trials(held))
        return Standing({document["_id"]: document for document, word, _ in seen if word == status.FAILOVER})


def resolved(journal: Journal, observer: Observer, query: TrialQuery) -> TrialQuery:
    """The query in terms of stored documents. Raises ``FilterError`` for the lineage of no trial, or of several."""
    if query.where is None:
        return query
    every = leaves(query.where)
    asks = any(getattr(leaf, "field", None) == STATUS for leaf in every)
    standing = Standing.of(journal, observer, query) if asks else Standing({})
    return _resolved(journal, observer, query, every, standing)


def resolved_with_standing(journal: Journal, observer: Observer, query: TrialQuery) -> tuple[TrialQuery, Standing]:
    """The same, and who is dead, for those who count by status."""
    standing = Standing.of(journal, observer, query)
    every = [] if query.where is None else leaves(query.where)
    return _resolved(journal, observer, query, every, standing), standing


def _resolved(
    journal: Journal, observer: Observer, query: TrialQuery, every: list[Clause], standing: Standing
) -> TrialQuery:
    families = {leaf: _family(journal, observer, leaf) for leaf in set(every) if isinstance(leaf, Lineage)}
    if query.where is None or not (standing.dead or families):
        return query
    return replace(query, where=_stored(query.where, Ids(frozenset(standing.dead)), families))


def _stored(clause: Clause, dead: Ids, families: Mapping[Lineage, Ids]) -> Clause:
    if isinstance(clause, Not):
        return negation(_stored(clause.part, dead, families))
    if isinstance(clause, All):
        return conjunction(*(_stored(part, dead, families) for part in clause.parts))
    if isinstance(clause, Either):
        return disjunction(*(_stored(part, dead, families) for part in clause.parts))
    if isinstance(clause, Lineage):
        return families[clause]
    if isinstance(clause, Ids) or clause.field != STATUS or not dead.ids or isinstance(clause, Empty):
        return clause
    if value_test(clause)(status.FAILOVER):
        return disjunction(clause, dead)
    return conjunction(clause, negation(dead))


def _family(journal: Journal, observer: Observer, lineage: Lineage) -> Ids:
    trial = _selected(journal, observer, lineage)
    if lineage.relation == "ancestor":
        return Ids(frozenset(found.document["_id"] for found in ancestors(journal, trial)))
    found: set[str] = set()
    generation = {trial["_id"]}
    while generation:
        children = journal.find_trials(TrialQuery(where=Among(PARENT, tuple(generation)), trash=None))
        generation = {child["_id"] for child in children} - found
        found |= generation
    return Ids(frozenset(found - {trial["_id"]}))


def _selected(journal: Journal, observer: Observer, lineage: Lineage) -> dict[str, Any]:
    word, most = lineage.word, MOST_CANDIDATES + 1
    found: dict[str, dict[str, Any]] = {}
    meant = TrialQuery(id_prefix=word), TrialQuery(name=word), TrialQuery(tags=(word,))
    for trash in (False, None):  # what is in the trash makes no other word ambiguous
        for query in (replace(one, limit=most, trash=trash) for one in meant):
            found.update({document["_id"]: document for document in journal.find_trials(query)})
        if found:
            break
    if word in found:
        return found[word]
    if not found:
        from kleio.trial.words import shortened

        message = f"no trial is called '{shortened(escaped(word))}'\n{lineage.marked}"
        raise FilterError(message, hint="`kleio ls` shows the trials")
    if len(found) > 1:
        current = [observer.current(document) for document in found.values()]
        candidates = [(one["_id"], standing, command_line(one.get("argv")) or "") for one, standing, _ in current]
        message, hint = ambiguous(word, candidates)
        raise FilterError(f"{message}\n{lineage.marked}", hint=hint)
    return next(iter(found.values()))
