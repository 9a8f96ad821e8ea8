"""What a look at a work tree finds."""

from __future__ import annotations

from kleio.dataclass import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.capture.code.repository import Repository

    Triple = tuple[str, str, str]

UNSTABLE = "unstable"
"""Note: the tree changed while it was read."""
INCOMPLETE = "incomplete"
"""Note: a limit of time or size was hit."""
NO_COMMIT = "no commit"


class GitRefused(Exception):
    """git gave no answer; the message is a note for the record."""


@dataclass(frozen=True)
class Part:
    """One repository of a code version: the outer one (``prefix`` empty) or a changed submodule.

    ``unwatched`` are the changed files that git was told not to look at: no patch of git's shows them.
    """

    prefix: str
    repository: Repository
    commit: str | None
    changed: tuple[Triple, ...]
    untracked: tuple[Triple, ...]
    unwatched: frozenset[str] = frozenset()


@dataclass
class Findings:
    """What a look saw. ``parts`` are the repositories in which something differs from the commit."""

    commit: str | None
    branch: str | None
    digest: str = ""
    changed: list[Triple] = field(default_factory=list)
    untracked: list[Triple] = field(default_factory=list)
    submodules: dict[str, str | None] = field(default_factory=dict)
    """Those that are checked out, and repositories that lie inside: path → commit."""
    notes: set[str] = field(default_factory=set)
    parts: list[Part] = field(default_factory=list)
