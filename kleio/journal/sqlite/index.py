"""What the SQLite journal keeps beside the documents, so that a filter reads a few narrow rows of each trial.

``trials`` has the columns that lists and filters look at most. ``facts`` has a row for each value of a trial's
configuration and environment, ``statistics`` one for each statistic; both are ordered by name, so that a filter on one
name reads one stretch of the file. ``figures`` repeats the statistics in one row a trial, for data frames. They are
written with the document, in the same transaction, and only where something changed.

A column holds a value as SQLite compares it: numbers that are none too many for 64 bits, whole texts. Anything else
is ``ODD``, and the filter looks at the document itself, as it does for a text among the statistics. ``facts.number``
is what a text reads as.
"""

from __future__ import annotations

from kleio.journal.sqlite.figures import ASPECTS, packed
from kleio.trial.facts import at, command_line, configuration_facts, environment_facts
from kleio.trial.numbers import is_plain_number, is_plain_text, reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, Protocol

    Row = tuple[Any, ...]

    class Writer(Protocol):
        """What of a session is needed here."""

        def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]: ...

        def run(self, sql: str, parameters: Sequence[Any] = ()) -> int: ...

        def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None: ...


ODD = b"?"
ODD_FACT = "odd"
FLAGS = {True: "true", False: "false"}
MOST_FACTS = 500
"""Values of one configuration that are indexed; of a larger one nothing is, and ``config`` itself is odd."""
_OLDEST = -1e308
"""Sorts trials that do not say when they were created behind all others."""
_TIMES = {"born": "created", "started": "started", "ended": "ended"}
_NUMBERS = {"duration": ("duration",), "exit": ("outcome", "code"), "attempts": ("fence",)}
_TEXTS = {
    "status": ("status",), "name": ("name",), "parent": ("refers", "parent"), "label": ("project", "name"),
    "directory": ("directory",), "head": ("code", "commit"), "branch": ("code", "branch"),
}  # fmt: skip
COLUMNS = ("created", "project", "trashed", "command", "dirty", *_TIMES, *_NUMBERS, *_TEXTS)
"""Of the table ``trials``, besides ``number`` and ``id``."""
_COLD: dict[str, dict[str, tuple[str, ...]]] = {
    "code": {f"code.{name}": (name,) for name in ("remote", "digest", "script", "kind")},
    "outcome": {"signal": ("signal",), "cause": ("why",)},
    "within": {"within": ("trial",)},
    "project": {"project.id": ("id",)},
    "summary": {"artifacts": ("artifacts",), "lost": ("lost",)},
}
"""Fields that are rarely asked for: facts, by the part of the document in which they lie."""


def bindable(text: str) -> str | bytes:
    """Text as a column holds it: bytes where lone surrogates forbid UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def columns(document: Mapping[str, Any]) -> Row:
    """The values of :data:`COLUMNS`."""
    created = at(document, ("created", "time"))
    is_number = isinstance(created, (int, float)) and created == created and abs(created) < -_OLDEST
    project = at(document, ("project", "id"))
    dirty = at(document, ("code", "dirty"))
    command = command_line(document.get("argv"))
    return (
        float(created) if is_number else _OLDEST,
        bindable(project) if isinstance(project, str) else None,
        1 if document.get("trashed") else 0,
        _text(command),
        None if dirty is None else int(dirty) if isinstance(dirty, bool) else ODD,
        *(_number(at(document, (field, "time"))) for field in _TIMES.values()),
        *(_number(at(document, path)) for path in _NUMBERS.values()),
        *(_text(at(document, path)) for path in _TEXTS.values()),
    )


def alike(one: Any, other: Any) -> bool:
    """Equal, and not as 1 and 1.0 are, or 0.0 and -0.0."""
    return one == other and repr(one) == repr(other)


def _number(value: Any) -> Any:
    return value if value is None or is_plain_number(value) else ODD


def _number_or_text(value: Any) -> Any:
    return value if is_plain_text(value) else _number(value)


def _text(value: Any) -> Any:
    if is_plain_text(value):
        return value
    return None if value is None else bindable(value) if isinstance(value, str) else ODD


INSERT = f"INSERT OR IGNORE INTO trials (id, {', '.join(COLUMNS)}) VALUES (?{', ?' * len(COLUMNS)})"  # noqa: S608
UPDATE = f"UPDATE trials SET {', '.join(f'{column} = ?' for column in COLUMNS)} WHERE number = ?"  # noqa: S608


def insert_trial(session: Writer, document: Mapping[str, Any], text: str | bytes) -> bool:
    """Inside a transaction: store a new document, which is written as ``text``. False if there is one of its id."""
    if not session.run(INSERT, (document["_id"], *columns(document))):
        return False
    ((number,),) = session.read("SELECT number FROM trials WHERE id = ?", (document["_id"],))
    session.run("INSERT INTO documents (number, document) VALUES (?, ?)", (number, text))
    write_index(session, number, {}, document)
    return True


def update_trial(
    session: Writer, number: int, before: Mapping[str, Any], after: Mapping[str, Any], text: str | bytes
) -> None:
    """Inside a transaction: replace a document."""
    session.run("UPDATE documents SET document = ? WHERE number = ?", (text, number))
    new = columns(after)
    if not alike(new, columns(before)):
        session.run(UPDATE, (*new, number))
    write_index(session, number, before, after)


def delete_trial(session: Writer, number: int, document: Mapping[str, Any]) -> None:
    """Inside a transaction: remove a document and all that repeats it."""
    write_index(session, number, document, {})
    session.run("DELETE FROM figures WHERE trial = ?", (number,))
    session.run("DELETE FROM documents WHERE number = ?", (number,))
    session.run("DELETE FROM trials WHERE number = ?", (number,))


def write_index(session: Writer, trial: int, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Inside a transaction: let tags, facts and statistics say what the document says."""
    _write_tags(session, trial, before, after)
    old: dict[str, Row] = {}
    new: dict[str, Row] = {}
    for part in ("configuration", "environment", "tags", *_COLD):
        if before.get(part) is not after.get(part):
            old.update(_facts(part, before.get(part)))
            new.update(_facts(part, after.get(part)))
    _write(session, "facts", trial, old, new)
    if not before or before.get("summary") is not after.get("summary"):
        _write_statistics(session, trial, before, after)


def _facts(part: str, content: Any) -> dict[str, Row]:
    if part == "environment":
        return _counted("env", environment_facts(content))
    if part == "configuration":
        return _counted("config", configuration_facts(content))
    if part == "tags":
        is_ordinary = content is None or (isinstance(content, list) and all(map(is_plain_text, content)))
        return {} if is_ordinary else {"tags": (None, ODD_FACT)}
    if not isinstance(content, dict):
        return {}
    values = {name: at(content, path) for name, path in _COLD[part].items()}
    return {name: fact(value) for name, value in values.items() if value is not None}


def _counted(root: str, facts: Iterable[tuple[str, Any]]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for name, value in facts:
        found[f"{root}.{name}"] = fact(value)
        if len(found) > MOST_FACTS:
            return {root: (None, ODD_FACT)}
    return found


def fact(value: Any) -> Row:
    """``value, number`` of a fact."""
    if isinstance(value, bool):
        return (None, FLAGS[value])
    if is_plain_number(value):
        return (value, value)
    if is_plain_text(value):
        read = reading(value)
        return (value, read if read is None or is_plain_number(read) else ODD_FACT)
    return (None, ODD_FACT)


def _statistics(document: Mapping[str, Any]) -> dict[str, Row]:
    found = at(document, ("summary", "statistics"))
    rows: dict[str, Row] = {}
    for name, entry in found.items() if isinstance(found, dict) else ():
        if isinstance(entry, dict):
            rows[f"stats.{name}"] = tuple(_number_or_text(entry.get(aspect)) for aspect in ASPECTS)
    return rows


def _write_statistics(session: Writer, trial: int, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """The packed row last: the file itself drops it whenever another row of the trial's statistics is written."""
    rows = _statistics(after)
    numbers = _write(session, "statistics", trial, _statistics(before), rows)
    if after and (numbers or not before):
        row = packed({numbers[name]: figures for name, figures in rows.items()})
        session.run("INSERT OR REPLACE INTO figures VALUES (?, ?, ?, ?)", (trial, *row))


def _write(
    session: Writer, table: str, trial: int, old: Mapping[str, Row], new: Mapping[str, Row]
) -> dict[str, int]:  # fmt: skip
    """Write what differs. The numbers of all names, if anything does."""
    gone = [name for name in old if name not in new]
    changed = [name for name, row in new.items() if not alike(old.get(name), row)]
    if not gone and not changed:
        return {}
    numbers = name_numbers(session, [*gone, *new], make=True)
    if gone:
        session.run_many(f"DELETE FROM {table} WHERE name = ? AND trial = ?", [(numbers[name], trial) for name in gone])  # noqa: S608
    if changed:
        marks = ", ?" * len(new[changed[0]])
        session.run_many(
            f"INSERT OR REPLACE INTO {table} VALUES (?, ?{marks})",  # noqa: S608
            [(numbers[name], trial, *new[name]) for name in changed],
        )
    return numbers


def name_numbers(session: Writer, names: Iterable[str], *, make: bool = False) -> dict[str, int]:
    """The number of each name that has one; with ``make``, inside a transaction, of all."""
    wanted = {name: bindable(name) for name in names}
    known: dict[Any, int] = {}
    every = list(wanted.values())
    for start in range(0, len(every), MOST_FACTS):
        part = every[start : start + MOST_FACTS]
        marks = ", ".join("?" * len(part))
        known.update(session.read(f"SELECT name, number FROM names WHERE name IN ({marks})", part))  # noqa: S608
    if make:
        missing = [(one,) for one in every if one not in known]
        if missing:
            session.run_many("INSERT OR IGNORE INTO names (name) VALUES (?)", missing)
            return name_numbers(session, wanted)
    return {name: known[one] for name, one in wanted.items() if one in known}


def _write_tags(session: Writer, trial: int, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    old, new = _tags(before), _tags(after)
    session.run_many("DELETE FROM tags WHERE tag = ? AND trial = ?", [(tag, trial) for tag in old if tag not in new])
    changed = [(tag, trial, *row) for tag, row in new.items() if old.get(tag) != row]
    session.run_many("INSERT OR REPLACE INTO tags VALUES (?, ?, ?, ?, ?)", changed)


def _tags(document: Mapping[str, Any]) -> dict[str | bytes, Row]:
    """Each tag with what trials are counted by."""
    found = document.get("tags")
    if not found or not isinstance(found, list):
        return {}
    project = at(document, ("project", "id"))
    row = (
        _text(document.get("status")),
        bindable(project) if isinstance(project, str) else None,
        1 if document.get("trashed") else 0,
    )
    return {bindable(tag): row for tag in found if isinstance(tag, str)}
