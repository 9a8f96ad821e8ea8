"""One comparison of a filter: a field, what is asked of it, and the value, checked against each other."""

from __future__ import annotations

from kleio.dataclass import dataclass
from kleio.trial import status
from kleio.trial.advising import (
    KEYWORDS,
    MIRRORED,
    in_small_letters,
    joining_advice,
    nan_advice,
    sign_advice,
    status_advice,
)  # fmt: skip
from kleio.trial.clauses import (
    Among,
    Compare,
    Contains,
    Empty,
    Field,
    Lineage,
    Matches,
    NotANumber,
    conjunction,
    disjunction,
    negation,
)  # fmt: skip
from kleio.trial.fields import field_of, is_field
from kleio.trial.numbers import reading
from kleio.trial.pattern import PatternError, compiled
from kleio.trial.quoting import escaped
from kleio.trial.words import FIELD, NUMBER, SIGN, TEXT, Word, fault, marked, quoting_advice, unquoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kleio.errors import FilterError
    from kleio.trial.clauses import Clause, Value

CONSTANTS: dict[str, bool | float | None] = {
    "true": True, "false": False, "True": True, "False": False, "null": None, "None": None,
    "inf": float("inf"), "-inf": float("-inf"),
}  # fmt: skip
NUMBERS = frozenset({"number", "duration", "time", "statistic"})
LINEAGE = ("descendant", "ancestor")
_SIGNS = frozenset(MIRRORED)
_HINTS = {
    "duration": 'for example 90, 40s, 1h30m or "2m 5s"',
    "statistic": "of statistics only numbers can be compared; `kleio ls --columns stats.NAME` shows text, too",
}


@dataclass(frozen=True)
class Literal:
    """A value as it was written; ``value`` is ``None`` for ``null``."""

    word: Word
    value: Value | None

    @property
    def written(self) -> str:
        return self.value if isinstance(self.value, str) else self.word.text


class Reader:
    """Goes through the words of a filter, one comparison at a time."""

    def __init__(self, text: str, words: Sequence[Word], now: float) -> None:
        self._text, self._words, self._now, self._at, self._begun = text, words, now, 0, 0

    @property
    def word(self) -> Word:
        return self._words[self._at]

    @property
    def previous(self) -> Word:
        return self._words[self._at - 1]

    def accept(self, kind: str, *texts: str) -> bool:
        """Whether the next word is one of these; then it has been read."""
        if self.word.kind != kind or (texts and self.word.text not in texts):
            return False
        self._at += 1
        return True

    def fault(self, word: Word, message: str, *, hint: str | None = None) -> FilterError:
        return fault(self._text, word.start, word.end, message, hint=hint)

    def joined_fault(self) -> FilterError:
        """The error for what follows a comparison, and does not join it with another."""
        term, rest = self._words[self._begun : self._at], self._words[self._at :]
        hint = joining_advice(self._text, term, rest)
        return self.fault(self.word, "`and` or `or` is missing here", hint=hint)

    def comparison(self) -> Clause:
        """``FIELD … VALUE``, ``VALUE … FIELD`` or ``descendant of ID``."""
        self._begun = self._at
        if self.word.kind == FIELD and self.word.text in LINEAGE:
            return self._lineage()
        if self._at_value() or self._at_member():
            return self._mirrored(self._literal())
        field = self._field()
        sign = self.word
        if self.accept(SIGN, *_SIGNS):
            return self._compared(field, sign.text, self._literal())
        if self.accept(FIELD, "is"):
            return self._is(field)
        is_negated = self.accept(FIELD, "not")
        sign = self.word
        if self.accept(FIELD, "in"):
            clause = disjunction(*(self._equal(field, literal) for literal in self._literals()))
        elif self.accept(FIELD, "contains"):
            clause = self._contains(field, self._literal())
        elif self.accept(FIELD, "matches"):
            clause = self._matches(field, self._literal())
        else:
            hint = in_small_letters(sign) or "== != < <= > >= in contains matches is null"
            if sign.kind == FIELD and (advice := quoting_advice(f"{field.name} {sign.text}")):
                hint += f"; {advice}"
            raise self.fault(sign, f"a comparison with {field.name} is missing here", hint=hint)
        return negation(clause) if is_negated else clause

    def _lineage(self) -> Clause:
        relation = self.word.text
        self._at += 1
        if not self.accept(FIELD, "of"):
            raise self.fault(self.word, f"write {relation} of ID")
        word = self.word
        named = unquoted(word.text) if word.kind == TEXT else word.text if word.kind in (NUMBER, FIELD) else ""
        if not named.strip():
            raise self.fault(word, "a trial's id is missing here")
        self._at += 1
        return Lineage(relation, named, marked(self._text, word.start, word.end))

    def _mirrored(self, literal: Literal) -> Clause:
        """``0.2 > stats.loss.min`` and ``"baseline" in tags``."""
        sign = self.word
        if self.accept(SIGN, *_SIGNS):
            return self._compared(self._field(), MIRRORED[sign.text], literal)
        is_negated = self.accept(FIELD, "not")
        if not self.accept(FIELD, "in"):
            raise self.fault(self.word, "a comparison is missing here", hint='for example: "baseline" in tags')
        clause = self._contains(self._field(), literal)
        return negation(clause) if is_negated else clause

    def _is(self, field: Field) -> Clause:
        is_negated = self.accept(FIELD, "not")
        if self.accept(FIELD, "null", "None"):
            clause: Clause = Empty(field)
        elif self.accept(FIELD, "nan", "NaN"):
            clause = NotANumber(field)
        else:
            raise self.fault(self.word, "null or nan is missing here", hint="to compare with a value, write ==")
        return negation(clause) if is_negated else clause

    def _compared(self, field: Field, sign: str, literal: Literal) -> Clause:
        if sign in ("==", "=", "!="):
            clause = self._equal(field, literal)
            return negation(clause) if sign == "!=" else clause
        if field.kind in ("list", "flag", "status", "id"):
            raise self.fault(literal.word, f"{field.name} has no order; compare it with == or !=")
        value = self._value(field, literal)
        if value is None or isinstance(value, bool):
            raise self.fault(literal.word, f"{escaped(literal.word.text)} is neither smaller nor greater than anything")
        return Compare(field, sign, value)

    def _equal(self, field: Field, literal: Literal) -> Clause:
        if literal.value is None:
            return Empty(field)
        if field.kind == "time":
            from kleio.trial.moments import span_of

            span = span_of(literal.written, self._now)
            if span is not None:
                return conjunction(Compare(field, ">=", span[0]), Compare(field, "<", span[1]))
        value = self._value(field, literal)
        assert value is not None
        return Among(field, (value,))

    def _contains(self, field: Field, literal: Literal) -> Clause:
        if field.kind in NUMBERS or field.kind == "flag":
            raise self.fault(literal.word, f"{field.name} is {_called(field.kind)}, which contains nothing")
        if literal.value is None:
            raise self.fault(literal.word, "null is contained in nothing", hint=f"{field.name} is null")
        return Contains(field, literal.value, literal.written)

    def _matches(self, field: Field, literal: Literal) -> Clause:
        if field.kind in NUMBERS or field.kind == "flag":
            raise self.fault(literal.word, f"{field.name} is {_called(field.kind)}, and no text")
        if not isinstance(literal.value, str):
            raise self.fault(literal.word, "a regular expression is missing here", hint=f'{field.name} matches "…"')
        try:
            compiled(literal.value)
        except PatternError as error:
            raise self.fault(literal.word, f"this regular expression cannot be used: {error}")
        return Matches(field, literal.value)

    def _value(self, field: Field, literal: Literal) -> Value | None:
        """The literal as a value of the field's kind."""
        value = literal.value
        if hint := nan_advice(field, literal.word):
            raise self.fault(literal.word, "nan equals nothing, and is neither smaller nor greater", hint=hint)
        if field.kind in ("text", "id", "list"):
            return literal.written if field.kind != "list" or isinstance(value, bool) else value
        if field.kind == "flag" and not isinstance(value, bool):
            raise self.fault(literal.word, f"{field.name} is true or false")
        if field.kind == "status" and literal.written not in status.STATUSES:
            hint = status_advice(literal.written)
            raise self.fault(literal.word, f"there is no status {escaped(literal.written)}", hint=hint)
        if field.kind in NUMBERS:
            return self._number(field, literal)
        return value

    def _number(self, field: Field, literal: Literal) -> float | int:
        value = literal.value
        text = literal.written
        number = None if isinstance(value, bool) else value if isinstance(value, (int, float)) else reading(text)
        if number is None and field.kind == "duration":
            number = _duration(text)
        if field.kind == "time":
            from kleio.trial.moments import EXAMPLES, YEAR, moment_of

            if number is None or YEAR.fullmatch(text):
                number = moment_of(text, self._now)
            if number is None:
                raise self.fault(literal.word, f"{escaped(text)} is no time", hint=f"for example {EXAMPLES}")
        if number is None:
            kind = _called(field.kind)
            raise self.fault(
                literal.word, f"{field.name} is {kind}, and {escaped(text)} is none", hint=_HINTS.get(field.kind)
            )
        return number

    def _field(self) -> Field:
        word = self.word
        if word.text in KEYWORDS or not self.accept(FIELD):
            raise self.fault(word, "a field is missing here", hint="for example: status, config.lr, stats.loss.min")
        if small := in_small_letters(word):
            raise self.fault(word, f"there is no field {word.text}", hint=small)
        return field_of(word.text, self._text, word.start)

    def _at_value(self) -> bool:
        return self.word.kind in (TEXT, NUMBER) or (self.word.kind == FIELD and self.word.text in CONSTANTS)

    def _at_member(self) -> bool:
        """At the word of ``word in tags``, which needs no quotation marks."""
        words = [word for word in self._words[self._at : self._at + 4] if word.text != "not"]
        kinds = [word.kind for word in words[:3]]
        return kinds == [FIELD] * 3 and words[1].text == "in" and words[0] is self.word and not is_field(words[0].text)

    def _literals(self) -> list[Literal]:
        opened = self.word
        if not self.accept(SIGN, "(", "["):
            hint = 'for example: status in ("broken", "failover")'
            if opened.kind == FIELD and is_field(opened.text):
                hint = f'quote text: "{escaped(self._words[self._begun].text)}" in {opened.text}'
            raise self.fault(opened, "a list is missing here", hint=hint)
        closing = ")" if opened.text == "(" else "]"
        found: list[Literal] = []
        while not self.accept(SIGN, closing):
            if found and not self.accept(SIGN, ","):
                raise self.fault(self.word, "a comma or the end of the list is missing here")
            if not self.accept(SIGN, closing):
                found.append(self._literal())
            else:
                break
        return found

    def _literal(self) -> Literal:
        word = self.word
        if not self._at_value() and (word.kind != FIELD or word.text in KEYWORDS):
            raise self.fault(word, "a value is missing here", hint=sign_advice(self.previous, word))
        if word.kind == FIELD and is_field(word.text):
            hint = f'quote text: "{escaped(word.text)}"'
            if "." in word.text:
                hint = "two fields cannot be compared; `kleio ls --columns A,B` shows both"
            raise self.fault(word, "a field is compared with a value, not with another field", hint=hint)
        self._at += 1
        if word.text in CONSTANTS:
            return Literal(word, CONSTANTS[word.text])
        if word.kind == TEXT:
            return Literal(word, unquoted(word.text))
        number = reading(word.text)
        return Literal(word, word.text if number is None else number)


def _called(kind: str) -> str:
    return "compared as a number" if kind == "statistic" else f"a {kind}"


def _duration(text: str) -> float | None:
    from kleio.units import parse_duration

    try:
        return parse_duration(text)
    except ValueError:
        return None
