"""Shell patterns over paths, quick for the usual ``*.suffix``.

A pattern matches a file's name, its whole path, or (for :meth:`Patterns.covers`) a directory above it, so that
``results`` takes out all that lies in any directory of that name.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SPECIAL = "*?["


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
        if self._suffixes and path.rsplit("/", 1)[-1].endswith(self._suffixes):
            return True
        return any(self._fits(pattern, path) for pattern in self._others)

    def covers(self, path: str) -> bool:
        """Whether the file or a directory above it fits."""
        if not self.texts:
            return False
        while path:
            if self.match(path):
                return True
            path = path.rpartition("/")[0]
        return False

    @staticmethod
    def _fits(pattern: str, path: str) -> bool:
        from fnmatch import fnmatchcase

        return fnmatchcase(path, pattern) or fnmatchcase(path.rsplit("/", 1)[-1], pattern)
