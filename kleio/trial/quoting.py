"""A command as one line that a shell would read back as the same command, whatever its words hold."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Characters that a terminal obeys, hides or reorders by instead of showing them, and bytes that are not text."""

_PLAIN = re.compile(r"[\w@%+=:,./-]+", re.ASCII)
"""Words that mean themselves to a shell; the set of :func:`shlex.quote`, whose quotes the others have."""
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}


def quoted(argv: Sequence[str]) -> str:
    """``argv`` quoted for a shell; words with unprintable characters in bash's ``$'…'``, so that they are seen."""
    if not all(map(_PLAIN.fullmatch, argv)):
        argv = [_quoted_word(word) for word in argv]
    return " ".join(argv)


def escaped(text: str) -> str:
    """``text`` with its unprintable characters spelled out: fit for any terminal."""
    return UNPRINTABLE.sub(_spelled, text)


def _quoted_word(word: str) -> str:
    if _PLAIN.fullmatch(word):
        return word
    if not UNPRINTABLE.search(word):
        return "'" + word.replace("'", "'\"'\"'") + "'"
    return "$'" + escaped(word.replace("\\", "\\\\").replace("'", "\\'")) + "'"


def _spelled(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if 0xDC80 <= code <= 0xDCFF:  # how Python holds a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
