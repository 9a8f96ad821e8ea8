"""Did you mean: the one word that somebody probably meant, or none. A wild guess is worse than none."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LIKENESS = 0.72
"""``lss`` and ``ls``, ``--statis`` and ``--status`` are as like; ``--bogus`` and ``--tags`` are not."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The word of ``known`` that is so like ``word`` that one may have been typed for the other."""
    from difflib import get_close_matches

    found = get_close_matches(word, list(known), 1, LIKENESS)
    return found[0] if found else None


def command_meant(words: Iterable[str]) -> str | None:
    """The command of kleio's that a line probably meant which named a program that is not there, by the name that the
    help has."""
    from kleio.cli.names import ALIASES, COMMANDS

    first = next(iter(words), "")
    meant = None if "/" in first else nearest(first, [*COMMANDS, *ALIASES])
    return ALIASES.get(meant, meant) if meant else None
