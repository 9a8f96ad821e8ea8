"""Regular expressions that cannot hang: each character of the text is looked at once, whatever the expression.

Python's engine tries alternatives one after the other, and a small expression can keep it busy for years. Here all
alternatives are followed at the same time, as states of an automaton that is built while it is used. What that cannot
do (back references, looking around) is refused. ``$`` is the end of the text, ``.`` no line break; ``(?i)`` in front
takes both cases for one, ``(?s)`` lets ``.`` be a line break too.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kleio.trial.pattern_syntax import ANY, END, START, PatternError, Piece, parse_pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Pattern", "PatternError", "compiled"]

MOST_STATES = 2_000
MOST_REMEMBERED = 5_000
"""Steps of the automaton that are kept; then it is built anew."""
_ACCEPT = 0


class Pattern:
    """One expression. States are numbers; 0 accepts."""

    def __init__(self, text: str) -> None:
        self._flags, piece = parse_pattern(text)
        self._tests: list[re.Pattern[str] | str | None] = [None]
        """What a state wants: a character that fits, ``START`` or ``END``, or nothing."""
        self._next: list[tuple[int, ...]] = [()]
        self._entry = self._build(piece, _ACCEPT)
        self._again = self._closure({self._entry}, False)
        self._steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    def search(self, text: str) -> bool:
        """Whether it fits somewhere in ``text``."""
        states = self._closure({self._entry}, True)
        steps = self._steps
        for character in text:
            if _ACCEPT in states:
                return True
            key = (states, character)
            following = steps.get(key)
            if following is None:
                following = self._step(states, character)
                if len(steps) >= MOST_REMEMBERED:
                    steps.clear()
                steps[key] = following
            states = following
        return _ACCEPT in self._closure(states, not text, at_end=True)

    def _step(self, states: frozenset[int], character: str) -> frozenset[int]:
        reached: set[int] = set()
        for state in states:
            test = self._tests[state]
            if isinstance(test, re.Pattern) and test.fullmatch(character):
                reached.update(self._next[state])
        return self._closure(reached, False) | self._again

    def _closure(self, states: Iterable[int], at_start: bool, at_end: bool = False) -> frozenset[int]:
        found: set[int] = set()
        waiting = list(states)
        while waiting:
            state = waiting.pop()
            if state in found:
                continue
            found.add(state)
            test = self._tests[state]
            if test is None or (test == START and at_start) or (test == END and at_end):
                waiting += self._next[state]
        return frozenset(found)

    def _state(self, test: re.Pattern[str] | str | None, *following: int) -> int:
        if len(self._tests) > MOST_STATES:
            raise PatternError("it is too large")
        self._tests.append(test)
        self._next.append(following)
        return len(self._tests) - 1

    def _build(self, piece: Piece, after: int) -> int:
        """The state in which ``piece`` begins, if what follows it begins in ``after``."""
        if piece.kind in (START, END):
            return self._state(piece.kind, after)
        if piece.kind == ANY:
            return self._state(re.compile(piece.text, self._flags), after)
        if piece.kind == "sequence":
            for part in reversed(piece.parts):
                after = self._build(part, after)
            return after
        if piece.kind == "choice":
            return self._state(None, *(self._build(part, after) for part in piece.parts))
        return self._repeated(piece, after)

    def _repeated(self, piece: Piece, after: int) -> int:
        (part,) = piece.parts
        entry = after
        if piece.most is None:
            entry = self._state(None, after)
            self._next[entry] = (self._build(part, entry), after)
        else:
            for _ in range(piece.most - piece.least):
                entry = self._state(None, self._build(part, entry), after)
        for _ in range(piece.least):
            entry = self._build(part, entry)
        return entry


@lru_cache(maxsize=64)
def compiled(text: str) -> Pattern:
    """The pattern, made once. Raises ``PatternError``."""
    return Pattern(text)
