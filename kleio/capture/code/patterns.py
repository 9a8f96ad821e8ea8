"""Shell patterns over names and paths, quick for the usual ``*.suffix`` and ``PREFIX_*``.

A pattern matches a file's name, its whole path, or (for :meth:`Patterns.covers`) a directory above it, so that
``results`` takes out all that lies in any directory of that name.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SPECIAL = "*?["


def fits(text: str, pattern: str) -> bool:
    """Whether a text fits a shell pattern. Most are a name or the beginning of one: those need not be compiled."""
    start = pattern.removesuffix("*")
    if not any(mark in start for mark in SPECIAL):
        return text == pattern or (start != pattern and text.startswith(start))
    from fnmatch import fnmatchcase

    return fnmatchcase(text, pattern)


class Patterns:
    """A set of shell patterns, ready to match."""

    def __init__(self, patterns: Iterable[str]) -> None:
        words = [pattern.rstrip("/") for pattern in patterns if pattern.rstrip("/")]
        quick = [word for word in words if word[0] == "*" and not any(mark in word[1:] for mark in SPECIAL + "/")]
        self.texts = tuple(words)
        self._suffixes = tuple(word[1:] for word in quick)
        self._others = [word for word in words if word not in quick]

    def __bool__(self) -> bool:
        return bool(self.texts)

    def match(self, path: str) -> bool:
        """Whether the file's name or its whole path fits."""
        name = path.rsplit("/", 1)[-1]
        if self._suffixes and name.endswith(self._suffixes):
            return True
        return any(fits(path, pattern) or fits(name, pattern) for pattern in self._others)

    def covers(self, path: str) -> bool:
        """Whether the file or a directory above it fits."""
        if not self.texts:
            return False
        while path:
            if self.match(path):
                return True
            path = path.rpartition("/")[0]
        return False
