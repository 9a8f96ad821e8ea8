"""The filter language: ``status == "completed" and config.lr > 0.01 and "baseline" in tags``.

One parser for the command line, notebooks and every journal. It makes a tree of frozen clauses
(:mod:`kleio.trial.clauses`); nothing of the text is ever executed, and no journal sees it. Brackets may nest as deeply
as one likes; what nests after the superfluous ones are gone is limited, because databases limit it.
"""

from __future__ import annotations

import time

from kleio.dataclass import dataclass, field
from kleio.errors import FilterError
from kleio.trial.advising import order_advice
from kleio.trial.clauses import EVERYTHING, Order, conjunction, disjunction, negation
from kleio.trial.fields import sort_field
from kleio.trial.words import END, FIELD, SIGN, Word, fault, quoting_advice, words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.trial.clauses import Clause
    from kleio.trial.comparing import Reader

DEEPEST = 24
"""Levels of ``and`` in ``or`` in ``not`` that every database takes."""
MOST_TERMS = 20_000
_SORTS = "for example: --sort -stats.loss.last"


@dataclass
class _Bracket:
    """An open bracket: alternatives, each a list of terms that hold together, with how deep each is."""

    opened: Word
    alternatives: list[list[tuple[Clause, int]]] = field(default_factory=lambda: [[]])
    is_negated: bool = False

    def add(self, clause: Clause, depth: int) -> None:
        if self.is_negated:
            clause, depth, self.is_negated = negation(clause), depth + 1, False
        self.alternatives[-1].append((clause, depth))

    def close(self) -> tuple[Clause, int]:
        depth = 0
        joined = []
        for terms in self.alternatives:
            joined.append(conjunction(*(clause for clause, _ in terms)))
            depth = max(depth, max(deep for _, deep in terms) + (len(terms) > 1))
        return disjunction(*joined), depth + (len(joined) > 1)


def parse(text: str, now: float | None = None) -> Clause:
    """What a filter means; an empty one is true of every trial. Raises ``FilterError``.

    ``now`` is what relative times count from, in seconds since the epoch.
    """
    from kleio.trial.comparing import Reader

    if not text.strip():
        return EVERYTHING
    words = words_of(text)
    if words[0].kind == END:
        return EVERYTHING
    return _parsed(Reader(text, words, time.time() if now is None else now), text)


def _parsed(reader: Reader, text: str) -> Clause:
    open_brackets = [_Bracket(reader.word)]
    terms = 0
    while True:
        _term(reader, open_brackets)
        terms += 1
        if terms > MOST_TERMS:
            raise FilterError(f"the filter has more than {MOST_TERMS:,} terms")
        while reader.accept(SIGN, ")"):
            if len(open_brackets) == 1:
                raise reader.fault(reader.previous, "this bracket was never opened")
            bracket = open_brackets.pop()
            clause, depth = bracket.close()
            if depth >= DEEPEST:
                raise reader.fault(bracket.opened, f"this is nested more than {DEEPEST} levels deep")
            open_brackets[-1].add(clause, depth)
        if reader.word.kind == END:
            break
        if reader.accept(FIELD, "or"):
            open_brackets[-1].alternatives.append([])
        elif not reader.accept(FIELD, "and"):
            raise reader.joined_fault()
    if len(open_brackets) > 1:
        raise reader.fault(open_brackets[-1].opened, "this bracket is never closed")
    return open_brackets[0].close()[0]


def _term(reader: Reader, open_brackets: list[_Bracket]) -> None:
    while True:
        if reader.accept(FIELD, "not"):
            open_brackets[-1].is_negated = not open_brackets[-1].is_negated
        elif reader.accept(SIGN, "("):
            open_brackets.append(_Bracket(reader.previous))
        else:
            open_brackets[-1].add(reader.comparison(), 1)
            return


def parse_order(text: str) -> Order:
    """The order that ``KEY`` (rising) or ``-KEY`` (falling) means. Raises ``FilterError``."""
    name = text.strip()
    if advice := order_advice(name):
        raise fault(name, name.index(","), len(name), "this is more than a field to sort by", hint=advice)
    falling = name.startswith("-")
    name = name[1:] if falling else name.removeprefix("+")
    if not name:
        raise FilterError("no field to sort by is named", hint=_SORTS)
    words = words_of(name)
    if [word.kind for word in words] != [FIELD, END]:
        hint = quoting_advice(name) or _SORTS
        raise fault(name, 0, len(name), "this is no field to sort by", hint=hint)
    return Order(sort_field(words[0].text, name, words[0].start), falling)
