"""What is said of a word that selects more than one trial: which they are."""

from __future__ import annotations

from kleio.trial.identity import shortest_unique
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_CANDIDATES = 10
"""Trials that are shown; who looks for them need not look for more than one beyond."""


def ambiguous(word: str, candidates: Sequence[tuple[str, str, str]]) -> tuple[str, str]:
    """The message and the hint, of the id, the status and the command of each candidate."""
    ids = [trial for trial, _, _ in candidates]
    listed = candidates[:MOST_CANDIDATES]
    shown = [f"  {shortest_unique(trial, ids)} [{status}] {command}" for trial, status, command in listed]
    if len(ids) > MOST_CANDIDATES:
        shown.append("  …")
    count = str(len(ids)) if len(ids) <= MOST_CANDIDATES else f"more than {MOST_CANDIDATES}"
    by_id = all(one.startswith(word) for one in ids)
    hint = "type more characters of the id" if by_id else "name the one that is meant by its id"
    return "\n".join([f"'{escaped(word)}' fits {count} trials:", *shown]), hint
