"""What a launch is asked to do, and what came of it."""

from __future__ import annotations

from contextlib import nullcontext

from kleio.connection.address import printable
from kleio.dataclass import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from typing import Any

    from kleio.journal.contract import Journal
    from kleio.settings import Settings


SILENT = 2.0
"""Seconds after which it is said that the journal is waited for when the command has ended."""


@dataclass(frozen=True)
class BranchOrder:
    """A branch with other options: ``changes`` are words, ``unset`` names, ``cut`` as typed (``None``: the end)."""

    changes: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    cut: str | None = None
    run: bool = True


@dataclass(frozen=True)
class LaunchRequest:
    """``words`` is the command as typed, or one word that selects a recorded trial (``by_id``).

    ``may_be_id`` lets a single word that is no executable select a trial. ``select`` finds a trial's document by such
    a word, ``ask`` gets a secret from the user (``None``: nobody can be asked), ``say`` and ``warn`` tell something;
    inside ``waiting`` is what may keep the user waiting, who is told why after so many seconds; ``remark`` tells one
    who waits already.
    """

    words: tuple[str, ...]
    settings: Settings
    select: Callable[[Journal, str], Mapping[str, Any]]
    say: Callable[[str], None]
    warn: Callable[[str], None]
    ask: Callable[[str], str] | None = None
    waiting: Callable[[str, float], AbstractContextManager[None]] = lambda text, seconds: nullcontext()
    remark: Callable[[str], None] = lambda text: None
    by_id: bool = False
    may_be_id: bool = False
    tags: tuple[str, ...] = ()
    name: str | None = None
    hide_output: bool = False
    offline: bool = False
    switch_over: bool = False
    allow: frozenset[str] = frozenset()
    """Of ``trial.branching.ALL_CHANGES``: those that make a branch instead of a refusal."""
    branch: BranchOrder | None = None

    def shipping(self, trial: str, deadline: float) -> AbstractContextManager[None]:
        """Inside, the rest of a command that has ended goes to the journal, for ``deadline`` seconds at most."""
        return self.waiting(
            f"trial {trial[:7]} is still being told to {printable(self.settings.journal)}, for {deadline:g} s at most; "
            "nothing is lost: `kleio ship` sends what is left then (Ctrl-C: do not wait)",
            SILENT,
        )


@dataclass(frozen=True)
class Outcome:
    """How the command ended. ``pending`` counts bytes that still wait in the spool for the journal.

    ``code`` is the command's exit code, or ``None`` when ``signal`` killed it; a command that could not be executed
    has neither, and ``failure`` tells why. ``lost`` counts bytes of output that the disk refused, ``cut``
    those between head and tail of an output that was too long to be kept. ``refers`` is the lineage of the trial.
    ``losses`` says what the script logged and could not be kept. ``aside``: the journal does not hold the attempt any
    more, see :mod:`kleio.spool.aside`.
    """

    trial: str
    status: str
    code: int | None
    signal: int | None
    why: str
    pending: int = 0
    failure: Exception | None = None
    lost: int = 0
    cut: int = 0
    refers: Mapping[str, Any] | None = None
    aside: bool = False
    losses: str = ""
