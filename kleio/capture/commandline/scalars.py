"""Types a word as YAML would, for the spellings that mean the same to everybody.

Left out on purpose: ``yes``/``no``/``on``/``off``, octal and sexagesimal numbers, leading zeros (``007`` is a name),
infinities and ``nan``, and integers beyond 64 bits, which journals cannot hold.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    Scalar = int | float | bool | str | None

CONSTANTS: dict[str, bool | None] = {
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None,
}  # fmt: skip
NUMERIC = frozenset("0123456789+-.eE")
LONGEST = 64
LIMIT = 1 << 63


def typed(word: str) -> Scalar:
    """The value of a word; what is no number, ``true``, ``false`` or ``null`` is text."""
    if word in CONSTANTS:
        return CONSTANTS[word]
    if not word or len(word) > LONGEST or not NUMERIC.issuperset(word) or word[-1] in "eE+-":
        return word
    digits = word.lstrip("+-")
    if len(word) - len(digits) > 1 or not digits or digits[0] in "eE":
        return word
    whole = digits.partition(".")[0].lower().partition("e")[0]
    if len(whole) > 1 and whole[0] == "0":
        return word
    return _number(word, digits)


def _number(word: str, digits: str) -> Scalar:
    try:
        if digits.isdigit():
            number = int(word)
            return number if -LIMIT <= number < LIMIT else word
        value = float(word)
    except ValueError:
        return word
    return value if abs(value) != float("inf") else word
