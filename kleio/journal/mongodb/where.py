"""A filter as two MongoDB filters: one that only fitting trials pass, and one that all of them pass.

What a server compares as kleio does, both say alike, and the server answers alone. The rest (a text that reads as a
number, an integer beyond 64 bits, a pattern, a name that may lie in several places) passes the second only, and
:mod:`kleio.trial.holding` looks at what lies between. No expressions, no ``$where``, and no regular expression of a
user's ever reaches the server.
"""

from __future__ import annotations

from kleio.journal.mongodb.codec import encode, encode_key
from kleio.journal.mongodb.query import EVERY, NONE, Pair, both, either, opposite
from kleio.trial.clauses import All, Among, Compare, Contains, Either, Empty, Ids, Matches, Not, leaves
from kleio.trial.fields import PLAIN
from kleio.trial.holding import WHOLE_ID, partition
from kleio.trial.numbers import is_number, is_plain_number, is_plain_text, reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any

    from kleio.journal.mongodb.query import Filter
    from kleio.trial.clauses import Clause, Field

MOST_LEAVES = 1_000
"""A filter of more terms is asked of each document instead."""
MOST_PARTS = 3
"""A name of more parts may lie in too many places for a server to look at."""
INFINITY = float("inf")
ROOTS = {"config": "configuration", "env": "environment", "stats": "summary"}
_OPERATORS = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_MIXED = frozenset({"any", "list"})
"""Kinds whose values may be lists."""


UNKNOWN = Pair(NONE, EVERY)


def translated(clause: Clause) -> Pair:
    """The pair for a filter."""
    return _pair(clause) if len(leaves(clause)) <= MOST_LEAVES else UNKNOWN


def _pair(clause: Clause) -> Pair:
    if isinstance(clause, Not):
        part = _pair(clause.part)
        return Pair(opposite(part.possible), opposite(part.sure))
    if isinstance(clause, (All, Either)):
        parts = [_pair(part) for part in clause.parts]
        join = both if isinstance(clause, All) else either
        return Pair(join(*(part.sure for part in parts)), join(*(part.possible for part in parts)))
    if isinstance(clause, Ids):
        return _exact({"_id": {"$in": [encode(one) for one in sorted(clause.ids)]}})
    return _leaf(clause)


def _exact(one: Filter) -> Pair:
    return Pair(one, one)


def only_path(field: Field) -> str | None:
    """Where the value of the field lies, if that is one place, and holds no list."""
    if field.root == "stats":
        return f"summary.statistics.{encode_key(field.key)}.{field.aspect}"
    return (
        ".".join(PLAIN[field.root][1])
        if field.root in PLAIN and field.kind != "list" and field.root != "command"
        else None
    )


def _paths(field: Field) -> list[str] | None:
    """The places where the value may lie; where there is one in the first, that is it. ``None`` for too many."""
    path = only_path(field)
    if path is not None:
        return [path]
    if field.kind == "list":
        return [field.root]
    if field.root == "env":
        return [
            f"environment.{group}.{encode_key(key)}"
            for key in (field.key, f"env.{field.key}")
            for group in ("compared", "recorded")
        ]
    if field.root == "config" and field.key.count(".") < MOST_PARTS:
        return [
            path for place in _places(field.key) for path in (f"configuration.{place}", f"configuration.{place}.file")
        ]
    return None


def _places(key: str) -> list[str]:
    """A name with dots as a path: each dot may stand in a key, part two sections, or lead into a file."""
    places = [encode_key(key)]
    end = key.rfind(".")
    while end >= 0:
        for rest in _places(key[end + 1 :]):
            places += [f"{encode_key(key[:end])}.{rest}", f"{encode_key(key[:end])}.content.{rest}"]
        end = key.rfind(".", 0, end)
    return places


def _leaf(clause: Any) -> Pair:
    field = clause.field
    paths = _paths(field)
    if paths is None:
        return UNKNOWN
    if isinstance(clause, Empty):
        return _empty(field, paths)
    sure = _at(clause, paths[0]).sure
    return (
        Pair(sure, either(*(_at(clause, path).possible for path in paths))) if len(paths) > 1 else _at(clause, paths[0])
    )


def _empty(field: Field, paths: list[str]) -> Pair:
    if field.kind == "list":
        return _exact(either({paths[0]: None}, {paths[0]: {"$size": 0}}))
    nowhere = both(*({path: None} for path in paths))
    if len(paths) == 1 and field.kind not in _MIXED:
        return _exact(nowhere)
    sure = both(nowhere, *({path: {"$not": {"$type": "array"}}} for path in paths))
    if field.root == "config" and "." not in field.key:
        return Pair(sure, either({paths[0]: None}, {f"{paths[0]}.content": {"$exists": True}}))
    return Pair(sure, {paths[0]: None})


def _at(clause: Any, path: str) -> Pair:
    """The comparison with what lies in one place."""
    kinds = _wrapped(clause.field)
    if isinstance(clause, Among):
        if clause.field.kind == "id":
            return _beginning(clause, path)
        sure, doubtful = _among(clause.values, path)
        return Pair(sure, either(sure, _of_type(path, kinds | doubtful)))
    if isinstance(clause, Compare):
        return _compare(clause, path, kinds)
    if isinstance(clause, Contains):
        equal, doubtful = _among((clause.value,), path)
        is_list = clause.field.kind == "list"
        kinds |= doubtful if is_list else {*doubtful, "string"}
        return Pair(equal if is_list else NONE, either(equal, _of_type(path, kinds)))
    if isinstance(clause, Matches):
        return Pair(NONE, _of_type(path, {*kinds, "string"}))
    return Pair(NONE, either({path: float("nan")}, _of_type(path, kinds)))


def _of_type(path: str, kinds: Collection[str]) -> Filter:
    """Values of these types of BSON. One condition, for a server looks a path up anew for each."""
    return {path: {"$type": sorted(kinds)}} if kinds else NONE


def _wrapped(field: Field) -> set[str]:
    """The type of the values that a server could not hold as they are (see :mod:`kleio.journal.mongodb.codec`)."""
    return {"object"} if field.kind in ("text", "statistic", *_MIXED) else set()


def _among(values: Iterable[Any], path: str) -> tuple[Filter, set[str]]:
    """What is surely one of the values, and the types of what may be."""
    flags, texts, numbers, readings = partition(values)
    wanted = [one for one in (*texts, *numbers, *readings) if is_plain_text(one) or is_plain_number(one)]
    sure: Filter = {path: {"$in": [*wanted, *flags]}} if wanted or flags else NONE
    odd = len(wanted) < len(texts) + len(numbers) + len(readings)
    return sure, {*(("string",) if numbers else ()), *(("number",) if odd else ())}


def _beginning(clause: Among, path: str) -> Pair:
    parts: list[Filter] = []
    for text in clause.values:
        if not isinstance(text, str) or not text.isascii():
            return UNKNOWN
        parts.append({path: text if len(text) >= WHOLE_ID else {"$gte": text, "$lt": text + "\U0010ffff"}})
    return _exact(either(*parts))


def _compare(clause: Compare, path: str, kinds: set[str]) -> Pair:
    wanted, sign = clause.value, _OPERATORS[clause.operator]
    if not (is_plain_number(wanted) or is_plain_text(wanted)):
        return Pair(NONE, _of_type(path, {*kinds, "number", "string"}))
    number = reading(wanted) if isinstance(wanted, str) else wanted
    parts: list[Filter] = []
    if isinstance(wanted, str):
        parts.append({path: {sign: wanted}})
    if is_plain_number(number):
        parts.append(_number(path, sign, number))
    found = either(*parts)
    sure = found
    if clause.field.kind in _MIXED:
        sure = both(found, {path: {"$not": {"$type": "array"}}})
        kinds |= {"array"}
    if is_number(wanted) and clause.field.kind in ("text", "statistic", *_MIXED):
        kinds |= {"string"}
    if number is not None and not is_plain_number(number):
        kinds |= {"number"}
    return Pair(sure, either(found, _of_type(path, kinds)))


def _number(path: str, sign: str, number: Any) -> Filter:
    """Numbers that compare so, and nothing that is no number (for a server, NaN is less than all others)."""
    return {path: {sign: number}} if sign.startswith("$gt") else {path: {"$gte": -INFINITY, sign: number}}


def projection(fields: Iterable[Field]) -> dict[str, int]:
    """What of a document has to be read to tell the values of these fields."""
    roots = {ROOTS.get(field.root) or PLAIN[field.root][1][0] for field in fields}
    return dict.fromkeys(sorted(roots | {"created"}), 1)
