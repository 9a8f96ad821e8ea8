"""A filter and an order as SQL over the tables of ``index.py``.

Names of columns and operators are ours, values are always bound: no text of a filter becomes text of a statement.
What a row cannot say (a list, a number beyond 64 bits, a pattern) is asked of functions of ours: ``fits(k, value)``
tests one value, ``holds(k, document)`` a whole document, both by :mod:`kleio.trial.holding`. A filter of very many
terms is asked of each document at once, instead of becoming a statement that SQLite would refuse.
"""

from __future__ import annotations

from kleio.journal.sqlite.codec import load
from kleio.journal.sqlite.figures import ASPECTS
from kleio.journal.sqlite.index import ODD_FACT, bindable, name_numbers
from kleio.journal.sqlite.leaves import condition_of
from kleio.journal.sqlite.selection import NEWEST_FIRST
from kleio.trial.clauses import All, Among, Either, Empty, Ids, Not, leaves
from kleio.trial.fields import value_of
from kleio.trial.holding import predicate, value_key, value_test
from kleio.trial.numbers import is_plain_number, is_plain_text, reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from kleio.journal.sqlite.leaves import Condition
    from kleio.journal.sqlite.selection import Selection
    from kleio.journal.sqlite.session import Session
    from kleio.trial.clauses import Clause, Field, Order

MOST_LEAVES = 200
MOST_VALUES = 900
"""Bound values in a statement; old builds of SQLite stop at 999."""
MOST_IDS = 200
COLUMNS = {
    "id": "id", "name": "name", "status": "status", "command": "command", "project": "label", "directory": "directory",
    "created": "born", "started": "started", "ended": "ended", "duration": "duration", "exit": "exit",
    "attempts": "attempts", "parent": "parent", "code.commit": "head", "code.branch": "branch", "code.dirty": "dirty",
}  # fmt: skip
"""Fields that are columns of ``trials``."""
DOCUMENT = "(SELECT document FROM documents WHERE documents.number = {})"


class Translator:
    """One query: the names that the journal knows, and the functions that its statement calls."""

    def __init__(self, session: Session, fields: set[Field]) -> None:
        self._tests: list[Callable[[Any], bool]] = []
        self._lookups: list[Callable[[Mapping[str, Any]], Any]] = []
        self.values: list[Any] = []
        wanted = {_name(field) for field in fields} | {"config", "env", "tags"}
        self._numbers = name_numbers(session, wanted)
        session.define("fits", 2, lambda test, value: self._tests[test](_text(value)))
        session.define("holds", 2, lambda test, document: self._tests[test](load(document)))
        session.define("looks", 2, lambda place, document: self._lookups[place](load(document)))

    def test(self, function: Callable[[Any], bool]) -> int:
        """The number by which a statement calls the function."""
        self._tests.append(function)
        return len(self._tests) - 1

    def sql(self, clause: Clause) -> str:
        """The clause as an expression that is true, or false or null."""
        if isinstance(clause, Not):
            return f"NOT ifnull({self.sql(clause.part)}, 0)"
        if isinstance(clause, (All, Either)):
            word = " AND " if isinstance(clause, All) else " OR "
            return f"({word.join(map(self.sql, clause.parts))})" if clause.parts else str(int(isinstance(clause, All)))
        if isinstance(clause, Ids):
            return self._ids(clause)
        return self._leaf(clause)

    def whole(self, clause: Clause) -> str:
        """The clause asked of the document."""
        return f"holds({self.test(predicate(clause))}, {DOCUMENT.format('t.number')})"

    def _ids(self, clause: Ids) -> str:
        if len(clause.ids) > MOST_IDS:
            return f"fits({self.test(clause.ids.__contains__)}, t.id)"
        self.values += map(bindable, clause.ids)
        return f"t.id IN ({', '.join('?' * len(clause.ids))})"

    def _leaf(self, clause: Any) -> str:
        field = clause.field
        if field.root == "argv" or not _is_plain(clause):
            return self.whole(clause)
        if field.root == "tags" and isinstance(clause, Empty):
            return self._or_odd("t.number NOT IN (SELECT trial FROM tags)", "tags", clause)
        if field.root == "tags":
            test = self.test(value_test(clause))
            tagged = f"t.number IN (SELECT trial FROM tags WHERE fits({test}, tag))"  # noqa: S608
            return self._or_odd(tagged, "tags", clause)
        if field.root in COLUMNS:
            column = f"t.{COLUMNS[field.root]}"
            if isinstance(clause, Empty):
                return f"{column} IS NULL"
            odd = f"typeof({column}) = 'blob' AND {self.whole(clause)}"
            return f"({self._put(condition_of(clause, column, column, self.test))} OR {odd})"
        if field.root == "stats":
            return self._statistic(clause)
        return self._fact(clause)

    def _statistic(self, clause: Any) -> str:
        number = self._numbers.get(_name(clause.field))
        if number is None:
            return str(int(isinstance(clause, Empty)))
        column = clause.field.aspect
        assert column in ASPECTS
        begin = f"t.number IN (SELECT s.trial FROM statistics AS s WHERE s.name = {number} AND"  # noqa: S608
        if isinstance(clause, Empty):
            return f"NOT {begin} s.{column} IS NOT NULL)"
        odd = f"typeof(s.{column}) IN ('blob', 'text')"  # there is no column for what a text reads as
        odd += f" AND holds({self.test(predicate(clause))}, {DOCUMENT.format('s.trial')})"
        return f"{begin} ({self._put(condition_of(clause, f's.{column}', f's.{column}', self.test))} OR {odd}))"

    def _fact(self, clause: Any) -> str:
        field = clause.field
        number = self._numbers.get(_name(field))
        found = str(int(isinstance(clause, Empty)))
        if number is not None:
            begin = f"t.number IN (SELECT f.trial FROM facts AS f WHERE f.name = {number}"  # noqa: S608
            if isinstance(clause, Empty):
                found = f"NOT {begin})"
            else:
                odd = f"f.number = '{ODD_FACT}' AND holds({self.test(predicate(clause))}, {DOCUMENT.format('f.trial')})"
                plain = self._put(condition_of(clause, "f.value", "f.number", self.test))
                found = f"{begin} AND ({plain} OR {odd}))"
        return self._or_odd(found, field.root, clause)

    def _or_odd(self, found: str, root: str, clause: Clause) -> str:
        """For trials of which the whole ``root`` is not indexed, the document decides."""
        number = self._numbers.get(root)
        if number is None or root not in ("config", "env", "tags"):
            return found
        here = f"t.number IN (SELECT trial FROM facts WHERE name = {number})"  # noqa: S608
        return f"CASE WHEN {here} THEN {self.whole(clause)} ELSE {found} END"

    def _put(self, condition: Condition) -> str:
        self.values += condition.values
        return condition.sql

    def order(self, selection: Selection, order: Order) -> str:
        """``ORDER BY``; what a document alone can tell is looked up there."""
        value = self._order_value(selection, order.field)
        if value is None:
            return NEWEST_FIRST
        way = "DESC" if order.falling else "ASC"
        kind = f"CASE typeof({value}) WHEN 'null' THEN 2 WHEN 'blob' THEN 2 WHEN 'text' THEN 1 ELSE 0 END"
        plain = f"CASE typeof({value}) WHEN 'blob' THEN NULL ELSE {value} END"
        return f"{kind}, {plain} {way}, {NEWEST_FIRST}"

    def _order_value(self, selection: Selection, field: Field) -> str | None:
        if field.kind == "flag":
            return None  # truth values are neither great nor small
        if field.root in COLUMNS:
            return f"t.{COLUMNS[field.root]}"
        number = self._numbers.get(_name(field))
        table, value = ("statistics", f"o.{field.aspect}") if field.root == "stats" else ("facts", "o.value")
        if number is not None:
            selection.joins += f" LEFT JOIN {table} AS o ON o.name = {number} AND o.trial = t.number"
        odd = self._numbers.get(field.root) if field.root in ("config", "env") else None
        if odd is None:
            return None if number is None else value
        self._lookups.append(lambda document: _sortable(value_of(field, document)))
        selection.joins += f" LEFT JOIN facts AS w ON w.name = {odd} AND w.trial = t.number"
        looked = f"looks({len(self._lookups) - 1}, {DOCUMENT.format('t.number')})"
        return f"CASE WHEN w.trial IS NOT NULL THEN {looked} ELSE {'NULL' if number is None else value} END"


def narrow(session: Session, selection: Selection, where: Clause | None, sort: Order | None) -> None:
    """Let the selection admit what the filter admits, and have this order."""
    every = [] if where is None else leaves(where)
    fields = {leaf.field for leaf in every if not isinstance(leaf, Ids)}  # type: ignore[union-attr]
    translator = Translator(session, fields if sort is None else fields | {sort.field})
    if where is not None:
        condition = translator.sql(where) if len(every) <= MOST_LEAVES else ""
        if condition and len(selection.values) + len(translator.values) <= MOST_VALUES:
            selection.add(condition, *translator.values)
        else:
            selection.add(translator.whole(where))
    if sort is not None:
        selection.order = translator.order(selection, sort)


def _is_plain(clause: Any) -> bool:
    """Whether SQLite can hold what the clause compares with."""
    values = (
        clause.values if isinstance(clause, Among) else [getattr(clause, "value", 0), getattr(clause, "written", "")]
    )
    return all(isinstance(one, bool) or is_plain_number(one) or _is_plain_word(one) for one in values)


def _is_plain_word(value: Any) -> bool:
    read = reading(value) if is_plain_text(value) else value
    return read is None or is_plain_number(read)


def _name(field: Field) -> str:
    return f"{field.root}.{field.key}" if field.root in ("config", "env", "stats") else field.root


def _text(value: Any) -> Any:
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value


def _sortable(value: Any) -> Any:
    place, plain = value_key(value)
    return None if place == 2 else plain
