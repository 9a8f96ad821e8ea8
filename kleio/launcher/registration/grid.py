"""Many commands out of one line: ``--lr 0.1,0.01 --seed 1..5`` is a grid of ten.

Only values of options are looked at. ``a,b,c`` lists values; ``1..5`` and ``0..100..25`` are ranges of integers, both
ends included; both may be mixed (``1..3,7``). Commas inside brackets, braces or quotes belong to the value
(``[64,64],[128,128]`` lists two), and so does one after a backslash (``a\\,b``).
"""

from __future__ import annotations

import random
import re

from kleio.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?")
OPTION = re.compile(r"--?[A-Za-z_]")
MOST = 10_000
_OPEN, _CLOSE, _QUOTES = "([{", ")]}", "\"'"


def expand(argv: Sequence[str], sample: int | None = None, seed: int = 0) -> list[tuple[str, ...]]:
    """Every command of the grid, the last option varying fastest; or ``sample`` of them, drawn by ``seed``.

    Raises ``UsageError`` if nothing varies or there are too many.
    """
    choices = [_choices(word, position, argv) for position, word in enumerate(argv)]
    total = 1
    for each in choices:
        total *= len(each)
    if total == 1:
        raise UsageError("nothing varies in this command", hint="kleio sweep python train.py --lr 0.1,0.01 --seed 1..5")
    wanted = total if sample is None else min(sample, total)
    if wanted > MOST:
        raise UsageError(f"that would be {wanted} trials, more than {MOST}", hint="draw some of them: --sample N")
    numbers = range(total) if wanted == total else sorted(random.Random(seed).sample(range(total), wanted))  # noqa: S311
    return [_combination(choices, number) for number in numbers]


def _combination(choices: Sequence[Sequence[str]], number: int) -> tuple[str, ...]:
    """The command with this number: the digits of a number whose places have different bases."""
    words = []
    for each in reversed(choices):
        number, place = divmod(number, len(each))
        words.append(each[place])
    return tuple(reversed(words))


def _choices(word: str, position: int, argv: Sequence[str]) -> list[str]:
    """The words that may stand here: several if this is an option's value that lists them."""
    if position == 0:
        return [word]
    name, equals, value = word.partition("=")
    if OPTION.match(word):
        return [f"{name}={each}" for each in values(value)] if equals else [word]
    before = argv[position - 1]
    if position > 1 and OPTION.match(before) and "=" not in before:
        return values(word)
    return [word]


def values(text: str) -> list[str]:
    """The values that ``text`` lists, each once; itself if it lists none."""
    found = [each for piece in _pieces(text) for each in _range(piece)]
    return list(dict.fromkeys(found)) if found else [text]


def _range(piece: str) -> Iterator[str]:
    match = RANGE.fullmatch(piece)
    if match is None:
        yield piece
        return
    first, last = int(match[1]), int(match[2])
    step = int(match[3] or 1)
    if step == 0:
        raise UsageError(f"the range {piece!r} never gets anywhere", hint="FIRST..LAST..STEP with a step that is not 0")
    step = abs(step) if last >= first else -abs(step)
    if abs(last - first) // abs(step) >= MOST:
        raise UsageError(f"the range {piece!r} has more than {MOST} values")
    for number in range(first, last + (1 if step > 0 else -1), step):
        yield str(number)


def _pieces(text: str) -> list[str]:
    """``text`` cut at its outer commas, without the backslashes that protected others."""
    pieces, piece, depth, quote, position = [], "", 0, "", 0
    while position < len(text):
        character = text[position]
        position += 1
        if character == "\\" and text[position : position + 1] == ",":
            piece += ","
            position += 1
        elif quote or character in _QUOTES:
            quote = "" if character == quote else quote or character
            piece += character
        elif character == "," and depth <= 0:
            pieces.append(piece)
            piece = ""
        else:
            depth += (character in _OPEN) - (character in _CLOSE)
            piece += character
    return [*pieces, piece]
