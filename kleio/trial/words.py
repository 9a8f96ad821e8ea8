"""A filter's text as words, each with its place, so that an error can point at it."""

from __future__ import annotations

import re

from kleio.dataclass import dataclass
from kleio.errors import FilterError
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

LONGEST = 1_000_000
"""Characters of a filter; a longer one was not written for reading."""
MARGIN = 36
"""Characters shown on each side of a fault in a long filter."""
LONGEST_WORD = 80
"""Characters shown of a name or value in an error; somebody's whole file may have been given for a filter."""
LONGEST_TEXT = 500
"""Characters of a message, and of a hint; some repeat what was written, blanks and all."""

FIELD, TEXT, NUMBER, SIGN, END = "field", "text", "number", "sign", "end"
_STRING = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\''
_PART = r"[\w/:@%+\-]+"
_FIELD = rf"[^\W\d][\w/:@%+\-]*(?:\.(?:{_PART}|{_STRING}))*"
_TOKEN = re.compile(
    rf"\s*(?:(?P<text>{_STRING})"
    r"|(?P<number>[+-]?\.?\d[\w.+\-]*|-inf\b)"
    rf"|(?P<field>{_FIELD})"
    r"|(?P<sign>==|!=|<=|>=|=|<|>|\(|\)|\[|\]|,)"
    r"|(?P<end>\Z))",
    re.DOTALL,
)
_PATH = re.compile(_FIELD, re.DOTALL)
_PLAIN_PART = re.compile(_PART)
_SEGMENT = re.compile(rf"{_STRING}|{_PART}", re.DOTALL)
_LONG_WORD = re.compile(rf"(\S{{{LONGEST_WORD}}})\S+")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", '"': '"', "'": "'", "\\": "\\"}
_FOREIGN = {
    "&": "write `and`", "|": "write `or`", "!": "write `not`, or != between two values", "~": "write `matches`",
    ":": 'a time of day stands in quotation marks, as in "2026-11-21 13:55"',
}  # fmt: skip


@dataclass(frozen=True)
class Word:
    """One word: its kind, its text as written, and where it begins."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def words_of(filter_text: str) -> list[Word]:
    """The words of a filter; the last is the end. Raises ``FilterError``."""
    if len(filter_text) > LONGEST:
        raise FilterError(f"the filter is longer than {LONGEST:,} characters")
    words: list[Word] = []
    position = 0
    while not words or words[-1].kind != END:
        match = _TOKEN.match(filter_text, position)
        if match is None:
            _refuse(filter_text, position, words[-1] if words else None)
        kind = str(match.lastgroup)
        words.append(Word(kind, match[kind], match.start(kind)))
        _check_escapes(filter_text, words[-1])
        position = match.end()
    return words


def _check_escapes(filter_text: str, word: Word) -> None:
    """Refuse a backslash in front of what it gives no meaning: who writes ``"\\d"`` does not look for ``"d"``."""
    for match in _ESCAPE.finditer(word.text) if "\\" in word.text else ():
        if match[2] and match[2] not in _ESCAPES:
            hint = r"a backslash is written \\; besides there are \" \' \n \t \r \0 and \u00e9"
            message = f"{escaped(match[0])} means nothing in quotation marks"
            raise fault(filter_text, word.start + match.start(), word.start + match.end(), message, hint=hint)


def _refuse(filter_text: str, position: int, before: Word | None) -> NoReturn:
    hint = None
    if before is not None and before.kind == FIELD and before.end == position:  # a name goes on there
        hint = quoting_advice(filter_text[before.start :].split()[0])
    while filter_text[position].isspace():
        position += 1
    character = filter_text[position]
    if character == "." and filter_text[position + 1 : position + 2] in ("'", '"'):
        position += 1
        character = filter_text[position]
    if character in "\"'":
        raise fault(filter_text, position, position + 1, "this quotation mark is never closed")
    hint = hint or _FOREIGN.get(character)
    raise fault(filter_text, position, position + 1, f"{escaped(character)} has no meaning here", hint=hint)


def fault(filter_text: str, start: int, end: int, message: str, *, hint: str | None = None) -> FilterError:
    """The error for what stands between two places: the message, the filter, and a caret below the fault."""
    return FilterError(
        f"{shortened(message)}\n{marked(filter_text, start, end)}", hint=None if hint is None else shortened(hint)
    )


def shortened(text: str) -> str:
    """What is said of a filter, without the rest of names and values that are too long for reading."""
    text = _LONG_WORD.sub(r"\1…", text)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def marked(filter_text: str, start: int, end: int) -> str:
    """The filter, or what of a long one is near, and below it a caret for each character between two places, or for
    the first of them."""
    margin = MARGIN if end - start <= LONGEST_WORD else 0
    end = min(end, start + LONGEST_WORD)
    begin = max(0, start - MARGIN) if len(filter_text) > 2 * MARGIN else 0
    stop = min(len(filter_text), max(end, start + 1) + margin) if len(filter_text) > 2 * MARGIN else len(filter_text)
    before = ("…" if begin else "") + _line(filter_text[begin:start])
    faulty = _line(filter_text[start : min(end, stop)])
    after = _line(filter_text[min(end, stop) : stop]) + ("…" if stop < len(filter_text) else "")
    shown = f"  {before}{faulty}{after}".rstrip()
    return f"{shown}\n  {' ' * len(before)}{'^' * max(1, len(faulty))}"


def _line(text: str) -> str:
    return escaped(re.sub(r"\s", " ", text))


def unquoted(text: str) -> str:
    """What a quoted text says."""
    return _ESCAPE.sub(
        lambda match: chr(int(match[1], 16)) if match[1] else _ESCAPES.get(match[2], match[0]), text[1:-1]
    )


def quoted_name(key: str) -> str:
    """A name as the filter language reads it back: parts that need quotation marks have them."""
    return ".".join(part if _PLAIN_PART.fullmatch(part) else in_quotes(part) for part in key.split("."))


def in_quotes(text: str) -> str:
    """``text`` in quotation marks."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def quoting_advice(written: str) -> str | None:
    """What to do about a field with characters that end a name."""
    root, _, key = written.partition(".")
    if not root.isidentifier() or not key or '"' in key or "'" in key or quoted_name(key) == key:
        return None
    return f"a name with such characters needs quotation marks: {escaped(f'{root}.{quoted_name(key)}')}"


def segments_of(path: str) -> list[tuple[str, bool]]:
    """The parts of a field's name, each with whether it was quoted; none if it is no such name."""
    if not _PATH.fullmatch(path):
        return []
    parts = [match[0] for match in _SEGMENT.finditer(path)]
    return [(unquoted(part), True) if part[0] in "\"'" else (part, False) for part in parts]
