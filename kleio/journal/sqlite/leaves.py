"""One comparison of a filter as a condition on a row.

``value`` is the expression that holds numbers and texts as they are, ``number`` the one that holds what a text reads
as, and the word ``'true'`` or ``'false'`` for a truth value. Where there is no second one, they are the same, and truth
values are 1 and 0. SQLite sorts numbers before texts and those before bytes, whence the upper bounds.
"""

from __future__ import annotations

from kleio.dataclass import dataclass
from kleio.journal.sqlite.index import FLAGS
from kleio.trial.clauses import Among, Compare, Contains, Matches
from kleio.trial.holding import WHOLE_ID, partition, value_test
from kleio.trial.numbers import is_number, is_plain_number, reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

MOST_VALUES = 50
"""Values compared one by one; more are asked of a function that looks them up."""
INFINITY = "9e999"


@dataclass(frozen=True)
class Condition:
    sql: str
    values: tuple[Any, ...] = ()


NEVER = Condition("0")


def condition_of(clause: Any, value: str, number: str, test: Callable[[Callable[[Any], bool]], int]) -> Condition:
    """True of rows whose plain value fits; what is odd is somebody else's."""
    is_fact = value != number
    if isinstance(clause, Matches):
        return Condition(f"typeof({value}) = 'text' AND fits({test(value_test(clause))}, {value})")
    if isinstance(clause, Among):
        return _among(clause, value, number, test, is_fact=is_fact)
    if isinstance(clause, Contains):
        return _contains(clause, value, is_fact=is_fact)
    if isinstance(clause, Compare):
        return _compare(clause, value, number, is_fact=is_fact)
    return NEVER  # NotANumber: no plain value is one


def _among(clause: Among, value: str, number: str, test: Any, *, is_fact: bool) -> Condition:
    if clause.field.kind == "flag":
        return _in(value, [int(one) for one in clause.values if isinstance(one, bool)])
    flags, texts, numbers, readings = partition(clause.values)
    if len(clause.values) > MOST_VALUES:
        plain = f"typeof({value}) IN ('integer', 'real', 'text') AND fits({test(value_test(clause))}, {value})"
        found = Condition(plain)
    elif clause.field.kind == "id":
        found = _beginning(texts, value)
    else:
        found = _in(value, [*texts, *numbers, *readings])
        if is_fact and numbers:
            read = _in(number, list(numbers))
            found = Condition(f"({found.sql} OR {read.sql})", (*found.values, *read.values))
    if is_fact and flags:
        words = _in(number, [FLAGS[flag] for flag in flags])
        return Condition(f"({found.sql} OR {words.sql})", (*found.values, *words.values))
    return found


def _beginning(texts: Iterable[str], value: str) -> Condition:
    parts: list[str] = []
    values: list[Any] = []
    for text in texts:
        parts.append(f"{value} = ?" if len(text) >= WHOLE_ID else f"instr({value}, ?) = 1")
        values.append(text)
    return Condition(f"(typeof({value}) = 'text' AND ({' OR '.join(parts)}))", tuple(values)) if parts else NEVER


def _contains(clause: Contains, value: str, *, is_fact: bool) -> Condition:
    found = Condition(f"(typeof({value}) = 'text' AND instr({value}, ?) > 0)", (clause.written,))
    if not is_fact:
        return found
    flags, _, numbers, readings = partition((clause.value,))
    equal = _in(value, [one for one in (*numbers, *readings) if is_plain_number(one)])
    words = _in("f.number", [FLAGS[flag] for flag in flags])
    return Condition(f"({found.sql} OR {equal.sql} OR {words.sql})", (*found.values, *equal.values, *words.values))


def _compare(clause: Compare, value: str, number: str, *, is_fact: bool) -> Condition:
    wanted = clause.value
    sign = clause.operator
    assert sign in ("<", "<=", ">", ">=")
    if is_number(wanted):
        return Condition(f"({number} {sign} ? AND {number} <= {INFINITY})", (wanted,))
    text = Condition(f"(typeof({value}) = 'text' AND {value} {sign} ?)", (wanted,))
    read = reading(str(wanted))
    if read is None or not is_plain_number(read):
        return text
    plain = Condition(f"(typeof({value}) IN ('integer', 'real') AND {value} {sign} ?)", (read,))
    return Condition(f"({text.sql} OR {plain.sql})", (*text.values, *plain.values))


def _in(expression: str, values: list[Any]) -> Condition:
    return Condition(f"{expression} IN ({', '.join('?' * len(values))})", tuple(values)) if values else NEVER
