"""The text of a regular expression as pieces: the part of Python's syntax that an automaton can follow."""

from __future__ import annotations

import re
import warnings

from kleio.dataclass import dataclass

LONGEST = 1_000
DEEPEST = 50
MOST_REPEATS = 1_000
ANY, START, END = "any", "start", "end"
_FLAGS = re.compile(r"\(\?([is]+)\)")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[dDwWsSnrtfvaAZ]|[^0-9a-zA-Z])", re.DOTALL)
_REPEAT = re.compile(r"(?:([*+?])|\{(?!\})([0-9]*)(,?)([0-9]*)\})\??")
_GROUP = re.compile(r"\((?:\?:|\?P<\w+>|(?!\?))")


class PatternError(ValueError):
    """Why an expression cannot be used."""


@dataclass(frozen=True)
class Piece:
    """``any`` (one character that fits ``text``), ``start``, ``end``, ``sequence``, ``choice`` or ``repeat``."""

    kind: str
    text: str = ""
    parts: tuple[Piece, ...] = ()
    least: int = 1
    most: int | None = 1


def parse_pattern(text: str) -> tuple[int, Piece]:
    """The flags of :mod:`re` and the pieces. Raises ``PatternError``."""
    if len(text) > LONGEST:
        raise PatternError(f"it is longer than {LONGEST:,} characters")
    flags = 0
    match = _FLAGS.match(text)
    if match:
        flags = (re.IGNORECASE if "i" in match[1] else 0) | (re.DOTALL if "s" in match[1] else 0)
        text = text[match.end() :]
    return flags, _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def whole(self) -> Piece:
        piece = self._choice(0)
        if self._at < len(self._text):
            raise PatternError("a bracket is closed that was never opened")
        return piece

    def _choice(self, depth: int) -> Piece:
        if depth > DEEPEST:
            raise PatternError(f"it is nested more than {DEEPEST} levels deep")
        alternatives: list[list[Piece]] = [[]]
        while self._at < len(self._text) and self._text[self._at] != ")":
            if self._text[self._at] == "|":
                self._at += 1
                alternatives.append([])
            else:
                alternatives[-1].append(self._repeated(self._piece(depth)))
        parts = tuple(Piece("sequence", parts=tuple(parts)) for parts in alternatives)
        return parts[0] if len(parts) == 1 else Piece("choice", parts=parts)

    def _piece(self, depth: int) -> Piece:
        character = self._text[self._at]
        if character == "(":
            return self._group(depth)
        if character in "^$":
            self._at += 1
            return Piece(START if character == "^" else END)
        if character == "[":
            return self._one(_CLASS, "a [ is never closed")
        if character == "\\":
            piece = self._one(_ESCAPE, "back references, \\b and other looks around are not to be had")
            return {r"\A": Piece(START), r"\Z": Piece(END)}.get(piece.text, piece)
        if _REPEAT.match(self._text, self._at):
            raise PatternError(f"{character} repeats nothing")
        self._at += 1
        return Piece(ANY, "." if character == "." else re.escape(character))

    def _group(self, depth: int) -> Piece:
        match = _GROUP.match(self._text, self._at)
        if match is None:
            raise PatternError("looking around, conditions and flags inside are not to be had")
        self._at = match.end()
        piece = self._choice(depth + 1)
        if self._at >= len(self._text):
            raise PatternError("a ( is never closed")
        self._at += 1
        return piece

    def _one(self, form: re.Pattern[str], complaint: str) -> Piece:
        match = form.match(self._text, self._at)
        if match is None:
            raise PatternError(complaint)
        self._at = match.end()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # about what [[ may mean one day
                re.compile(match[0])
        except re.error as error:
            raise PatternError(str(error))
        return Piece(ANY, match[0])

    def _repeated(self, piece: Piece) -> Piece:
        match = _REPEAT.match(self._text, self._at)
        if match is None:
            return piece
        if piece.kind in (START, END):
            raise PatternError(f"{match[0]} repeats nothing")
        self._at = match.end()
        if _REPEAT.match(self._text, self._at) and self._text[self._at] in "*+?":
            raise PatternError("a repetition is repeated; put it into brackets")
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(match[1] or "", (0, None))
        if match[1] is None:
            least = int(match[2] or 0)
            most = least if not match[3] else int(match[4]) if match[4] else None
        if max(least, most or 0) > MOST_REPEATS:
            raise PatternError(f"{match[0]} asks for more repetitions than {MOST_REPEATS:,}")
        if most is not None and most < least:
            raise PatternError(f"{match[0]} is no number of repetitions")
        return Piece("repeat", parts=(piece,), least=least, most=most)
