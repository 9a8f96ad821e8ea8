"""Segments in the SQLite journal: stored once, read in pages of a few megabytes, no lock held between two pages."""

from __future__ import annotations

from kleio.connection.sqlite_errors import unreadable
from kleio.journal.contract import Segment
from kleio.journal.sqlite.codec import pack, unpack
from kleio.journal.sqlite.index import bindable
from kleio.journal.values import plain_body

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeVar

    from kleio.journal.sqlite.session import Session

    Stored = TypeVar("Stored", str | bytes, bytes)

PAGE_BYTES = 4 << 20
PAGE_ROWS = 500
_THIS_WRITER = "trial = ? AND attempt = ? AND stream = ? AND writer = ?"


def store(session: Session, segment: Segment) -> int:
    """Inside a transaction: store the segment unless its id exists; its ``last``, or that of the stored one."""
    body = pack(plain_body(segment))
    writer = (segment.trial, segment.attempt, segment.stream, segment.writer)
    find = f"SELECT number, last FROM writers WHERE {_THIS_WRITER}"  # noqa: S608
    rows = session.read(find, writer)
    if not rows:
        session.run("INSERT INTO writers (trial, attempt, stream, writer, last) VALUES (?, ?, ?, ?, -1)", writer)
        rows = session.read(find, writer)
    ((number, last),) = rows
    stored = session.run(
        "INSERT OR IGNORE INTO segments (writer, first, last, body) VALUES (?, ?, ?, ?)",
        (number, segment.first, segment.last, body),
    )
    if not stored:
        ((known,),) = session.read("SELECT last FROM segments WHERE writer = ? AND first = ?", (number, segment.first))
        return int(known)
    if segment.last > last:
        session.run("UPDATE writers SET last = ? WHERE number = ?", (segment.last, number))
    return segment.last


def extend(session: Session, segment: Segment, last: int) -> int:
    """Inside a transaction: replace the stored segment if it ends with ``last``; the ``last`` that is stored then."""
    body = pack(plain_body(segment))
    writer = (segment.trial, segment.attempt, segment.stream, segment.writer)
    rows = session.read(
        f"SELECT number, segments.last FROM writers JOIN segments ON segments.writer = number"  # noqa: S608
        f" WHERE {_THIS_WRITER.replace('writer', 'writers.writer')} AND first = ?",
        (*writer, segment.first),
    )
    if not rows:
        return -1
    ((number, known),) = rows
    if known != last:
        return int(known)
    session.run(
        "UPDATE segments SET last = ?, body = ? WHERE writer = ? AND first = ?",
        (segment.last, body, number, segment.first),
    )
    session.run("UPDATE writers SET last = max(last, ?) WHERE number = ?", (segment.last, number))
    return segment.last


def read_segments(
    session: Session, trial: str, names: tuple[int | None, str | None, str | None], first: int
) -> Iterator[Segment]:
    """In the order of (attempt, stream, writer, first); ``names`` are the first three, ``None`` for all."""
    where = "trial = ?"
    values: list[Any] = [bindable(trial)]
    for column, value in zip(("attempt", "stream", "writer"), names, strict=True):
        if value is not None:
            where += f" AND {column} = ?"
            values.append(bindable(value) if isinstance(value, str) else value)
    writers = session.read(
        f"SELECT number, attempt, stream, writer FROM writers WHERE {where} ORDER BY attempt, stream, writer",  # noqa: S608
        values,
    )
    return (
        Segment(trial, attempt, stream, writer, start, last, decoded(session, unpack, packed))
        for number, attempt, stream, writer in writers
        for start, last, packed in _rows(session, number, first)
    )


def _rows(session: Session, number: int, first: int) -> Iterator[tuple[int, int, bytes]]:
    while True:
        rows = session.read_page(
            "SELECT first, last, body FROM segments WHERE writer = ? AND first >= ? ORDER BY first LIMIT ?",
            (number, first, PAGE_ROWS),
            PAGE_BYTES,
        )
        yield from rows
        if not rows:
            return
        first = rows[-1][0] + 1


def last_stored(session: Session, writer: tuple[str, int, str, str]) -> int:
    """The highest sequence number of the writer, or -1."""
    rows = session.read(
        f"SELECT last FROM writers WHERE {_THIS_WRITER}",  # noqa: S608
        [bindable(part) if isinstance(part, str) else part for part in writer],
    )
    return int(rows[0][0]) if rows else -1


def stored_streams(session: Session, trial: str) -> set[str]:
    """The streams of the trial that have segments."""
    return {row[0] for row in session.read("SELECT DISTINCT stream FROM writers WHERE trial = ?", (bindable(trial),))}


def delete_segments(session: Session, trial: str) -> None:
    """Inside a transaction: all segments of the trial."""
    key = (bindable(trial),)
    session.run("DELETE FROM segments WHERE writer IN (SELECT number FROM writers WHERE trial = ?)", key)
    session.run("DELETE FROM writers WHERE trial = ?", key)


def decoded(session: Session, decode: Callable[[Stored], dict[str, Any]], stored: Stored) -> dict[str, Any]:
    """What the row holds, or ``JournalCorrupt``."""
    try:
        return decode(stored)
    except (ValueError, TypeError, AttributeError) as error:
        raise unreadable(session.path, error)
