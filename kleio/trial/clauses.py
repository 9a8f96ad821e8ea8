"""The syntax tree of the filter language, and of the order in which trials are listed: frozen values, no text left.

Every clause is true or false of a trial, never unknown: a comparison with what a trial does not have is false, and
``Not`` turns that round. So ``config.lr != 0.1`` is true of a trial without ``lr``, as is ``not config.lr == 0.1``.
"""

from __future__ import annotations

from kleio.dataclass import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Value: TypeAlias = "str | int | float | bool"
    Clause: TypeAlias = "Among | Compare | Contains | Matches | Empty | NotANumber | Lineage | Ids | Not | All | Either"


@dataclass(frozen=True)
class Field:
    """What a clause asks for. ``root`` is the word before the first dot, ``key`` the rest of the name.

    ``kind`` decides what it may be compared with: ``text id status list number duration time flag any statistic``.
    """

    name: str
    root: str
    key: str
    kind: str
    aspect: str = ""


@dataclass(frozen=True)
class Among:
    """The value is one of these; ``==`` is this with one value. An id fits by its beginning."""

    field: Field
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Compare:
    """``operator`` is one of ``< <= > >=``."""

    field: Field
    operator: str
    value: str | int | float


@dataclass(frozen=True)
class Contains:
    """A list has this value; a text has this in it, as it was written."""

    field: Field
    value: Value
    written: str


@dataclass(frozen=True)
class Matches:
    """A regular expression fits somewhere in the text (see :mod:`kleio.trial.pattern`)."""

    field: Field
    pattern: str


@dataclass(frozen=True)
class Empty:
    """The trial has no such value, or it is ``null``, or a field that is always a list has nothing in it."""

    field: Field


@dataclass(frozen=True)
class NotANumber:
    """The value is a number that is none: a loss that diverged."""

    field: Field


@dataclass(frozen=True)
class Lineage:
    """``descendant`` or ``ancestor`` of the trial that ``word`` selects. Journals do not know it: see ``Ids``.

    ``marked`` is the filter with a caret below the word, for it turns out late that it selects none, or several.
    """

    relation: str
    word: str
    marked: str = field(default="", compare=False)


@dataclass(frozen=True)
class Ids:
    """Exactly these trials: what a clause becomes that only a look around can answer."""

    ids: frozenset[str]


@dataclass(frozen=True)
class Not:
    """The opposite."""

    part: Clause


@dataclass(frozen=True)
class All:
    """``and``; of nothing it is true."""

    parts: tuple[Clause, ...]


@dataclass(frozen=True)
class Either:
    """``or``; of nothing it is false."""

    parts: tuple[Clause, ...]


EVERYTHING = All(())


@dataclass(frozen=True)
class Order:
    """Trials by a value: numbers by size, then texts, then the rest; whatever is equal, newest first."""

    field: Field
    falling: bool


def conjunction(*parts: Clause) -> Clause:
    """All of these, without a nest of ``and`` in ``and``."""
    flat: list[Clause] = []
    for part in parts:
        flat += part.parts if isinstance(part, All) else (part,)
    return flat[0] if len(flat) == 1 else All(tuple(flat))


def disjunction(*parts: Clause) -> Clause:
    """One of these. ``x == 1 or x == 2`` becomes one look at ``x``, so that thousands of them cost no more."""
    flat: list[Clause] = []
    values: dict[Field, dict[tuple[type, Value], Value]] = {}
    for outer in parts:
        for part in outer.parts if isinstance(outer, Either) else (outer,):
            if isinstance(part, Among):
                if part.field not in values:
                    values[part.field] = {}
                    flat.append(part)  # its place
                values[part.field].update({(type(value), value): value for value in part.values})
            else:
                flat.append(part)
    merged = [
        Among(part.field, tuple(values[part.field].values())) if isinstance(part, Among) else part for part in flat
    ]
    return merged[0] if len(merged) == 1 else Either(tuple(merged))


def negation(part: Clause) -> Clause:
    """The opposite, without a ``not`` of a ``not``."""
    return part.part if isinstance(part, Not) else Not(part)


def leaves(clause: Clause) -> list[Clause]:
    """The clauses without ``and``, ``or`` and ``not``, in the order in which they were written."""
    found: list[Clause] = []
    waiting = [clause]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Not):
            waiting.append(part.part)
        elif isinstance(part, (All, Either)):
            waiting += reversed(part.parts)
        else:
            found.append(part)
    return found
