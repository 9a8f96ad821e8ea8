"""Did you mean: the one word that somebody probably meant, or none. A wild guess is worse than none."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LIKENESS = 0.72
"""``lss`` and ``ls``, ``--statis`` and ``--status`` are as like; ``--bogus`` and ``--tags`` are not."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The word of ``known`` that is so like ``word`` that one may have been typed for the other."""
    from difflib import get_close_matches

    found = get_close_matches(word, list(known), 1, LIKENESS)
    return found[0] if found else None


def command_meant(words: Sequence[str]) -> str | None:
    """The command of kleio's that a line probably meant which named a program that is not there, by the name that the
    help has; of ``help`` the option that it stands for."""
    from kleio.cli.names import ALIASES, COMMANDS

    first = words[0] if words else ""
    if first == "help":
        return f"{words[1]} --help" if len(words) > 1 and words[1] in {*COMMANDS, *ALIASES} else "--help"
    meant = None if "/" in first else nearest(first, [*COMMANDS, *ALIASES])
    return ALIASES.get(meant, meant) if meant else None
