"""Finding trials: a :class:`TrialQuery` as SQL, read in pages.

A plain list of the newest goes from page to page by (created, id). What a filter or an order needs is worked out
once, as a list of numbers; the documents of those are then read in pages too.
"""

from __future__ import annotations

from kleio.journal.contract import Tally, TrialQuery
from kleio.journal.sqlite.index import bindable
from kleio.journal.sqlite.selection import NEWEST_FIRST, Selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from typing import Any

    from kleio.journal.sqlite.session import Session

PAGE_TRIALS = 200
MOST_IDS = 500
"""Ids in one statement; old builds of SQLite stop at 999 variables."""


def find(session: Session, query: TrialQuery) -> Iterator[str | bytes]:
    """The documents that fit, in order; no lock is held between two pages."""
    if query.where is None and query.sort is None and not query.offset and query.ids is None and not _few(query):
        yield from _newest(session, selected(session, query), query.limit)
        return
    yield from (text for _, text in documents_of(session, found_numbers(session, query)))


def _few(query: TrialQuery) -> bool:
    """Whether the index of statuses serves better than that of times: all trials in some statuses are wanted."""
    return query.statuses is not None and query.limit is None


def found_numbers(session: Session, query: TrialQuery) -> list[int]:
    """The numbers of the trials that fit, in order."""
    selection = selected(session, query, scan=_few(query))
    rows = session.read(
        selection.statement("t.number", f"ORDER BY {selection.order} LIMIT ? OFFSET ?"),
        [*selection.values, _limit(query), query.offset],
    )
    return [number for (number,) in rows]


def documents_of(session: Session, numbers: Sequence[int]) -> Iterator[tuple[int, str | bytes]]:
    """These trials' documents in this order, page by page; without those that were deleted since."""
    for start in range(0, len(numbers), PAGE_TRIALS):
        page = numbers[start : start + PAGE_TRIALS]
        found = dict(session.read(f"SELECT number, document FROM documents WHERE {one_of('number', page)}", page))  # noqa: S608
        yield from ((number, found[number]) for number in page if number in found)


def _newest(session: Session, selection: Selection, limit: int | None) -> Iterator[str | bytes]:
    left = limit
    page = Selection(" JOIN documents AS d ON d.number = t.number", selection.conditions, selection.values)
    while left is None or left > 0:
        wanted = PAGE_TRIALS if left is None else min(left, PAGE_TRIALS)
        rows = session.read(
            page.statement("t.created, t.id, d.document", f"ORDER BY {NEWEST_FIRST} LIMIT ?"), [*page.values, wanted]
        )
        for row in rows:
            yield row[2]
        if len(rows) < wanted:
            return
        page = Selection(page.joins, list(selection.conditions), list(selection.values))
        page.add("(t.created, t.id) < (?, ?)", *rows[-1][:2])
        left = None if left is None else left - wanted


def count(session: Session, query: TrialQuery) -> int:
    """How many fit; ``limit`` is ignored."""
    selection = selected(session, query)
    ((found,),) = session.read(selection.statement("count(*)"), selection.values)
    return int(found)


def tally(session: Session, query: TrialQuery) -> Tally:
    """How many fit, by status and by tag. Of all trials of a project, narrow rows alone tell."""
    selection = selected(session, query, scan=True)
    selection.add("typeof(t.status) = 'text'")
    counting = selection.statement("t.status, count(*)", "GROUP BY t.status")
    statuses = session.read(counting, selection.values)
    words = [status for status, _ in statuses]
    # a sum for each status: to group by tag and status would be to sort all tags of all trials
    what = ", ".join(["tag", *["count(CASE t.status WHEN ? THEN 1 END)"] * len(words)])
    if query == TrialQuery(project=query.project, statuses=query.statuses, trash=query.trash):
        counting = selection.statement(what, "GROUP BY tag", table="tags")
    else:
        selection.joins += " JOIN tags ON tags.trial = t.number"
        counting = selection.statement(what, "GROUP BY tag")
    tags: dict[str, dict[str, int]] = {}
    for tag, *numbers in session.read(counting, [*words, *selection.values]) if words else ():
        name = tag.decode("utf-8", "surrogatepass") if isinstance(tag, bytes) else tag
        tags[name] = {word: number for word, number in zip(words, numbers, strict=True) if number}
    return Tally(dict(statuses), tags)


def selected(session: Session, query: TrialQuery, *, scan: bool = False) -> Selection:
    """The query without offset and limit. With ``scan``, an index that holds all columns goes before one in order."""
    selection = Selection()
    plus = "+" if scan else ""
    for column, value in (("t.name", query.name), (f"{plus}t.project", query.project), ("t.parent", query.parent)):
        if value is not None:
            selection.add(f"{column} = ?", bindable(value))
    if query.id_prefix:
        selection.add("t.id >= ? AND t.id < ?", bindable(query.id_prefix), bindable(query.id_prefix + "\U0010ffff"))
    if query.trash is not None:
        selection.add(f"{plus}t.trashed = ?", int(query.trash))
    if query.statuses is not None:
        selection.add(one_of("t.status", query.statuses), *map(bindable, query.statuses))
    for tag in query.tags:
        selection.add("t.number IN (SELECT trial FROM tags WHERE tag = ?)", bindable(tag))
    if query.ids is not None:
        _add_ids(session, selection, query.ids)
    if query.where is not None or query.sort is not None:
        from kleio.journal.sqlite.where import narrow

        narrow(session, selection, query.where, query.sort)
    return selection


def _add_ids(session: Session, selection: Selection, ids: Collection[str]) -> None:
    wanted = {bindable(one) for one in ids}
    if len(wanted) <= MOST_IDS:
        selection.add(one_of("t.id", wanted), *wanted)
    else:
        session.define("is_wanted", 1, lambda one: one in wanted)
        selection.add("is_wanted(t.id)")


def _limit(query: TrialQuery) -> int:
    return -1 if query.limit is None else max(0, query.limit)


def one_of(column: str, values: Collection[Any]) -> str:
    """The condition that the column has one of so many bound values."""
    return f"{column} IN ({', '.join('?' * len(values))})"
