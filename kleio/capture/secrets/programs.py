"""Well-known programs that take a password where no name betrays it: ``curl -u me:pw``, ``mysql -ppw``."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

NEXT: dict[str, tuple[str, ...]] = {
    "sshpass": ("-p",),
    "redis-cli": ("-a",),
    "mongo": ("-p",),
    "mongosh": ("-p",),
    "mongodump": ("-p",),
    "mongorestore": ("-p",),
    "docker": ("-p",),
    "podman": ("-p",),
    "ldapsearch": ("-w",),
}
"""The word after this option is the password."""
PAIR: dict[str, tuple[str, ...]] = {
    "curl": ("-u", "--user", "-U", "--proxy-user"),
    "http": ("-a", "--auth"),
    "smbclient": ("-U", "--user"),
}
"""The word after this option is ``user:password`` (or ``user%password``)."""
ATTACHED: dict[str, str] = {"mysql": "-p", "mysqldump": "-p", "mysqladmin": "-p", "mariadb": "-p", "sshpass": "-p"}
"""The password follows the option's letter in the same word."""
LOGIN_ONLY = frozenset({"docker", "podman"})
"""There ``-p`` means a password after ``login`` only."""

PROGRAMS = frozenset(NEXT) | frozenset(PAIR) | frozenset(ATTACHED)


def secret_words(argv: Sequence[str]) -> dict[int, tuple[int, int]]:
    """Position of a word → where in it the password starts and ends."""
    found: dict[int, tuple[int, int]] = {}
    program = ""
    for position, word in enumerate(argv):
        base = os.path.basename(word)
        if base in PROGRAMS and not program:
            program = base
        elif program:
            if len(word) > 2 and word.startswith(ATTACHED.get(program, "\0")):
                found[position] = (2, len(word))
            before = argv[position - 1]
            if before in NEXT.get(program, ()) and (program not in LOGIN_ONLY or "login" in argv[:position]):
                found[position] = (0, len(word))
            elif before in PAIR.get(program, ()):
                cut = max(word.find(":"), word.find("%"))
                if 0 <= cut < len(word) - 1:
                    found[position] = (cut + 1, len(word))
    return found
