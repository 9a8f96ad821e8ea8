"""The hash of what makes two runs the same trial.

``id = sha256(canonical JSON of {schema, project, directory, argv, files, refers})``. Host, code and environment are
not part of it: they are compared when a trial resumes.
"""

from __future__ import annotations

from kleio.encoding import digest_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from kleio.trial.snapshot import CommandLine, Project

IDENTITY_SCHEMA = 1
SHORT = 7
"""How many characters of an id are shown when they suffice."""


def trial_id(command: CommandLine, project: Project, refers: Mapping[str, Any] | None = None) -> str:
    """The 64 hexadecimal digits that name this command in this project.

    The redacted argv is hashed: its secrets are keyed fingerprints, so equal secrets still make equal trials.
    ``refers`` is ``{"parent": id, "cut": …}`` for a branch, otherwise ``None``.
    """
    return digest_of(
        {
            "schema": IDENTITY_SCHEMA,
            "project": project.id,
            "directory": project.directory,
            "argv": normalised(command.redacted),
            "files": [[file.argument, file.digest] for file in command.files],
            "refers": dict(refers) if refers else None,
        }
    )


def normalised(argv: Sequence[str]) -> list[str]:
    """``argv`` with ``--option=value`` split in two, up to a ``--``: both spellings are one trial.

    Only the identity sees this; what runs is always what was typed.
    """
    result: list[str] = []
    for position, word in enumerate(argv):
        if word == "--":
            return result + list(argv[position:])
        name, equals, value = word.partition("=")
        if position and equals and name.startswith("--") and len(name) > 2:
            result += [name, value]
        else:
            result.append(word)
    return result


def shortest_unique(trial: str, others: Sequence[str], least: int = SHORT) -> str:
    """The shortest prefix of ``trial``, at least ``least`` long, that none of ``others`` shares."""
    length = least
    while length < len(trial) and any(other != trial and other.startswith(trial[:length]) for other in others):
        length += 1
    return trial[:length]
