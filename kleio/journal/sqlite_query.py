"""Finding trials: a :class:`TrialQuery` as SQL, read in pages."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from typing import Any

    from kleio.journal.contract import TrialQuery
    from kleio.journal.sqlite_session import Session

PAGE_TRIALS = 200
_VARIABLES = 500
"""Ids in one statement; old builds of SQLite stop at 999 variables."""
_OLDEST = -1e308
"""Sorts trials that do not say when they were created behind all others."""
TRASHED = ";trashed"
"""Among the tags of trials in the trash; no tag has a semicolon."""


def bindable(text: str) -> str | bytes:
    """Text as a column holds it: bytes where lone surrogates forbid UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def columns(document: Mapping[str, Any]) -> tuple[Any, ...]:
    """``created, status, project, name, parent`` of a document, as queries compare them."""
    created = _entry(document, "created", "time")
    is_number = isinstance(created, (int, float)) and created == created and abs(created) < -_OLDEST
    return (
        float(created) if is_number else _OLDEST,
        _column(document.get("status")),
        _column(_entry(document, "project", "id")),
        _column(document.get("name")),
        _column(_entry(document, "refers", "parent")),
    )


def write_tags(session: Session, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Inside a transaction: let the ``tags`` table say what the document says."""
    old, new = _tags(before), _tags(after)
    for tag in old - new:
        session.run("DELETE FROM tags WHERE tag = ? AND trial = ?", (tag, after["_id"]))
    for tag in new - old:
        session.run("INSERT OR IGNORE INTO tags (tag, trial) VALUES (?, ?)", (tag, after["_id"]))


def _tags(document: Mapping[str, Any]) -> set[str | bytes]:
    found = document.get("tags")
    tags = {bindable(tag) for tag in found if isinstance(tag, str)} if isinstance(found, list) else set()
    return tags | {TRASHED} if document.get("trashed") else tags


def _entry(document: Mapping[str, Any], field: str, key: str) -> Any:
    value = document.get(field)
    return value.get(key) if isinstance(value, dict) else None


def _column(value: Any) -> str | bytes | None:
    return bindable(value) if isinstance(value, str) else None


def find(session: Session, query: TrialQuery) -> Iterator[str | bytes]:
    """The documents that fit, newest first; no lock is held between two pages."""
    conditions, values = _conditions(query)
    if query.ids is None:
        yield from _pages(session, conditions, values, query.limit)
        return
    keys: list[tuple[float, str]] = []
    for part in _parts(query.ids):
        where = _where([*conditions, _in("id", part)])
        keys += session.read(f"SELECT created, id FROM trials {where}", [*values, *part])  # noqa: S608
    keys.sort(reverse=True)
    for start in range(0, len(keys[: query.limit]), PAGE_TRIALS):
        page = [key[1] for key in keys[: query.limit][start : start + PAGE_TRIALS]]
        where = _where([_in("id", page)])
        for (document,) in session.read(
            f"SELECT document FROM trials {where} ORDER BY created DESC, id DESC",  # noqa: S608
            page,
        ):
            yield document


def _pages(session: Session, conditions: list[str], values: list[Any], limit: int | None) -> Iterator[str | bytes]:
    left = limit
    after: tuple[Any, ...] = ()
    while left is None or left > 0:
        wanted = PAGE_TRIALS if left is None else min(left, PAGE_TRIALS)
        where = _where([*conditions, "(created, id) < (?, ?)"] if after else conditions)
        rows = session.read(
            f"SELECT created, id, document FROM trials {where} ORDER BY created DESC, id DESC LIMIT ?",  # noqa: S608
            [*values, *after, wanted],
        )
        for row in rows:
            yield row[2]
        if len(rows) < wanted:
            return
        after = rows[-1][:2]
        left = None if left is None else left - wanted


def count(session: Session, query: TrialQuery) -> int:
    """How many fit; ``limit`` is ignored."""
    conditions, values = _conditions(query)
    parts: list[list[str | bytes]] = [[]] if query.ids is None else list(_parts(query.ids))
    total = 0
    for part in parts:
        where = _where(conditions if query.ids is None else [*conditions, _in("id", part)])
        ((found,),) = session.read(f"SELECT count(*) FROM trials {where}", [*values, *part])  # noqa: S608
        total += found
    return total


def _conditions(query: TrialQuery) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    for column, value in (("name", query.name), ("project", query.project), ("parent", query.parent)):
        if value is not None:
            conditions.append(f"{column} = ?")
            values.append(bindable(value))
    if query.id_prefix:
        conditions.append("id >= ? AND id < ?")
        values += [bindable(query.id_prefix), bindable(query.id_prefix + "\U0010ffff")]
    if query.statuses is not None:
        conditions.append(_in("status", query.statuses))
        values += map(bindable, query.statuses)
    if query.trash is not None:
        here = "id IN (SELECT trial FROM tags WHERE tag = ?)"
        conditions.append(here if query.trash else f"NOT {here}")
        values.append(TRASHED)
    for tag in query.tags:
        conditions.append("id IN (SELECT trial FROM tags WHERE tag = ?)")
        values.append(bindable(tag))
    return conditions, values


def _in(column: str, values: Collection[Any]) -> str:
    return f"{column} IN ({', '.join('?' * len(values))})"


def _where(conditions: list[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _parts(ids: Collection[str]) -> Iterator[list[str | bytes]]:
    wanted = [bindable(one) for one in set(ids)]
    for start in range(0, len(wanted), _VARIABLES):
        yield wanted[start : start + _VARIABLES]
