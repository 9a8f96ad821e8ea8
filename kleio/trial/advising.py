"""What was probably meant where a filter goes wrong: habits of other languages, and text without quotation marks."""

from __future__ import annotations

from kleio.trial.fields import is_field
from kleio.trial.quoting import escaped
from kleio.trial.status import STATUSES
from kleio.trial.words import END, FIELD, NUMBER, SIGN, TEXT, in_quotes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kleio.trial.clauses import Field
    from kleio.trial.words import Word

MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!=", "=": "="}
KEYWORDS = frozenset({"and", "or", "not", "in", "is", "contains", "matches", "of"})
_DOUBLED = {"=>": ">=", "=<": "<=", "<>": "!=", "===": "=="}


def in_small_letters(word: Word) -> str | None:
    """``AND`` is ``and``."""
    small = word.text.lower()
    return (
        f"write `{small}`, in small letters"
        if word.kind == FIELD and small != word.text and small in KEYWORDS
        else None
    )


def sign_advice(before: Word, word: Word) -> str | None:
    """``=>`` is ``>=``."""
    meant = _DOUBLED.get(before.text + word.text) if before.kind == word.kind == SIGN else None
    return meant and f"write {meant}"


def nan_advice(field: Field, word: Word) -> str | None:
    """``stats.loss == nan`` is ``stats.loss is nan``; an option may be the text ``nan``, which stands in quotation
    marks."""
    if field.kind == "statistic" and word.text.strip("\"'").lower() == "nan":
        return f"write {field.name} is nan, or is not nan"
    if field.kind == "any" and word.kind == FIELD and word.text.lower() == "nan":
        return f'write {field.name} is nan, or is not nan; if it is a text, {field.name} == "{word.text}"'
    return None


def status_advice(word: str) -> str:
    """The status that was probably meant, or all of them."""
    from difflib import get_close_matches

    close = get_close_matches(word.lower(), sorted(STATUSES), n=1)
    return f"did you mean {close[0]}?" if close else f"the statuses are {', '.join(sorted(STATUSES))}"


def joining_advice(text: str, term: Sequence[Word], rest: Sequence[Word]) -> str | None:
    """Behind the comparison ``term`` comes ``rest``, and neither ``and`` nor ``or``."""
    word = rest[0]
    if len(term) < 3:
        return in_small_letters(word)
    left, sign, right = term[0], term[1], term[-1]
    if word.kind == SIGN and word.text in MIRRORED and sign.text in MIRRORED and right.kind == FIELD and len(rest) > 1:
        again = f"{right.text} {word.text} {rest[1].text}"
        return escaped(f"write {right.text} {MIRRORED[sign.text]} {left.text} and {again}")
    if word.kind in (FIELD, NUMBER) and right.kind in (FIELD, NUMBER) and not in_small_letters(word):
        ends = (other for other in rest if other.kind in (END, SIGN, TEXT) or other.text.lower() in ("and", "or"))
        several = text[right.start : next(ends).start].strip()
        advice = f"several words stand in quotation marks: {text[left.start : right.start]}{in_quotes(several)}"
        return escaped(advice) if is_field(left.text) else None
    return in_small_letters(word)


def order_advice(name: str) -> str | None:
    """``--sort a,b``: there is one field."""
    parts = [part.strip().lstrip("+-") for part in name.split(",")]
    if len(parts) < 2 or not all(map(is_field, parts)):
        return None
    return f"one field sorts, for example {escaped(parts[0])}"
