"""Whether a filter is true of a trial's document: the meaning of the language, to which every journal is held.

A filter becomes functions once and is then asked of any number of documents. A list fits if one of its values does.
"""

from __future__ import annotations

import operator

from kleio.trial.clauses import All, Among, Compare, Contains, Either, Empty, Ids, Lineage, Matches, Not, NotANumber
from kleio.trial.fields import value_of
from kleio.trial.numbers import is_number, is_plain_number, is_plain_text, reading
from kleio.trial.pattern import compiled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TypeAlias

    from kleio.trial.clauses import Clause, Order, Value

    Document: TypeAlias = Mapping[str, Any]
    Predicate: TypeAlias = Callable[[Document], bool]
    Test: TypeAlias = Callable[[Any], bool]

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
WHOLE_ID = 64


def predicate(clause: Clause) -> Predicate:
    """The filter as a function of a document. ``Lineage`` must have become ``Ids`` before."""
    if isinstance(clause, Not):
        part = predicate(clause.part)
        return lambda document: not part(document)
    if isinstance(clause, (All, Either)):
        parts = [predicate(part) for part in clause.parts]
        if isinstance(clause, All):
            return lambda document: all(part(document) for part in parts)
        return lambda document: any(part(document) for part in parts)
    if isinstance(clause, Ids):
        ids = clause.ids
        return lambda document: document["_id"] in ids
    if isinstance(clause, Lineage):
        raise ValueError("who descends from whom is not to be seen in one document")
    field = clause.field
    if isinstance(clause, Empty):
        nothing: tuple[Any, ...] = (None, []) if field.kind == "list" else (None,)
        return lambda document: value_of(field, document) in nothing
    test = value_test(clause)
    return lambda document: _fits(value_of(field, document), test)


def _fits(value: Any, test: Test) -> bool:
    if type(value) is list:
        return any(map(test, value))
    return test(value)


def value_test(clause: Among | Compare | Contains | Matches | NotANumber) -> Test:
    """The comparison as a function of one value that is no list."""
    if isinstance(clause, NotANumber):
        return lambda value: isinstance(value, float) and value != value
    if isinstance(clause, Matches):
        search = compiled(clause.pattern).search
        return lambda value: isinstance(value, str) and search(value)
    if isinstance(clause, Compare):
        return _comparison(OPERATORS[clause.operator], clause.value)
    if isinstance(clause, Among):
        return _beginning(clause.values) if clause.field.kind == "id" else _equality(clause.values)
    return _containment(clause)


def _comparison(compare: Callable[[Any, Any], bool], wanted: str | int | float) -> Test:
    number = reading(wanted) if isinstance(wanted, str) else wanted

    def test(value: Any) -> bool:
        if is_number(value):
            return number is not None and compare(value, number)
        if not isinstance(value, str):
            return False
        if isinstance(wanted, str):
            return compare(value, wanted)
        read = reading(value)
        return read is not None and compare(read, wanted)

    return test


def _equality(values: Iterable[Value]) -> Test:
    flags, texts, numbers, readings = partition(values)

    def test(value: Any) -> bool:
        if isinstance(value, bool):
            return value in flags
        if isinstance(value, str):
            return value in texts or (bool(numbers) and reading(value) in numbers)
        return is_number(value) and (value in numbers or value in readings)

    return test


def partition(values: Iterable[Value]) -> tuple[frozenset[bool], frozenset[str], frozenset[Any], frozenset[Any]]:
    """Truth values, texts, numbers, and the numbers that the texts read as."""
    every = list(values)
    texts = frozenset(value for value in every if isinstance(value, str))
    return (
        frozenset(value for value in every if isinstance(value, bool)),
        texts,
        frozenset(value for value in every if is_number(value)),
        frozenset(number for number in map(reading, texts) if number is not None),
    )


def _beginning(values: Iterable[Value]) -> Test:
    whole = frozenset(value for value in values if isinstance(value, str) and len(value) >= WHOLE_ID)
    begun = tuple(value for value in values if isinstance(value, str) and value not in whole)
    return lambda value: isinstance(value, str) and (value in whole or value.startswith(begun))


def _containment(clause: Contains) -> Test:
    """In a list, an equal value (which is how ``_fits`` asks); in a text, the text."""
    equal, text = _equality((clause.value,)), clause.written
    if clause.field.kind == "list":
        return equal
    return lambda value: text in value if isinstance(value, str) else equal(value)


def order_key(order: Order) -> Callable[[Document], tuple[Any, ...]]:
    """A key for sorting documents that are newest first already, rising."""

    def key(document: Document) -> tuple[Any, ...]:
        return value_key(value_of(order.field, document))

    return key


def value_key(value: Any) -> tuple[int, Any]:
    """Numbers, then texts, then the rest, which is all alike."""
    if is_plain_number(value):
        return (0, value)
    return (1, value) if is_plain_text(value) else (2, 0)


def in_order(documents: Iterable[dict[str, Any]], order: Order) -> list[dict[str, Any]]:
    """Documents that are newest first, by the order: whatever is equal stays newest first."""
    key = order_key(order)
    groups: tuple[list[Any], ...] = ([], [], [])
    for document in documents:
        place, value = key(document)
        groups[place].append((value, document))
    for group in groups[:2]:
        # sorted() keeps the order of what is equal, also when reversed.
        group.sort(key=lambda pair: pair[0], reverse=order.falling)
    return [document for group in groups for _, document in group]
